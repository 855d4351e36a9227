"""Parser of column types: their name, arguments, collation, array dimensions and options."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from limbeck.sql.lexer import STANDARD, Token, tokenize, unquote

_FLAGS = frozenset({"unsigned", "zerofill"})


class ParsedType(NamedTuple):
    """The parts of a type.

    Args:
        name: the name in lower case; quoted names are not changed.
        args: the arguments as written, words in lower case.
        collation: the name after COLLATE, its parts joined by dots.
        dimensions: number of array dimensions.
        options: unsigned, zerofill and charset, sorted by name.
    """

    name: str
    args: tuple[str, ...] = ()
    collation: str | None = None
    dimensions: int = 0
    options: tuple[tuple[str, str | bool], ...] = ()


# a schema has few types and many columns
@lru_cache(maxsize=1024)
def parse_type(text: str, *, keep_quotes: bool = False) -> ParsedType:
    """Parse the text of a type, as a server or SQLAlchemy prints it.

    Args:
        text: such as "NUMERIC(10, 2)", "timestamp(3) with time zone", "varchar(5) COLLATE x".
        keep_quotes: keep the quotes of quoted names.

    Returns:
        The parts; if the text cannot be split into tokens, all of it is the name.
    """
    tokens = tokenize(text, STANDARD)
    if any(token.kind == "other" for token in tokens):
        return ParsedType(text.strip())
    return _TypeParser(tokens, keep_quotes=keep_quotes).parse()


class _TypeParser:
    """Reads the tokens of one type from left to right."""

    def __init__(self, tokens: Sequence[Token], *, keep_quotes: bool) -> None:
        self.tokens = tokens
        self.keep_quotes = keep_quotes
        self.position = 0
        self.name: list[str] = []
        self.args: tuple[str, ...] = ()
        self.dimensions = 0
        self.collation: str | None = None
        self.options: dict[str, str | bool] = {}

    def parse(self) -> ParsedType:
        """Return the parts of the type."""
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            if token.text == "(":
                self.args = self._arguments()
            elif token.text == "[":
                self.dimensions += 1
                while self._peek() not in {"", "]"}:
                    self.position += 1
            elif token.kind == "mark":
                if token.text == "." and self.name:
                    self.name[-1] += "."
            elif token.kind == "name":
                self._word(token.text.lower())
            else:
                self._append(token)
        options = tuple(sorted(self.options.items()))
        return ParsedType(" ".join(self.name), self.args, self.collation, self.dimensions, options)

    def _append(self, token: Token) -> None:
        text = token.text
        if token.kind == "name":
            text = text.lower()
        elif token.kind == "quoted" and not self.keep_quotes:
            text = unquote(text)
        if self.name and self.name[-1].endswith("."):
            self.name[-1] += text
        else:
            self.name.append(text)

    def _arguments(self) -> tuple[str, ...]:
        """Consume the arguments up to the closing parenthesis."""
        arguments: list[str] = []
        depth, end = 0, -1
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            mark = token.text if token.kind == "mark" else ""
            if mark == ")" and not depth:
                break
            if mark == "," and not depth:
                end = -1
                continue
            depth += {"(": 1, ")": -1}.get(mark, 0)
            text = token.text.lower() if token.kind == "name" else token.text
            if end < 0:
                arguments.append(text)
            else:
                arguments[-1] += (" " if token.start > end else "") + text
            end = token.end
        return tuple(arguments)

    def _peek(self) -> str:
        return self.tokens[self.position].text if self.position < len(self.tokens) else ""

    def _word(self, word: str) -> None:
        following = self._peek()
        if word == "array" and self.name:
            self.dimensions += 1
        elif word == "collate" and following:
            self.collation = self._path()
        elif word in _FLAGS and self.name:
            self.options[word] = True
        elif word == "charset" and following:
            self.options["charset"] = self._path()
        elif word == "character" and following.lower() == "set":
            self.position += 1
            self.options["charset"] = self._path()
        else:
            self._append(self.tokens[self.position - 1])

    def _path(self) -> str:
        """Consume a name, or several joined by dots."""
        parts = [unquote(self._peek())]
        self.position += 1
        while self._peek() == "." and self.position + 1 < len(self.tokens):
            parts.append(unquote(self.tokens[self.position + 1].text))
            self.position += 2
        return ".".join(parts)
