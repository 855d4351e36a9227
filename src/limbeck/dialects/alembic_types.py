"""Compare the texts of two column types as Alembic does.

Projects of Alembic rely on the differences that it ignores: a length that only one side has, and
synonyms that a database prints for the same type.
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
"""Synonyms of type names by database; other databases have only `NUMBERS`."""

ARGUMENT_WORDS: Mapping[str, tuple[str, ...]] = {
    "mysql": (r"character set ([\w\-_]+)", r"collate ([\w\-_]+)"),
    "mariadb": (r"character set ([\w\-_]+)", r"collate ([\w\-_]+)"),
}
"""Patterns of options that are compared only if both sides have them."""

_PIECES = re.compile(r"[^\s(,]+|\([^)]*\)|,")


class Params(NamedTuple):
    """The parts of a type's text: its first word, the other words, the arguments in parentheses."""

    token0: str | None
    tokens: list[str]
    args: list[str]
    kwargs: dict[str, str]


def type_params(sql: str) -> Params:
    """Split the text of a type into its parts.

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
    """Return whether two types have the same name or names that are synonyms."""
    if have.token0 == want.token0:
        return True
    whole = {_phrase(have), _phrase(want)}
    firsts = {have.token0, want.token0}
    return any(
        whole <= known or firsts <= known
        for known in ({word.lower() for word in words} for words in synonyms)
    )


def has_same_arguments(have: Params, want: Params, patterns: Sequence[str] = ()) -> bool:
    """Return whether arguments and options agree; one of the types may have fewer."""
    for have_words, want_words in ((have.tokens, want.tokens), (have.args, want.args)):
        if len(have_words) == len(want_words) and have_words != want_words:
            return False
    present, wanted = " ".join(have.tokens), " ".join(want.tokens)
    for pattern in patterns:
        one, other = re.search(pattern, present), re.search(pattern, wanted)
        if one and other and one.group(1) != other.group(1):
            return False
    return True


def is_alike(database: str, have: str, want: str) -> bool:
    """Return whether the texts of two types mean the same type, by Alembic's comparison.

    Args:
        database: the name of the database, which determines the synonyms.
        have: the type as reflected.
        want: the type of the models.
    """
    present, wanted = type_params(have), type_params(want)
    synonyms = SYNONYMS.get(database, (NUMBERS,))
    patterns = ARGUMENT_WORDS.get(database, ())
    return is_same_type(present, wanted, synonyms) and has_same_arguments(present, wanted, patterns)


def _phrase(params: Params) -> str:
    return " ".join([params.token0 or "", *params.tokens])
