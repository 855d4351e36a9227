"""Tokenizer of SQL text, with one table of quoting rules for each dialect.

Tokens keep their text and their span, so that text can be edited in place. Tokens are not
interpreted; `limbeck.sql.quoting` removes quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple


class Token(NamedTuple):
    """A token and its span.

    Args:
        kind: name, quoted (a quoted identifier), string, number, bits (`x'00'`, `b'01'`),
            mark (an operator or punctuation) or other (a character that begins no token).
        text: the token as written.
        start: the index of its first character.
        end: the index after its last character.
    """

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class QuotingRules:
    """The rules by which a dialect determines the end of a token.

    Args:
        backslash_escapes: a backslash escapes the next character within every string.
        double_quoted_strings: double quotes enclose strings, not identifiers.
        brackets: square brackets enclose identifiers.
        subscripts: a square bracket before a digit is a subscript even then.
        escape_strings: `E'...'` is a string with backslash escapes.
        dollar_strings: `$tag$ ... $tag$` is a string.
        nested_comments: `/* ... */` nests.
        hash_comments: `#` begins a comment.
        spaced_dashes: `--` begins a comment only before white space.
    """

    backslash_escapes: bool = False
    double_quoted_strings: bool = False
    brackets: bool = False
    subscripts: bool = False
    escape_strings: bool = False
    dollar_strings: bool = False
    nested_comments: bool = False
    hash_comments: bool = False
    spaced_dashes: bool = False


# https://www.postgresql.org/docs/current/sql-syntax-lexical.html
POSTGRESQL = QuotingRules(escape_strings=True, dollar_strings=True, nested_comments=True)
# https://dev.mysql.com/doc/refman/8.4/en/string-literals.html, .../en/comments.html
MYSQL = QuotingRules(
    backslash_escapes=True, double_quoted_strings=True, hash_comments=True, spaced_dashes=True
)
# https://www.sqlite.org/lang_keywords.html
SQLITE = QuotingRules(brackets=True)
STANDARD = QuotingRules(escape_strings=True, dollar_strings=True)
"""Text that SQLAlchemy prints, such as types."""
ANY = QuotingRules(backslash_escapes=True, brackets=True, subscripts=True, dollar_strings=True)
"""Text of an unknown dialect."""

_SPACE = r"[ \t\n\r\f\v]"
# All characters beyond ASCII are part of identifiers, as on all servers.
_NAME = r"[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*"
_NUMBER = r"0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?"
_MARK = (
    r"[(),;]|->>|->|\#>>|\#>|<=>|<>|!=|==|<=|>=|::|:=|\|\||&&|@>|<@|!~~\*|!~~|~~\*|~~"
    r"|!~\*|!~|~\*|<<\||\|>>|<<=?|>>=?|\?\||\?&|@@|&<|&>|-\|-|=>|[-+*/%^<>=~!@\#&|?.\[\]:]"
)
_PLAIN_STRING = r"'(?:[^']|'')*'"
_ESCAPED_STRING = r"'(?:[^'\\]|''|\\.)*'"
_COMMENT_DEPTH = 4


def _block_comment(depth: int) -> str:
    if depth == 1:
        return r"/\*.*?(?:\*/|\Z)"
    return rf"/\*(?:[^*/]|\*(?!/)|{_block_comment(depth - 1)}|/(?!\*))*(?:\*/|\Z)"


@cache
def _pattern(rules: QuotingRules) -> re.Pattern[str]:
    dashes = rf"--(?={_SPACE}|\Z)[^\n]*" if rules.spaced_dashes else r"--[^\n]*"
    comments = [dashes, _block_comment(_COMMENT_DEPTH if rules.nested_comments else 1)]
    if rules.hash_comments:
        comments.append(r"\#[^\n]*")
    plain = _ESCAPED_STRING if rules.backslash_escapes else _PLAIN_STRING
    strings = [rf"[nN]?{plain}"]
    if rules.escape_strings:
        strings.append(rf"[eE]{_ESCAPED_STRING}")
    if rules.dollar_strings:
        strings.append(r"(?P<dollar>\$(?:[^\W\d]\w*)?\$).*?(?P=dollar)")
    doubled = r"\"(?:[^\"]|\"\")*\""
    if rules.double_quoted_strings:
        escaped = r"\"(?:[^\"\\]|\"\"|\\.)*\""
        strings.append(escaped if rules.backslash_escapes else doubled)
    quoted = [r"`(?:[^`]|``)*`"]
    if not rules.double_quoted_strings:
        quoted.append(doubled)
    if rules.brackets:
        quoted.append(r"\[[^\]\d][^\]]*\]" if rules.subscripts else r"\[[^\]]*\]")
    groups = (
        ("string", "|".join(strings)),
        ("bits", rf"[bBxX]{plain}"),
        ("name", _NAME),
        ("comment", "|".join(comments)),
        ("quoted", "|".join(quoted)),
        ("number", _NUMBER),
        ("mark", _MARK),
        ("other", r"[^ \t\n\r\f\v]"),
    )
    alternatives = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in groups)
    return re.compile(rf"{_SPACE}*(?:{alternatives})", re.DOTALL)


def tokenize(text: str, rules: QuotingRules) -> list[Token]:
    """Split a text into tokens, without white space and comments.

    Args:
        text: any SQL text; an unclosed quote becomes a token of kind "other".
        rules: the quoting rules of its dialect.
    """
    pattern = _pattern(rules)
    kinds = {number: kind for kind, number in pattern.groupindex.items()}
    new, tokens = tuple.__new__, []
    for match in pattern.finditer(text):
        group = match.lastindex or 0
        kind = kinds[group]
        if kind != "comment":
            start, end = match.span(group)
            tokens.append(new(Token, (kind, match[group], start, end)))
    return tokens


def closing_index(tokens: Sequence[Token], opening: int) -> int | None:
    """Return the index of the matching closing parenthesis; None if there is none.

    Args:
        tokens: the tokens of a statement.
        opening: index of the opening parenthesis among them.
    """
    depth = 0
    for index in range(opening, len(tokens)):
        token = tokens[index]
        if token.kind == "mark":
            if token.text in "([":
                depth += 1
            elif token.text in ")]":
                depth -= 1
                if depth == 0:
                    return index
    return None


def split_top_level(
    text: str, separator: str, rules: QuotingRules, *, parentheses: bool = True
) -> Iterator[str]:
    """Split a text at each separator outside quotes, comments and parentheses.

    Args:
        text: any SQL text.
        separator: one mark, such as "," or ";".
        rules: the quoting rules of its dialect.
        parentheses: False to split inside parentheses as well.
    """
    depth = start = 0
    for token in tokenize(text, rules):
        if token.kind != "mark":
            continue
        if token.text == separator and depth == 0:
            yield text[start : token.start]
            start = token.end
        elif parentheses and token.text in "([":
            depth += 1
        elif parentheses and token.text in ")]":
            depth -= 1
    yield text[start:]


def strip_leading_comments(text: str, rules: QuotingRules) -> str:
    """Return a text without leading comments and surrounding white space."""
    pattern = _pattern(rules)
    match = pattern.match(text)
    while match is not None and match.lastgroup == "comment":
        text = text[match.end() :]
        match = pattern.match(text)
    return text.strip()
