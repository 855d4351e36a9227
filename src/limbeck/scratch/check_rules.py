"""What CHECK constraints ask of the values of a column, as far as their text is simple."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from limbeck.catalog import Check

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_LITERAL = rf"(?:{_NUMBER}|'(?:[^']|'')*')"
_CAST = re.compile(
    r"::\s*\"?[a-z_][\w]*\"?(?:\s+(?:varying|precision|with(?:out)? time zone))?"
    r"(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])?",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"[`\"\[\]]")
_INTRODUCER = re.compile(r"\b_utf8(?:mb[34])?\s*'", re.IGNORECASE)
_COMPARISON = re.compile(rf"\b(\w+)\s*(<=|>=|<>|!=|=|<|>)\s*({_LITERAL})")
_BETWEEN = re.compile(rf"\b(\w+)\s+BETWEEN\s+({_LITERAL})\s+AND\s+({_LITERAL})", re.IGNORECASE)
_IN = re.compile(rf"\b(\w+)\s+IN\s*\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)\s*\)", re.IGNORECASE)
_ANY = re.compile(
    rf"\b(\w+)\s*=\s*ANY\s*\(+\s*ARRAY\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)", re.IGNORECASE
)
_LENGTHS = re.compile(
    r"\b(?:char_length|character_length|octet_length|length)\s*\(\s*(?:TRIM\s*\(\s*)?(\w+)\s*\)*\s*(<=|>=|=|<|>)"
    r"\s*(\d+)",
    re.IGNORECASE,
)
_JSON = re.compile(r"\bjson_valid\s*\(\s*(\w+)\s*\)", re.IGNORECASE)
_ORDERED = re.compile(r"\b([a-z_]\w*)\s*(<=|>=|<|>)\s*([a-z_]\w*)\b(?!\s*\()", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What checks ask of a column's values. None, or nothing, asks for nothing.

    Args:
        values: the only values.
        least: the least number.
        greatest: the greatest number.
        shortest: the least length.
        longest: the greatest length.
        above: a column whose value is less.
        is_json: the text is JSON.
    """

    values: tuple[str, ...] = ()
    least: float | None = None
    greatest: float | None = None
    shortest: int = 0
    longest: int | None = None
    above: str | None = None
    is_json: bool = False


def value_rules(checks: Iterable[Check], columns: Iterable[str]) -> Mapping[str, ValueRule]:
    """Return what checks ask of each column.

    Args:
        checks: the constraints of a table.
        columns: the names of the table's columns.
    """
    names = {name.lower(): name for name in columns}
    unusual = {
        f"limbeck_{place}": name
        for place, name in enumerate(names.values())
        if not re.fullmatch(r"\w+", name)
    }
    names |= unusual
    rules: dict[str, ValueRule] = {}

    def change(word: str, **fields: object) -> None:
        name = names.get(word.lower())
        if name is not None:
            rules[name] = replace(rules.get(name, ValueRule()), **fields)  # type: ignore[arg-type]

    for check in checks:
        text = _plain(_with_plain_names(check.expr.text, unusual))
        for word, fields in _single_rules(text):
            change(word, **fields)
        for found in _ORDERED.finditer(_LENGTHS.sub(" ", text)):
            is_less = found[2][0] == "<"
            less, greater = (found[1], found[3]) if is_less else (found[3], found[1])
            if less.lower() in names and greater.lower() in names:
                change(greater, above=names[less.lower()])
    return rules


def _with_plain_names(text: str, unusual: Mapping[str, str]) -> str:
    """Replace the quoted names of columns that are no words."""
    for word, name in unusual.items():
        for mark in '"`':
            text = text.replace(f"{mark}{name.replace(mark, 2 * mark)}{mark}", word)
    return text


def _single_rules(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the columns that a check names, with what it asks of each."""
    for pattern in (_IN, _ANY):
        for found in pattern.finditer(text):
            yield found[1], {"values": tuple(map(_value, re.findall(_LITERAL, found[2])))}
    for found in _BETWEEN.finditer(text):
        if _is_number(found[2]) and _is_number(found[3]):
            yield found[1], {"least": float(found[2]), "greatest": float(found[3])}
    for found in _LENGTHS.finditer(text):
        yield found[1], _length_fields(found[2], int(found[3]))
    for found in _COMPARISON.finditer(_LENGTHS.sub(" ", text)):
        yield found[1], _comparison_fields(found[2], found[3])
    for found in _JSON.finditer(text):
        yield found[1], {"is_json": True}


def _plain(text: str) -> str:
    """Return a check without casts, quotes of identifiers and needless parentheses."""
    text = _INTRODUCER.sub("'", _CAST.sub("", text))
    pieces = re.split(r"('(?:[^']|'')*')", text)
    text = "".join(p if p.startswith("'") else _QUOTES.sub(" ", p) for p in pieces)
    previous = ""
    while previous != text:
        previous = text
        # the argument of a function and a list of values stay in parentheses
        text = re.sub(rf"(?<![\w])(?<!\bIN )(?<!\bIN)\(\s*({_LITERAL}|\w+)\s*\)", r" \1 ", text)
    return text


def _length_fields(operator: str, number: int) -> dict[str, object]:
    match operator:
        case ">":
            return {"shortest": number + 1}
        case ">=":
            return {"shortest": number}
        case "<":
            return {"longest": number - 1}
        case "<=":
            return {"longest": number}
        case _:
            return {"shortest": number, "longest": number}


def _comparison_fields(operator: str, literal: str) -> dict[str, object]:
    if not _is_number(literal):
        if operator == "=":
            return {"values": (_value(literal),)}
        return {"shortest": 1} if literal == "''" else {}
    number = float(literal)
    fields: dict[str, dict[str, object]] = {
        ">": {"least": number + 1},
        ">=": {"least": number},
        "<": {"greatest": number - 1},
        "<=": {"greatest": number},
        "=": {"values": (literal,)},
    }
    return fields.get(operator, {})


def _is_number(literal: str) -> bool:
    return re.fullmatch(_NUMBER, literal) is not None


def _value(literal: str) -> str:
    return literal[1:-1].replace("''", "'") if literal.startswith("'") else literal
