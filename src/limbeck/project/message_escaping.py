"""Insert a message into Python source, escaped for the place where it appears."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator

_PREFIX = "rRbBuUfF"


def dump(tree: ast.Module, word: str, message: str) -> str:
    """Replace a word by a message in a syntax tree, and dump the tree for comparison."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and word in node.value:
            node.value = node.value.replace(word, message)
    return ast.dump(tree)


def try_dump(text: str) -> str | None:
    """Return the dumped syntax tree of a text, None if it is not valid Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, Warning):
        return None


def comments_agree(text: str, pattern: str) -> bool:
    """Return whether two texts have the same number of comments."""
    return len(_comments(text)) == len(_comments(pattern))


def _comments(text: str) -> list[str]:
    return [token.string for token in _tokens(text) if token.type == tokenize.COMMENT]


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def insert_message(pattern: str, word: str, message: str) -> str:
    """Replace a word in Python source by a message, escaped for each place."""
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
        pieces.append(_escaped_token(token, word, message))
        done = begin + len(token.string)
    pieces.append(pattern[done:])
    return "".join(pieces)


def _escaped_token(token: tokenize.TokenInfo, word: str, message: str) -> str:
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
