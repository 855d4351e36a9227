"""Tokens of the statements in sqlite_schema: edits of identifiers, and a cursor for parsers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from limbeck.sql import SQLITE, Token, closing_index, identifier, tokenize, unquote

_END = Token("end", "", 0, 0)


class SchemaTextError(ValueError):
    """SQLite would not store such a statement in sqlite_schema."""


def same_name(one: str | None, other: str | None) -> bool:
    """Return whether two identifiers are the same to SQLite."""
    return one is not None and other is not None and one.lower() == other.lower()


def mentions(sql: str, name: str) -> bool:
    """Return whether an identifier occurs in a text."""
    return any(same_name(identifier(token), name) for token in tokenize(sql, SQLITE))


def replace_identifier(sql: str, old: str, new: str) -> str:
    """Return a text with an identifier replaced; names of functions and tables are not changed.

    Args:
        sql: any SQL text.
        old: the identifier.
        new: its replacement, quoted if necessary.
    """
    tokens = tokenize(sql, SQLITE)
    parts: list[str] = []
    position = 0
    for token, following in pairwise([*tokens, _END]):
        if same_name(identifier(token), old) and following.text not in {"(", "."}:
            parts += (sql[position : token.start], new)
            position = token.end
    return "".join((*parts, sql[position:]))


def redirect_foreign_keys(sql: str, old: str, new: str) -> str:
    """Return a CREATE TABLE in which foreign keys to one table refer to another.

    Args:
        sql: the statement, or a part of it.
        old: the table that they refer to.
        new: its replacement, quoted if necessary.
    """
    parts: list[str] = []
    position = 0
    for token, target in pairwise(tokenize(sql, SQLITE)):
        if _keyword(token) == "REFERENCES" and same_name(identifier(target), old):
            parts += (sql[position : target.start], new)
            position = target.end
    return "".join((*parts, sql[position:]))


def comparable(sql: str) -> tuple[str, ...]:
    """Return the tokens of a text in a form that is equal for equivalent texts."""
    return tuple(
        token.text if (name := identifier(token)) is None else f'"{name.lower()}"'
        for token in tokenize(sql, SQLITE)
    )


def index_members(sql: str) -> str:
    """Return the part of a CREATE INDEX after its table, whose name may equal a column's name."""
    for token, table in pairwise(tokenize(sql, SQLITE)):
        if _keyword(token) == "ON":
            return sql[table.end :]
    return sql


def _keyword(token: Token) -> str:
    return token.text.upper() if token.kind == "name" else ""


class Cursor:
    """A position among the tokens of one statement.

    Args:
        text: the statement.
        tokens: its tokens, or a consecutive part of them.
    """

    def __init__(self, text: str, tokens: Sequence[Token] | None = None) -> None:
        self.text = text
        self.tokens = tokenize(text, SQLITE) if tokens is None else tokens
        self.position = 0
        self._keywords = [
            word.upper() if kind == "name" else word if kind == "mark" else ""
            for kind, word, _, _ in self.tokens
        ]
        self._keywords.append("")

    @property
    def is_at_end(self) -> bool:
        """Whether all tokens are consumed."""
        return self.position >= len(self.tokens)

    @property
    def token(self) -> Token:
        """The next token; a token of kind "end" after the last one."""
        return _END if self.position >= len(self.tokens) else self.tokens[self.position]

    @property
    def keyword(self) -> str:
        """The next token as a keyword in upper case or a symbol; otherwise empty."""
        return self._keywords[self.position]

    def advance(self) -> Token:
        """Consume the next token.

        Raises:
            SchemaTextError: there is none, or it is a character that begins no token.
        """
        token = self.token
        if token.kind in {"end", "other"}:
            raise SchemaTextError(f"unexpected {token.text or 'end'} in: {self.text}")
        self.position += 1
        return token

    def accept(self, *keywords: str) -> bool:
        """Consume the next tokens if they are exactly these keywords or symbols."""
        position = self.position
        for keyword in keywords:
            if self._keywords[position] != keyword:
                return False
            position += 1
        self.position = position
        return True

    def expect(self, *keywords: str) -> None:
        """Consume these keywords or symbols.

        Raises:
            SchemaTextError: the next tokens are different.
        """
        if not self.accept(*keywords):
            raise SchemaTextError(f"{' '.join(keywords)} expected in: {self.text}")

    def name(self) -> str:
        """Consume a name; SQLite accepts strings as names as well.

        Raises:
            SchemaTextError: the next token is not a name.
        """
        token = self.advance()
        if token.kind == "name":
            return token.text
        if token.kind in {"quoted", "string"}:
            return unquote(token.text)
        raise SchemaTextError(f"unexpected {token.text} in: {self.text}")

    def parenthesized(self) -> list[Token]:
        """Consume parentheses and return the tokens between them.

        Raises:
            SchemaTextError: the next token is not a parenthesis, or the parenthesis is not closed.
        """
        opening = self.position
        self.expect("(")
        closing = closing_index(self.tokens, opening)
        if closing is None:
            raise SchemaTextError(f"a parenthesis is not closed in: {self.text}")
        self.position = closing + 1
        return list(self.tokens[opening + 1 : closing])

    def expression(self) -> str:
        """Consume an expression in parentheses and return the text between them."""
        return self.slice(self.parenthesized())

    def slice(self, tokens: Sequence[Token]) -> str:
        """Return the text from the first to the last of these tokens."""
        return self.text[tokens[0].start : tokens[-1].end] if tokens else ""

    def since(self, position: int) -> str:
        """Return the text of the tokens that were consumed since a position."""
        return self.slice(self.tokens[position : self.position])


def split_at_commas(tokens: Iterable[Token]) -> Iterator[tuple[list[Token], Token]]:
    """Yield tokens in groups, split at the commas outside parentheses.

    Yields:
        The group, and the token that ends it: a comma, the parenthesis that closes the list, or
        the end of the tokens. Nothing is read after that parenthesis.
    """
    group: list[Token] = []
    depth = 0
    for token in tokens:
        if token[0] == "mark":
            mark = token[1]
            if mark == "(":
                depth += 1
            elif depth == 0 and mark in ",)":
                yield group, token
                if mark == ")":
                    return
                group = []
                continue
            elif mark == ")":
                depth -= 1
        group.append(token)
    yield group, _END
