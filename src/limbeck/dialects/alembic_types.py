"""How far Alembic tells column types apart, from the text of both.

Projects that have not asked for more rely on what it does not see: a length that only one
side gives, and words that a database prints for the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

NUMBERS = frozenset({"NUMERIC", "DECIMAL"})

SYNONYMS: Mapping[str, tuple[frozenset[str], ...]] = {
    "postgresql": (NUMBERS, frozenset({"FLOAT", "DOUBLE PRECISION"})),
    "mysql": (NUMBERS, frozenset({"BOOL", "TINYINT"}), frozenset({"JSON", "LONGTEXT"})),
    "mariadb": (NUMBERS, frozenset({"BOOL", "TINYINT"}), frozenset({"JSON", "LONGTEXT"})),
    "mssql": (NUMBERS, frozenset({"VARCHAR", "NVARCHAR"})),
    "oracle": (
        NUMBERS,
        frozenset({"VARCHAR", "VARCHAR2"}),
        frozenset({"BIGINT", "INTEGER", "SMALLINT", "DECIMAL", "NUMERIC", "NUMBER"}),
        frozenset({"DOUBLE", "FLOAT", "DOUBLE_PRECISION"}),
    ),
}
"""Words for one type, by database; the others have `NUMBERS` alone."""

ARGUMENT_WORDS: Mapping[str, tuple[str, ...]] = {
    "mysql": (r"character set ([\w\-_]+)", r"collate ([\w\-_]+)"),
    "mariadb": (r"character set ([\w\-_]+)", r"collate ([\w\-_]+)"),
}
"""Patterns of words that count only where both sides say them."""

_PIECES = re.compile(r"[^\s(,]+|\([^)]*\)|,")


class Params(NamedTuple):
    """A type's text taken apart: its first word, the further words, what stands in brackets."""

    token0: str | None
    tokens: list[str]
    args: list[str]
    kwargs: dict[str, str]


def type_params(sql: str) -> Params:
    """Take the text of a type apart.

    `kwargs` are the arguments of the form `name=value`.
    """
    words: list[str] = []
    args: list[str] = []
    named: dict[str, str] = {}
    for piece in _PIECES.findall(sql.lower()):
        if not piece.startswith("("):
            words.append(piece)
            continue
        for argument in re.split(r"\s*,\s*", piece[1:-1].strip()):
            name, equals, value = argument.partition("=")
            if equals:
                named[name.strip()] = value.strip()
            elif argument:
                args.append(argument)
    return Params(words[0] if words else None, words[1:], args, named)


def is_same_type(
    have: Params, want: Params, synonyms: Iterable[Collection[str]] = (NUMBERS,)
) -> bool:
    """Tell whether two types have the same name, or two names for the same."""
    if have.token0 == want.token0:
        return True
    whole = {_phrase(have), _phrase(want)}
    firsts = {have.token0, want.token0}
    return any(
        whole <= known or firsts <= known
        for known in ({word.lower() for word in words} for words in synonyms)
    )


def has_same_arguments(have: Params, want: Params, patterns: Sequence[str] = ()) -> bool:
    """Tell whether what both types say beyond their name agrees; one may say less."""
    for mine, theirs in ((have.tokens, want.tokens), (have.args, want.args)):
        if len(mine) == len(theirs) and mine != theirs:
            return False
    present, wanted = " ".join(have.tokens), " ".join(want.tokens)
    for pattern in patterns:
        one, other = re.search(pattern, present), re.search(pattern, wanted)
        if one and other and one.group(1) != other.group(1):
            return False
    return True


def is_alike(database: str, have: str, want: str) -> bool:
    """Tell whether the text of two types means one type, as far as Alembic looks.

    Args:
        database: its name; each has words of its own.
        have: the type as reflected.
        want: the type as the models have it.
    """
    present, wanted = type_params(have), type_params(want)
    synonyms = SYNONYMS.get(database, (NUMBERS,))
    patterns = ARGUMENT_WORDS.get(database, ())
    return is_same_type(present, wanted, synonyms) and has_same_arguments(present, wanted, patterns)


def _phrase(params: Params) -> str:
    return " ".join([params.token0 or "", *params.tokens])
