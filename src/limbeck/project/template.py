"""Render Mako templates, and revision files so that a message never becomes code."""

from __future__ import annotations

import ast
import io
import re
import secrets
import tokenize
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from limbeck.project.errors import BrokenTemplate

_PREFIX = "rRbBuUfF"
_OPERATION = re.compile(r"^    (?=op\.)", re.MULTILINE)
_PIECE = 50_000


def render_template(path: Path, arguments: Mapping[str, Any]) -> str:
    """Render a template file.

    Raises:
        BrokenTemplate: it is not there, is not valid, or fails.
    """
    from mako import exceptions
    from mako.template import Template

    if not path.is_file():
        raise BrokenTemplate(
            f"{path} is not there",
            hint="Copy one from the folder of a fresh `init`.",
            place=str(path),
        )
    try:
        template = Template(filename=str(path), output_encoding=None)  # noqa: S702 - Python, not HTML
        return "".join(str(template.render_unicode(**arguments)).splitlines(keepends=True))
    except (exceptions.SyntaxException, exceptions.CompileException) as error:
        place = f"{path}:{error.lineno}"
        raise BrokenTemplate(
            f"{place}: {str(error).partition(' in file ')[0]}",
            hint="Correct the template.",
            place=place,
        ) from None
    except SyntaxError as error:
        raise BrokenTemplate(
            f"{path}: {error.msg} in a Python block", hint="Correct the template.", place=str(path)
        ) from None
    except Exception as error:
        line = _line(path)
        place = f"{path}:{line}" if line else str(path)
        raise BrokenTemplate(
            f"{place}: {type(error).__name__}: {error}",
            hint="The template uses a name or value that is not there.",
            place=place,
        ) from error


def _line(path: Path) -> int | None:
    from mako import exceptions

    try:
        records = exceptions.RichTraceback().records
    except Exception:  # noqa: BLE001 - the place is a courtesy; the error itself is told anyway
        return None
    lines = [record[5] for record in records if record[4] == str(path) and record[5]]
    return int(lines[-1]) if lines else None


def render_revision(path: Path, message: str, arguments: Mapping[str, Any]) -> str:
    """Render a revision file whose docstring holds the message, whatever the message is.

    The file is rendered with the message and with a plain word in its place. Where both are
    the same program, the first is right. Otherwise the message is put into the second one,
    written as its surroundings need it.

    Raises:
        BrokenTemplate: what comes out is not valid Python.
    """
    text = render_template(path, {**arguments, "message": message})
    if _is_plain(message):
        if not _is_valid_in_pieces(text):
            _parse(path, text)
        return text
    word = f"message{secrets.token_hex(8)}"
    pattern = render_template(path, {**arguments, "message": word})
    wanted = _parse(path, pattern)
    if _dump(wanted, word, message) == _try_dump(text) and _comments_agree(text, pattern):
        return text
    text = _put_in(pattern, word, message)
    if word not in text and _try_dump(text) == _dump(wanted, word, message):
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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        shown = (getattr(error, "text", None) or "").strip()
        raise BrokenTemplate(
            f"The new file would not be valid Python, line {line}: "
            f"{getattr(error, 'msg', error)}: {shown}",
            hint=f"Nothing was written. Look at {path}, and at what env.py hands to it.",
            place=str(path),
        ) from None


def _dump(tree: ast.Module, word: str, message: str) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and word in node.value:
            node.value = node.value.replace(word, message)
    return ast.dump(tree)


def _try_dump(text: str) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, Warning):
        return None


def _comments_agree(text: str, pattern: str) -> bool:
    # A message must not begin a comment, nor end one.
    return len(_comments(text)) == len(_comments(pattern))


def _comments(text: str) -> list[str]:
    return [token.string for token in _tokens(text) if token.type == tokenize.COMMENT]


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _put_in(pattern: str, word: str, message: str) -> str:
    """Replace a word in a program by a message, quoted as each place needs it."""
    lines = pattern.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    pieces: list[str] = []
    done = 0
    for token in _tokens(pattern):
        if word not in token.string or token.type not in {tokenize.STRING, tokenize.COMMENT}:
            continue
        begin = starts[token.start[0] - 1] + token.start[1]
        pieces.append(pattern[done:begin])
        pieces.append(_written(token, word, message))
        done = begin + len(token.string)
    pieces.append(pattern[done:])
    return "".join(pieces)


def _written(token: tokenize.TokenInfo, word: str, message: str) -> str:
    if token.type == tokenize.COMMENT:
        return token.string.replace(word, " ".join(_visible(message).split()))
    body = token.string.lstrip(_PREFIX)
    prefix = token.string[: len(token.string) - len(body)]
    quote = body[:3] if body[:3] in {'"""', "'''"} else body[:1]
    if set(prefix.lower()) - {"u"}:
        return repr(ast.literal_eval(token.string).replace(word, message))
    return prefix + body.replace(word, _escaped(message, quote))


def _escaped(message: str, quote: str) -> str:
    written = []
    for character in message:
        if character in {"\\", quote[0]}:
            written.append("\\" + character)
        elif character.isprintable() or (character == "\n" and len(quote) > 1):
            written.append(character)
        else:
            written.append(character.encode("unicode_escape").decode("ascii"))
    return "".join(written)


def _visible(message: str) -> str:
    return "".join(character if character.isprintable() else " " for character in message)
