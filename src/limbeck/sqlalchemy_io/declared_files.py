"""Declarations in `.sql` files: views, functions, procedures and triggers.

Public as `limbeck.declare.file`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from limbeck.errors import DeclaredFileError
from limbeck.sql import ANY, split_top_level, strip_leading_comments, unquote
from limbeck.sqlalchemy_io.declared_objects import (
    Declaration,
    function,
    materialized_view,
    procedure,
    trigger,
    view,
)

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_NAME = r"(?:\w+|\"[^\"]+\"|`[^`]+`)"
_PATH = rf"(?:{_NAME}\s*\.\s*)?{_NAME}"
_BETWEEN = r"(?:(?!\b(?:VIEW|FUNCTION|PROCEDURE|TRIGGER|TABLE)\b)[^;])*?"
_CREATE = re.compile(
    rf"CREATE\b{_BETWEEN}\b(?P<kind>MATERIALIZED\s+VIEW|VIEW|FUNCTION|PROCEDURE|TRIGGER)\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{_PATH})\s*",
    re.IGNORECASE | re.DOTALL,
)
_VIEW_BODY = re.compile(r"(?:WITH\s*\((?P<options>[^)]*)\)\s*)?AS\b\s*", re.IGNORECASE)
_ON = re.compile(rf"\bON\s+(?P<table>{_PATH})", re.IGNORECASE)
_CALLS = re.compile(rf"\bEXECUTE\s+(?:FUNCTION|PROCEDURE)\s+(?P<calls>{_PATH})\s*\(", re.IGNORECASE)


def file(
    metadata: MetaData, path: str | os.PathLike[str], *, only: Sequence[str] = ()
) -> Declaration:
    """Declare the view, function, procedure or trigger that a `.sql` file creates.

    Autogenerate writes the text of the file into the revision, so that old revisions do not change
    when the file changes.

    Args:
        metadata: the MetaData of the models.
        path: the file with one complete CREATE statement; relative to the calling file.
        only: the SQLAlchemy dialects that have the object; all if empty.

    Returns:
        The declaration, as returned by `declare.view` and similar functions.

    Raises:
        DeclaredFileError: the file cannot be read, or does not create such an object.
    """
    file_path = Path(path)
    if not file_path.is_absolute():
        file_path = _folder_of_caller() / file_path
    try:
        text = file_path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(file_path, f"it cannot be read: {error}") from None
    statement = strip_leading_comments(text.replace("\r\n", "\n"), ANY).strip().rstrip(";").strip()
    match = _CREATE.match(statement)
    if match is None:
        raise _refused(
            file_path, "it does not begin with CREATE VIEW, FUNCTION, PROCEDURE or TRIGGER"
        )
    kind = " ".join(match["kind"].lower().split()).replace(" ", "_")
    schema, name = _path(match["name"])
    rest = statement[match.end() :]
    if kind in {"view", "materialized_view"}:
        return _view(metadata, kind, schema, name, rest, file_path, only)
    if kind == "trigger":
        return _trigger(metadata, schema, name, statement, file_path, only)
    make = function if kind == "function" else procedure
    signature = f"{name}({_argument_types(rest, file_path)})"
    return make(metadata, signature, statement, schema=schema, only=only)


def _view(
    metadata: MetaData,
    kind: str,
    schema: str | None,
    name: str,
    rest: str,
    path: Path,
    only: Sequence[str],
) -> Declaration:
    body = _VIEW_BODY.match(rest)
    if body is None:
        raise _refused(
            path, "a list of columns after the name is not supported: name them in the SELECT"
        )
    if len([part for part in split_top_level(rest, ";", ANY) if part.strip()]) > 1:
        raise _refused(path, "it contains more than one statement")
    options = [part.strip() for part in (body["options"] or "").split(",") if part.strip()]
    make = view if kind == "view" else materialized_view
    return make(metadata, name, rest[body.end() :], schema=schema, options=options, only=only)


def _trigger(
    metadata: MetaData,
    schema: str | None,
    name: str,
    statement: str,
    path: Path,
    only: Sequence[str],
) -> Declaration:
    on = _ON.search(statement)
    if on is None:
        raise _refused(path, "the trigger names no table")
    table_schema, table = _path(on["table"])
    called = _CALLS.search(statement)
    calls = None if called is None else f"{_path(called['calls'])[1]}()"
    return trigger(
        metadata, name, table, statement, schema=table_schema or schema, calls=calls, only=only
    )


def _argument_types(rest: str, path: Path) -> str:
    """Return the types of a routine's arguments, as in its signature."""
    if not rest.startswith("("):
        raise _refused(path, "the routine has no list of arguments")
    depth = 0
    for position, mark in enumerate(rest):
        depth += (mark == "(") - (mark == ")")
        if depth == 0:
            listed = rest[1:position]
            break
    else:
        raise _refused(path, "the list of arguments does not end")
    types = [_type(part) for part in split_top_level(listed, ",", ANY) if part.strip()]
    return ", ".join(type_ for type_ in types if type_ is not None)


def _type(argument: str) -> str | None:
    """Return the type of one argument; None for an output argument."""
    text = re.split(r"\bDEFAULT\b|:?=", argument, maxsplit=1, flags=re.IGNORECASE)[0].strip()
    # the server omits lengths in signatures
    words = re.sub(r"\s*\([^)]*\)", "", text).split()
    mode = words[0].upper() if len(words) > 1 else ""
    if mode == "OUT":
        return None
    if mode in {"IN", "INOUT", "VARIADIC"}:
        words = words[1:]
    # the first word is the name, unless there is only a type
    return " ".join(words[1:] if len(words) > 1 and not _is_type(words) else words)


def _is_type(words: list[str]) -> bool:
    """Return whether words are a type of several words, without a name before it."""
    return words[0].lower() in {"double", "character", "bit", "timestamp", "time", "national"}


def _path(written: str) -> tuple[str | None, str]:
    parts = [unquote(part.strip()) for part in split_top_level(written, ".", ANY)]
    return (parts[0], parts[1]) if len(parts) > 1 else (None, parts[0])


def _folder_of_caller() -> Path:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return Path.cwd() if frame is None else Path(frame.f_code.co_filename).resolve().parent


def _refused(path: Path, reason: str) -> DeclaredFileError:
    return DeclaredFileError(
        f"declare.file() of {path.name}: {reason}",
        hint="The file must contain one complete CREATE statement.",
        place=str(path),
    )
