"""Mask secrets in the source of a revision, so that it can still be read and run."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from limbeck.sql.masker import MASK, Masker
from limbeck.sql.python_secrets import (
    BuiltString,
    TaintedLiterals,
    built_strings,
    has_literal_text,
    placeholder,
)
from limbeck.text import parse_python

_OPENING = re.compile(r"(?:[a-zA-Z]&?|_\w+\s*)?(\\*['\"]|\$\w*\$)")


def masked_source(text: str) -> str:
    """Return Python source or SQL with `***` in place of secrets that are literals."""
    try:
        tree = parse_python(text)
        masked = _Edits(text, tree).applied()
        parse_python(masked)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # not Python, such as SQL
        return _literal_masker().masked(text)
    return masked


def _literal_masker() -> Masker:
    return Masker(_in_quotes, keeps_words=True)


def _in_quotes(value: str) -> str:
    """Return the mask in the quotes of a literal, so that the result is still a string."""
    opening = _OPENING.match(value)
    quote = opening[1] if opening is not None else "'"
    return f"{quote}{MASK}{quote}"


class _Edits:
    """The literals of a source that have to be replaced.

    Args:
        text: the source.
        tree: its syntax tree.
    """

    def __init__(self, text: str, tree: ast.Module) -> None:
        self._text = text.encode()
        ends = [match.end() for match in re.finditer(rb"\r\n|\r|\n", self._text)]
        self._lines = [0, *ends]
        self._edits: dict[tuple[int, int], str] = {}
        found = list(built_strings(tree))
        tainted = TaintedLiterals(tree)
        self._formatted: set[int] = set()
        for built in found:
            self._mask_built_string(built, tainted)
        for node in tainted.found():
            self._replace(node, repr(MASK if not _is_bytes(node) else MASK.encode()))
        for one in ast.walk(tree):
            if isinstance(one, ast.Constant) and isinstance(one.value, (str, bytes)):
                self._mask_constant(one, one.value)
        self._mask_comments(text)

    def applied(self) -> str:
        """Return the source with all replacements."""
        pieces: list[bytes] = []
        done = 0
        # the outer one of two that overlap begins first or ends last
        for (start, end), new in sorted(
            self._edits.items(), key=lambda one: (one[0][0], -one[0][1])
        ):
            if start < done:
                continue
            missing = self._text.count(b"\n", start, end) - new.count("\n")
            pieces += [self._text[done:start], new.encode(), b"\\\n" * missing]
            done = end
        return b"".join([*pieces, self._text[done:]]).decode()

    def _span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None  # noqa: S101 - parsed from source; for mypy
        assert node.end_col_offset is not None  # noqa: S101
        return (
            self._lines[node.lineno - 1] + node.col_offset,
            self._lines[node.end_lineno - 1] + node.end_col_offset,
        )

    def _source(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self._text[start:end].decode()

    def _replace(self, node: ast.expr, new: str) -> None:
        self._edits.setdefault(self._span(node), new)

    def _mask_built_string(self, built: BuiltString, tainted: TaintedLiterals) -> None:
        """Mask the text of a string that is put together, and find the values that are secret."""
        masker = _literal_masker()
        masked = masker.masked(built.text)
        self._formatted.update(map(id, built.constants))
        for number, node in enumerate(built.values):
            if placeholder(number) in built.text and placeholder(number) not in masked:
                tainted.add(node)
        if not has_literal_text(masker.removed):
            return
        parts = re.split("(\ue000\\d+\ue001)", masked)
        shown = [
            f"str({self._source(built.values[int(part[1:-1])])})" if number % 2 else repr(part)
            for number, part in enumerate(parts)
            if part
        ]
        self._replace(built.node, f"({' + '.join(shown)})")

    def _mask_constant(self, node: ast.Constant, content: str | bytes) -> None:
        value = content if isinstance(content, str) else content.decode("latin-1")
        masker = _literal_masker()
        masked = masker.masked(value)
        if masked == value:
            return
        if id(node) in self._formatted and not has_literal_text(masker.removed):
            return
        source = self._source(node)
        new = _literal_masker().masked(source)
        wanted = masked if isinstance(content, str) else masked.encode("latin-1")
        self._replace(node, new if _evaluated(new) == wanted else repr(wanted))

    def _mask_comments(self, text: str) -> None:
        for token in _comments(text):
            new = Masker(lambda _: MASK).masked(token.string)
            if new != token.string:
                line, column = token.start
                start = self._lines[line - 1] + len(token.line[:column].encode())
                self._edits.setdefault((start, start + len(token.string.encode())), new)


def _comments(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token
    except tokenize.TokenError:
        return


def _is_bytes(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bytes)


def _evaluated(source: str) -> object:
    try:
        return ast.literal_eval(f"({source})")
    except (SyntaxError, ValueError):
        return None
