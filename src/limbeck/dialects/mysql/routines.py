"""Functions and procedures: their definitions and statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Catalog, Definition, Expr, Key, extras, kind_of
from limbeck.dialects.mysql.catalog_queries import quote, quoted
from limbeck.diff import Alter, Change, Create, Drop
from limbeck.sql import MYSQL, Token, tokenize, unquote, unquote_literal

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAME = r"(?:`(?:[^`]|``)*`|[\w$]+)"
HEAD = re.compile(
    rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?P<definer>DEFINER\s*=\s*\S+\s+)?"
    rf"(?P<kind>(?:AGGREGATE\s+)?FUNCTION|PROCEDURE)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"{_NAME}(?:\s*\.\s*{_NAME})?\s*(?P<rest>\(.*)",
    re.IGNORECASE | re.DOTALL,
)
_STRING = r"'(?:[^'\\]|''|\\.)*'"
_COMMENT = re.compile(rf"\bCOMMENT\s+({_STRING})", re.IGNORECASE)
_BODY = re.compile(
    r"\b(?:BEGIN|RETURN|SELECT|INSERT|UPDATE|DELETE|SET|CALL|IF|WITH|REPLACE|TRUNCATE)\b",
    re.IGNORECASE,
)
_USUAL = (
    ("not", "deterministic"), ("contains", "sql"), ("sql", "security", "definer"),
    ("language", "sql"),
)  # fmt: skip
_WIDTHS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})
_SAME = {"integer": "int", "dec": "decimal", "numeric": "decimal", "bool": "tinyint",
         "boolean": "tinyint", "character": "char"}  # fmt: skip

_ROUTINES = frozenset({"function", "procedure"})
_QUOTE = re.compile("['\"\\\\]")

Row = tuple[Any, ...] | list[Any]


def definition(key: Key, row: Row, parameters: Iterable[Row], *, is_mariadb: bool) -> Definition:
    """Return a routine with the statement that creates it.

    Args:
        key: the key of the routine.
        row: body, return type, characteristics and comment.
        parameters: mode, name and type of each parameter, in order.
        is_mariadb: whether the server can replace routines in place.
    """
    body, returns, words, comment = row
    listed = ", ".join(
        " ".join(([mode] if key.kind == "procedure" and mode else []) + [quote(name), kind])
        for mode, name, kind in parameters
    )
    head = f"CREATE {key.kind.upper()} {_full(key)}({listed})"
    if key.kind == "function":
        head += f" RETURNS {returns}"
    text = f"{head}\n{_unusual(words)}{body or ''}"
    return Definition(
        key, Expr(text), comment=comment or None, extras=extras(replaceable=is_mariadb)
    )


def with_exact_body(connection: Connection, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row of a MySQL routine with the original text of its body.

    The body in information_schema has lost the escapes of its string literals, which SHOW CREATE
    preserves. The row does not change if the body has no literals or the user may not read it.

    Args:
        connection: the connection.
        row: kind, schema, name, an empty cell, the body, and further columns.
    """
    kind, namespace, name, _, body, *_ = row
    if kind not in _ROUTINES or not body or not _QUOTE.search(body):
        return row
    shown = connection.exec_driver_sql(
        f"SHOW CREATE {kind.upper()} {quote(namespace)}.{quote(name)}".replace("%", "%%")
    ).one()[2]
    if shown is None:
        return row
    # both texts are equal up to the first string literal, and the body begins on a new line
    start = shown.find("\n" + _QUOTE.split(body, 1)[0])
    return row if start < 0 else (*row[:4], shown[start + 1 :], *row[5:])


def _unusual(text: str) -> str:
    deterministic, access, security = text.split("|")
    characteristics = ["DETERMINISTIC"] if deterministic == "YES" else []
    characteristics += [access] if access != "CONTAINS SQL" else []
    characteristics += [f"SQL SECURITY {security}"] if security != "DEFINER" else []
    return "".join(f"{word}\n" for word in characteristics)


def with_bare_names(want: Catalog) -> Catalog:
    """Return the models' catalog with routines without signatures: overloading is not supported."""
    routines = [obj for obj in want if isinstance(obj, Definition) and kind_of(obj.key).is_routine]
    if not routines:
        return want
    named = [
        replace(obj, key=Key(obj.key.kind, (*obj.key.path[:-1], _bare(obj.key.name))))
        for obj in routines
    ]
    return want.without({obj.key for obj in routines}).merge(map(_with_own_comment, named))


def _bare(signature: str) -> str:
    return signature.partition("(")[0].strip("`")


def _with_own_comment(obj: Definition) -> Definition:
    """Remove the comment from the head of a statement; the server stores it separately too."""
    body = _BODY.search(obj.body.text)
    head = obj.body.text if body is None else obj.body.text[: body.start()]
    match = _COMMENT.search(head)
    if match is None:
        return obj
    text = obj.body.text[: match.start()] + obj.body.text[match.end() :]
    comment = obj.comment or unquote_literal(match[1], backslash_escapes=True)
    return replace(obj, body=Expr(text), comment=comment)


def normalized_text(text: str) -> str | None:
    """Return the normalized text of a CREATE FUNCTION or PROCEDURE; None for other statements."""
    match = HEAD.match(text)
    if match is None:
        return None
    words = [_word(token) for token in tokenize(match["rest"], MYSQL)]
    start = next((n for n, word in enumerate(words) if _BODY.fullmatch(word)), len(words))
    head = _without_widths(words[:start])
    for phrase in _USUAL:
        head = _without(head, phrase)
    tail = match["rest"][_body_at(match["rest"]) :]
    return " ".join([match["kind"].lower(), *head, "|", *tail.split()])


def _body_at(rest: str) -> int:
    for token in tokenize(rest, MYSQL):
        if _BODY.fullmatch(token.text):
            return token.start
    return len(rest)


def _word(token: Token) -> str:
    if token.kind == "string":
        return token.text
    word = unquote(token.text).lower()
    return _SAME.get(word, word)


def _without_widths(words: list[str]) -> list[str]:
    result: list[str] = []
    position = 0
    while position < len(words):
        result.append(words[position])
        is_width = words[position] in _WIDTHS and words[position + 1 : position + 2] == ["("]
        position += 4 if is_width and words[position + 3 : position + 4] == [")"] else 1
    return result


def _without(words: list[str], phrase: tuple[str, ...]) -> list[str]:
    size = len(phrase)
    for position in range(len(words) - size + 1):
        if tuple(words[position : position + size]) == phrase:
            return [*words[:position], *words[position + size :]]
    return words


# ── statements ────────────────────────────────────────────────────────────


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for a routine."""
    match change:
        case Create(what=Definition() as obj):
            yield from _made(obj, obj.body.text)
        case Drop(what=Definition() as obj):
            yield f"DROP {obj.key.kind.upper()} {_full(obj.key)}"
        case Alter(old=Definition() as old, new=Definition() as new):
            is_replaceable = bool(dict(new.extras).get("replaceable"))
            # MySQL keeps the old comment if it is set to an empty text
            if change.fields <= {"comment"} and (new.comment or is_replaceable):
                yield _comment(new)
                return
            head = HEAD.match(new.body.text)
            if head is None or not is_replaceable:
                yield f"DROP {old.key.kind.upper()} {_full(old.key)}"
                yield from _made(new, new.body.text)
                return
            # privileges on the routine are kept
            text = re.sub(r"^\s*CREATE\s+(?:OR\s+REPLACE\s+)?", "CREATE OR REPLACE ",
                          new.body.text, count=1, flags=re.IGNORECASE)  # fmt: skip
            yield from _made(new, text)


def _made(obj: Definition, text: str) -> Iterator[str]:
    yield text
    if obj.comment is not None:
        yield _comment(obj)


def _comment(obj: Definition) -> str:
    return f"ALTER {obj.key.kind.upper()} {_full(obj.key)} COMMENT {quoted(obj.comment or '')}"


def _full(key: Key) -> str:
    return ".".join(quote(word) for word in key.path if word)
