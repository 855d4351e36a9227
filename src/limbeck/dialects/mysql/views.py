"""Normalize the text of views: the SELECT of the models and the text that the server stores.

MariaDB and MySQL store a view in resolved form: every name with its database, every column with
an alias, joins and conditions in additional parentheses. There is no statement that prints a
SELECT without creating a view. Most differences are handled here, the others by a scratch view.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from limbeck.sql import MYSQL, Token, tokenize, unquote

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SAME_WORDS = {
    "lcase": "lower", "ucase": "upper", "substr": "substring", "mid": "substring",
    "now": "current_timestamp", "curdate": "current_date", "character_length": "char_length",
    "signed_integer": "signed", "true": "1", "false": "0",
}  # fmt: skip
_NOTHING = frozenset({"outer", "inner", "as", "(", ")"})
_SCRATCH = "`limbeck_scratch_view`"


def normalized_text(text: str, namespace: str | None) -> str:
    """Return the normalized text of a SELECT, without parentheses and redundant aliases.

    Args:
        text: the statement.
        namespace: the database whose name the server writes before each table.
    """
    words: list[str] = []
    for token in tokenize(text, MYSQL):
        word = _word(token)
        if word in _NOTHING:
            continue
        words.append({"!=": "<>"}.get(word, _SAME_WORDS.get(word, word)))
    return " ".join(_without_aliases(_short_names(words, namespace)))


def with_short_names(text: str, namespace: str | None) -> str:
    """Return a SELECT without the name of the database in which its view is.

    Args:
        text: the text that the server shows.
        namespace: the database.
    """
    if namespace is None:
        return text
    parts: list[str] = []
    position = 0
    for token, following in pairwise(tokenize(text, MYSQL)):
        if token.kind == "quoted" and unquote(token.text) == namespace and following.text == ".":
            parts.append(text[position : token.start])
            position = following.end
    return "".join((*parts, text[position:]))


def _word(token: Token) -> str:
    if token.kind == "string":
        return token.text
    return unquote(token.text).lower()


def _short_names(words: list[str], namespace: str | None) -> list[str]:
    """Remove the database before names, and write count(*) as the server does."""
    result: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        following = words[position + 1] if position + 1 < len(words) else ""
        if namespace is not None and word == namespace.lower() and following == ".":
            position += 2
            continue
        if word == "*" and result and result[-1] == "count":
            word = "0"
        result.append(word)
        position += 1
    return result


def _without_aliases(words: list[str]) -> list[str]:
    """Remove an alias that repeats the column's name: `t . id id`."""
    result: list[str] = []
    for word in words:
        repeats = len(result) > 2 and result[-1] == word and result[-2] == "."  # noqa: PLR2004
        if not repeats:
            result.append(word)
    return result


def printed_view(connection: Connection, text: str) -> str | None:
    """Return the SELECT as the server stores it, by means of a scratch view.

    None if the server refuses it: the user may not create views, or a table does not exist yet.
    """
    from sqlalchemy.exc import DBAPIError

    options = {"no_parameters": True}
    try:
        connection.exec_driver_sql(
            f"CREATE OR REPLACE VIEW {_SCRATCH} AS {text}", execution_options=options
        )
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None
    try:
        definition = connection.exec_driver_sql(
            "SELECT VIEW_DEFINITION FROM information_schema.VIEWS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'limbeck_scratch_view'"
        ).scalar()
        return None if definition is None else str(definition)
    finally:
        connection.exec_driver_sql(f"DROP VIEW {_SCRATCH}")
