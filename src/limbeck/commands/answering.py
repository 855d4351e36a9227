"""Answers for a comparison: what was typed over what the project's file of answers holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck.project import BadValue, Project, read_answers

if TYPE_CHECKING:
    from limbeck.autogenerate import Answers


@dataclass(frozen=True, slots=True)
class Told:
    """What was said on the command line, or by a program.

    Attributes:
        renames: `old=new` of tables, columns and values of enum types.
        policy: what to do about likely renames; the project's setting when None.
        fills: `table.column=sql` for rows that are there.
        casts: `table.column=sql` for changes of type.
        values: `enum.value=other` for values that are dropped.
        ask: asks a person about one guess.
        ask_value: asks a person for a value: the question, and what may be chosen from.
    """

    renames: tuple[str, ...] = ()
    policy: str | None = None
    fills: tuple[str, ...] = ()
    casts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    ask: Callable[[Any], bool] | None = None
    ask_value: Callable[[str, tuple[str, ...]], str | None] | None = None


def answers(project: Project, told: Told) -> Answers:
    """Join what was told with the project's settings and its file of answers.

    Raises:
        BadValue: a policy or an answer that makes no sense.
    """
    from limbeck.autogenerate import POLICIES, Answers

    default = "ask" if project.detect == "all" else "never"
    policy = told.policy or project.option("renames") or default
    if policy not in POLICIES:
        raise BadValue(f"renames is {policy!r}", hint=f"Write one of {', '.join(POLICIES)}.")
    noted = _noted(project)
    return Answers(
        renames=told.renames,
        noted_renames=tuple(f"{old}={new}" for old, new in noted.get("renames", {}).items()),
        policy=policy,
        ask=told.ask,
        ask_value=told.ask_value,
        looks=True,
        fills={**noted.get("fill", {}), **_pairs(told.fills, "--fill")},
        casts={**noted.get("using", {}), **_pairs(told.casts, "--using")},
        values={**noted.get("replace", {}), **_pairs(told.values, "--replace")},
    )


def _noted(project: Project) -> Mapping[str, Mapping[str, str]]:
    given = project.option("answers")
    if given is not None:
        return read_answers(_found(project, Path(str(given))))
    usual = project.location / "answers.toml"
    return read_answers(usual) if usual.is_file() else {}


def _found(project: Project, path: Path) -> Path:
    """Look beside the configuration for what is not in the current folder."""
    config = project.config
    if path.exists() or config is None:
        return path
    names = (config.config_file_name, config.toml_file_name)
    beside = (Path(name).parent / path for name in names if name is not None)
    return next((each for each in beside if each.exists()), path)


def _pairs(words: Iterable[str], option: str) -> dict[str, str]:
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or "." not in name:
            raise BadValue(
                f"{option} {word!r} says nothing", hint=f"Write {option} NAME.PART=WORDS."
            )
        found[name] = value
    return found
