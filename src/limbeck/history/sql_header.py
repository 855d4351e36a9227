"""Read the header of a revision written in SQL: the comments at the top of the file.

A file without a line `-- revision:` in these comments is not a revision.
"""

from __future__ import annotations

import re

from limbeck.history.errors import UnreadableHeaderError
from limbeck.history.revision import KINDS, PHASES, Revision

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SQL_SUFFIX = ".sql"
_SETTING = re.compile(
    r"(revision|down_revision|branch_labels|depends_on|replaces|kind|phase)[ \t]*:[ \t]*(.*)"
)
_OTHER_SETTING = re.compile(r"([a-z]+_[a-z_]+|revises)[ \t]*:", re.IGNORECASE)


def read_sql_header(text: str, path: Path | str | None = None) -> Revision | None:
    """Read the header of a SQL file.

    Args:
        text: the content of the file with normalized line breaks.
        path: the path of the file, for messages.

    Returns:
        The revision, None if the file is not a revision.

    Raises:
        UnreadableHeaderError: a line of the header is repeated, misspelt or has no value.
    """
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    words: list[str] = []
    unknown: list[tuple[int, str]] = []
    for number, line in _comments(text):
        setting = _SETTING.fullmatch(line)
        if setting is not None:
            name, value = setting[1], setting[2].strip()
            if name in found:
                raise _unreadable(path, number, f"`{name}` is given twice")
            found[name], lines[name] = value, number
        elif _OTHER_SETTING.match(line):
            unknown.append((number, line))
        elif not found:
            words.append(line)
    if "revision" not in found:
        return None
    if unknown:
        raise _unreadable(path, unknown[0][0], f"`{unknown[0][1]}` is not known")
    if not found["revision"]:
        raise _unreadable(path, lines["revision"], "`revision` has no value")
    _expect_choices(found, lines, path)
    doc = "\n".join(words).strip()
    return Revision(
        found["revision"],
        _names(found.get("down_revision", "")),
        _names(found.get("depends_on", "")),
        frozenset(_names(found.get("branch_labels", ""))),
        doc.partition("\n\n")[0],
        path,
        "sql",
        doc,
        replaces=_names(found.get("replaces", "")),
        kind=found.get("kind") or KINDS[0],
        phase=found.get("phase", ""),
    )


def _expect_choices(
    found: Mapping[str, str], lines: Mapping[str, int], path: Path | str | None
) -> None:
    for name, allowed in (("kind", KINDS), ("phase", PHASES)):
        if found.get(name) and found[name] not in allowed:
            words = f"`{name}` is '{found[name]}', not {' or '.join(allowed)}"
            raise _unreadable(path, lines[name], words)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield the comment lines at the top of a file with line numbers, without the dashes."""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("-- limbeck:"):
            return
        if stripped.startswith("--"):
            yield number, stripped.removeprefix("--").strip()
        elif stripped:
            return


def _names(value: str) -> tuple[str, ...]:
    names = (name.strip() for name in value.split(","))
    return tuple(dict.fromkeys(name for name in names if name and name != "None"))


def _unreadable(path: Path | str | None, line: int, words: str) -> UnreadableHeaderError:
    place = None if path is None else f"{path}:{line}"
    return UnreadableHeaderError(
        f"{place or f'line {line}'}: {words}",
        hint="The header of a SQL revision has the lines `-- revision: <id>`, "
        "`-- down_revision: <id>` and, if needed, `-- branch_labels:`, `-- depends_on:`, "
        "`-- kind:` and `-- phase:`. Several values are separated by commas.",
        place=place,
    )
