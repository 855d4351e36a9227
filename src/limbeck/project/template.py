"""Render Mako templates, and revision files so that a message never becomes code."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping

from limbeck.errors import (
    BrokenTemplateError,
)
from limbeck.startup.fast_template import render_plain

TYPE_CHECKING = False

if TYPE_CHECKING:
    import ast
    from pathlib import Path
    from typing import Any

_OPERATION = re.compile(r"^    (?=op\.)", re.MULTILINE)
_PIECE = 50_000


def render_template(path: Path, arguments: Mapping[str, Any]) -> str:
    """Render a template file.

    Raises:
        BrokenTemplateError: it is not there, is not valid, or fails.
    """
    if not path.is_file():
        raise BrokenTemplateError(
            f"{path} is not there",
            hint="Copy one from the folder of a fresh `init`.",
            place=str(path),
        )
    try:
        plain = render_plain(path.read_bytes().decode("utf-8"), arguments)
    except (OSError, UnicodeDecodeError):
        plain = None
    if plain is not None:
        return plain
    return _render_with_mako(path, arguments)


def _render_with_mako(path: Path, arguments: Mapping[str, Any]) -> str:
    from mako import exceptions
    from mako.template import Template

    try:
        template = Template(filename=str(path), output_encoding=None)  # noqa: S702 - Python, not HTML
        return "".join(str(template.render_unicode(**arguments)).splitlines(keepends=True))
    except (exceptions.SyntaxException, exceptions.CompileException) as error:
        place = f"{path}:{error.lineno}"
        raise BrokenTemplateError(
            f"{place}: {str(error).partition(' in file ')[0]}",
            hint="Correct the template.",
            place=place,
        ) from None
    except SyntaxError as error:
        raise BrokenTemplateError(
            f"{path}: {error.msg} in a Python block", hint="Correct the template.", place=str(path)
        ) from None
    except Exception as error:
        line = _line(path)
        place = f"{path}:{line}" if line else str(path)
        raise BrokenTemplateError(
            f"{place}: {type(error).__name__}: {error}",
            hint="The template uses a name or value that is not there.",
            place=place,
        ) from error


def _line(path: Path) -> int | None:
    from mako import exceptions

    try:
        records = exceptions.RichTraceback().records
    except Exception:  # noqa: BLE001 - the place is optional; the error itself is reported anyway
        return None
    lines = [record[5] for record in records if record[4] == str(path) and record[5]]
    return int(lines[-1]) if lines else None


def render_revision(path: Path, message: str, arguments: Mapping[str, Any]) -> str:
    """Render a revision file whose docstring holds the message, whatever the message is.

    The file is rendered with the message and with a plain word in its place. Where both are
    the same program, the first is right. Otherwise the message is put into the second one,
    written as its surroundings need it.

    Raises:
        BrokenTemplateError: what comes out is not valid Python.
    """
    text = render_template(path, {**arguments, "message": message})
    if _is_plain(message):
        if not _is_valid_in_pieces(text):
            _parse(path, text)
        return text
    from limbeck.project.message_escaping import comments_agree, dump, put_in, try_dump

    word = f"message{os.urandom(8).hex()}"
    pattern = render_template(path, {**arguments, "message": word})
    wanted = _parse(path, pattern)
    if dump(wanted, word, message) == try_dump(text) and comments_agree(text, pattern):
        return text
    text = put_in(pattern, word, message)
    if word not in text and try_dump(text) == dump(wanted, word, message):
        return text
    safe = " ".join("".join(c if c.isalnum() else " " for c in message).split())
    text = render_template(path, {**arguments, "message": safe or "empty message"})
    _parse(path, text)
    return text


def _is_plain(message: str) -> bool:
    return message.isprintable() and not any(character in "\"'\\" for character in message)


def _is_valid_in_pieces(text: str) -> bool:
    """Say whether a text is Python, cut between operations where it is long.

    The tree of a whole file with a thousand tables is larger than all the tables. False says
    nothing: a cut may have gone through a string.
    """
    starts, last = [0], 0
    for found in _OPERATION.finditer(text):
        above = text[text.rfind("\n", 0, max(found.start() - 1, 0)) + 1 : found.start()]
        # below a line at the margin an operation would be an unexpected indent
        if found.start() - last > _PIECE and above.startswith("    "):
            last = found.start()
            starts.append(last)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
                above = "if True:\n" if start else ""
                compile(above + text[start:end], "revision", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _parse(path: Path, text: str) -> ast.Module:
    import ast

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        shown = (getattr(error, "text", None) or "").strip()
        raise BrokenTemplateError(
            f"The new file would not be valid Python, line {line}: "
            f"{getattr(error, 'msg', error)}: {shown}",
            hint=f"Nothing was written. Look at {path}, and at what env.py hands to it.",
            place=str(path),
        ) from None
