"""Parse simple command lines without argparse.

Building the parser takes longer than listing a history. argparse processes all other command lines
(abbreviations, mistakes, --help) and reports all errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from limbeck.cli.arguments import COMMANDS, GLOBAL, OPTIONS, CommandSpec, Option

TYPE_CHECKING = False

if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any
else:
    # without the import of argparse
    Namespace = object


class ParsedArguments(Namespace):
    """The arguments by name, like the `Namespace` of argparse."""

    def __init__(self, **words: Any) -> None:
        vars(self).update(words)

    def __repr__(self) -> str:
        return f"Namespace({', '.join(f'{name}={word!r}' for name, word in vars(self).items())})"

    def __eq__(self, other: object) -> bool:
        return vars(self) == getattr(other, "__dict__", None)

    __hash__ = None

    def __contains__(self, name: str) -> bool:
        return name in vars(self)


class _NotPlainError(Exception):
    """A command line that argparse has to process."""


def read(words: Sequence[str]) -> ParsedArguments | None:
    """Return the parsed arguments; None if argparse has to process them."""
    try:
        left = iter(words)
        found = _defaults(GLOBAL)
        command = _take(left, GLOBAL, found)
        spec = next((one for one in COMMANDS if one.name == command), None)
        if spec is None or spec.actions:
            return None
        return ParsedArguments(**found, **_of_command(left, spec), command=command)
    except _NotPlainError:
        return None


def _of_command(left: Iterator[str], spec: CommandSpec) -> dict[str, Any]:
    known = tuple(OPTIONS[name] for name in spec.arguments)
    places = [option for option in known if not option.flags]
    found = _defaults(known)
    given: list[str] = []
    is_closed = False
    while (word := _take(left, known, found)) is not None:
        if is_closed:
            # argparse accepts positional arguments only if they are adjacent
            raise _NotPlainError
        given.append(word)
        for word in left:
            if word.startswith("-"):
                left = _again(word, left)
                is_closed = True
                break
            given.append(word)
    for option in places:
        count = option.settings.get("nargs")
        if count == "?" and not given:
            found[option.name] = option.settings.get("default")
            continue
        if count not in {None, "+", "?"} or not given:
            raise _NotPlainError
        is_list = count == "+"
        taken, given = (given, []) if is_list else (given[:1], given[1:])
        values = [_value(option, word) for word in taken]
        found[option.name] = values if is_list else values[0]
    if given:
        raise _NotPlainError
    return found


def _again(word: str, left: Iterator[str]) -> Iterator[str]:
    yield word
    yield from left


def _defaults(options: Sequence[Option]) -> dict[str, Any]:
    return {
        option.name: option.settings.get(
            "default", False if option.settings.get("action") == "store_true" else None
        )
        for option in options
        if option.flags
    }


def _take(left: Iterator[str], options: Sequence[Option], found: dict[str, Any]) -> str | None:
    """Read options into `found`; return the first other word, None at the end."""
    for word in left:
        if not word.startswith("-"):
            return word
        flag, sign, text = word.partition("=")
        option = next((one for one in options if flag in one.flags), None)
        if option is None or (sign and not (text and flag.startswith("--"))):
            raise _NotPlainError
        action = option.settings.get("action")
        if action == "store_true" and not sign:
            found[option.name] = True
            continue
        if not sign:
            text = next(left, "-")
            if text.startswith("-"):
                raise _NotPlainError
        if action == "append":
            found[option.name] = [*(found[option.name] or ()), _value(option, text)]
        elif action is None:
            found[option.name] = _value(option, text)
        else:
            raise _NotPlainError
    return None


def _value(option: Option, text: str) -> Any:
    kind = option.settings.get("type", str)
    try:
        value = kind(text)
    except Exception:  # noqa: BLE001 - argparse converts the value again, and reports the error
        raise _NotPlainError from None
    if value not in option.settings.get("choices", (value,)):
        raise _NotPlainError
    return value
