"""Render Mako templates, and revision files whose message is escaped."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping

from limbeck.errors import BrokenTemplateError
from limbeck.startup.fast_template import render_plain

TYPE_CHECKING = False

if TYPE_CHECKING:
    import ast
    from pathlib import Path
    from typing import Any

_OPERATION = re.compile(r"^    (?=op\.)", re.MULTILINE)
_PIECE = 50_000
_QUOTES = frozenset("\"'\\")


def render_template(path: Path, arguments: Mapping[str, Any]) -> str:
    """Render a template file.

    Raises:
        BrokenTemplateError: the file does not exist, is not a valid template, or raises an error.
    """
    if not path.is_file():
        raise BrokenTemplateError(
            f"{path} does not exist",
            hint="Run `init` in another folder, and copy the file from there.",
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
            hint="The template uses a name or value that does not exist.",
            place=place,
        ) from error


def _line(path: Path) -> int | None:
    from mako import exceptions

    try:
        records = exceptions.RichTraceback().records
    except Exception:  # noqa: BLE001 - the place is optional; the error itself is reported
        return None
    lines = [record[5] for record in records if record[4] == str(path) and record[5]]
    return int(lines[-1]) if lines else None


def render_revision(path: Path, message: str, arguments: Mapping[str, Any]) -> str:
    """Render a revision file whose docstring contains the message, which may be any text.

    The file is rendered twice: with the message, and with a random word in its place. If both
    have the same syntax tree, the first is used. Otherwise, the word in the second is replaced
    by the message, escaped for the place where it appears.

    Raises:
        BrokenTemplateError: the result is not valid Python.
    """
    text = render_template(path, {**arguments, "message": message})
    if message.isprintable() and _QUOTES.isdisjoint(message):
        if not _is_valid_in_pieces(text):
            _parse(path, text)
        return text
    from limbeck.project.message_escaping import comments_agree, dump, insert_message, try_dump

    word = f"message{os.urandom(8).hex()}"
    pattern = render_template(path, {**arguments, "message": word})
    wanted = _parse(path, pattern)
    if dump(wanted, word, message) == try_dump(text) and comments_agree(text, pattern):
        return text
    text = insert_message(pattern, word, message)
    if word not in text and try_dump(text) == dump(wanted, word, message):
        return text
    safe = " ".join("".join(c if c.isalnum() else " " for c in message).split())
    text = render_template(path, {**arguments, "message": safe or "empty message"})
    _parse(path, text)
    return text


def _is_valid_in_pieces(text: str) -> bool:
    """Return whether a text is valid Python; a long text is cut between operations.

    The syntax tree of a file with a thousand tables uses much memory. The result may be False for
    a valid text, because a cut may be inside a string.
    """
    starts, last = [0], 0
    for found in _OPERATION.finditer(text):
        above = text[text.rfind("\n", 0, max(found.start() - 1, 0)) + 1 : found.start()]
        # after an unindented line, an operation would be an unexpected indent
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
            hint=f"Nothing was written. Check {path}, and the values that env.py passes to it.",
            place=str(path),
        ) from None
