"""Rules about style, which a project switches on with the setting `lint_rules`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from limbeck.dialects import TextRules
from limbeck.lint.column_definitions import (
    column_definitions,
    pattern,
    table_items,
    without_strings,
)

StyleCheck = Callable[[str, TextRules], Iterator[str]]
"""Takes a statement and what is known of the database; yields what it finds."""
_SMALL = pattern(
    r"(?:INT(?:EGER)?|INT[24]|SMALLINT|MEDIUMINT|TINYINT(?! \( 1 \))|SMALLSERIAL|SERIAL[24]?)(?!\w)"
)
_SIZED_TEXT = pattern(
    r"(?:VARCHAR|CHARACTER VARYING) \(|(?:CHARACTER|N?CHAR|BPCHAR)(?! VARYING|\w)"
)
_LOCAL_TIME = pattern(
    r"TIMESTAMP(?: \( \d \))?(?! WITH TIME ZONE)(?: WITHOUT| NOT| NULL| DEFAULT|$)"
)
_SERIAL = pattern(r"(?:SMALL|BIG)?SERIAL[248]?(?!\w)")
_JSON = pattern(r"JSON(?!\w)")
_NEW_TABLE = pattern(
    r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\S+(?: \. \S+)?) \((?! LIKE\b)"
)
_WITH_KEY = pattern(r"\bPRIMARY KEY\b|\) (?:INHERITS|AS)\b|, LIKE\b")
_TABLE = pattern(
    r"(?:CREATE|ALTER|DROP) (?:UNLOGGED )?TABLE (?:IF (?:NOT )?EXISTS )?(?:ONLY )?(\S+)( \.)?"
)
_CONSTRAINT = pattern(r"(?:ADD )?(FOREIGN KEY|UNIQUE|CHECK|EXCLUDE)\b")
_OF_COLUMN = pattern(r"\b(REFERENCES|UNIQUE|CHECK)\b")
_NAMED_OF_COLUMN = pattern(r"\bCONSTRAINT \S+ (?:REFERENCES|UNIQUE|CHECK)\b")
_ADDED_VALUE = pattern(r"ALTER TYPE\b.*\bADD VALUE\b(?!.*\b(?:BEFORE|AFTER)\b)")


def _of_type(types: re.Pattern[str], words: str) -> StyleCheck:
    def check(statement: str, rules: TextRules) -> Iterator[str]:
        for name, definition in column_definitions(statement, rules.quoting):
            if types.match(definition):
                yield f"{name} {words}"

    return check


def _no_primary_key(statement: str, rules: TextRules) -> Iterator[str]:
    text = without_strings(statement, rules.quoting)
    found = _NEW_TABLE.match(text)
    if found is not None and not _WITH_KEY.search(text):
        yield f"{found[1].replace(' ', '')} has none"


def _unnamed(statement: str, rules: TextRules) -> Iterator[str]:
    for item in table_items(statement, rules.quoting):
        if found := _CONSTRAINT.match(item):
            following = item[found.end() :].split()
            if rules.names_follow_kind and following[:1] != ["("]:
                continue
            yield f"{found[1].upper()} has no name"
    for name, definition in column_definitions(statement, rules.quoting):
        named = len(_NAMED_OF_COLUMN.findall(definition))
        kinds = _OF_COLUMN.findall(definition)
        if len(kinds) > named:
            yield f"{kinds[-1].upper()} of {name} has no name"


def _unqualified(statement: str, rules: TextRules) -> Iterator[str]:
    found = _TABLE.match(without_strings(statement, rules.quoting))
    if found is not None and found[2] is None:
        yield f"{found[1]} is looked up in the search_path"


def _last_value(statement: str, rules: TextRules) -> Iterator[str]:
    if _ADDED_VALUE.match(without_strings(statement, rules.quoting)):
        yield "it becomes the largest value"


STYLE_CHECKS: tuple[tuple[str, StyleCheck], ...] = (
    ("LM801", _of_type(_SMALL, "has 32 bits or less")),
    ("LM802", _of_type(_SIZED_TEXT, "is a character type with a length")),
    ("LM803", _of_type(_LOCAL_TIME, "has no time zone")),
    ("LM804", _of_type(_SERIAL, "is a serial")),
    ("LM805", _of_type(_JSON, "is json")),
    ("LM806", _no_primary_key),
    ("LM807", _unnamed),
    ("LM808", _unqualified),
    ("LM809", _last_value),
)
