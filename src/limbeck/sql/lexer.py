"""Tokenizer of SQL text, with one table of quoting rules for each dialect.

Tokens keep their text and their span, so that text can be edited in place. Tokens are not
interpreted; `unquote` and `unquote_literal` remove quotes.
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


# ── quoting ───────────────────────────────────────────────────────────────

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "Z": "\x1a"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")

RESERVED = frozenset({
    "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "check", "collate", "column",
    "constraint", "create", "cross", "current", "current_date", "current_time",
    "current_timestamp", "current_user", "default", "delete", "desc", "distinct", "drop", "else",
    "end", "except", "exists", "false", "fetch", "for", "foreign", "from", "full", "grant", "group",
    "having", "in", "index", "inner", "insert", "intersect", "into", "is", "join", "key", "left",
    "like", "limit", "natural", "not", "null", "offset", "on", "or", "order", "outer", "primary",
    "references", "right", "select", "session_user", "set", "some", "table", "then", "to", "true",
    "union", "unique", "update", "user", "using", "values", "when", "where", "window", "with",
})  # fmt: skip
"""Words that cannot be identifiers without quotes."""


def quote_identifier(name: str, mark: str = '"') -> str:
    """Return a quoted identifier.

    Args:
        name: the identifier.
        mark: the quote: `"`, or a backtick for MySQL.
    """
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def quote_path(*names: str | None, mark: str = '"') -> str:
    """Return the given identifiers, each quoted, joined by dots; None is skipped."""
    return ".".join(quote_identifier(name, mark) for name in names if name)


def quote_if_needed(name: str) -> str:
    """Return an identifier, in double quotes if it needs them."""
    is_plain = _PLAIN.fullmatch(name) is not None and name not in RESERVED
    return name if is_plain else quote_identifier(name)


def quote_literal(text: str, *, backslash_escapes: bool = False) -> str:
    """Return a string as a literal.

    Args:
        text: the string.
        backslash_escapes: the server treats backslashes as escapes (MySQL).
    """
    if backslash_escapes:
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


def unquote(text: str) -> str:
    """Return an identifier without its quotes; text without quotes is not changed."""
    mark = text[:1]
    if mark == "[" and text[-1] == "]":
        return text[1:-1]
    if mark and mark in "\"`'" and len(text) > 1:
        return text[1:-1].replace(mark * 2, mark)
    return text


def unquote_literal(text: str, *, backslash_escapes: bool = False) -> str:
    """Return the value of a string literal: `'...'`, `"..."`, `E'...'`, `N'...'` or `$$...$$`.

    Args:
        text: the literal.
        backslash_escapes: a backslash escapes the next character, as always in `E'...'`.
    """
    if text[0] == "$":
        tag = text.index("$", 1) + 1
        return text[tag:-tag]
    if text[0] not in "'\"":
        backslash_escapes = backslash_escapes or text[0] in "eE"
        text = text[1:]
    inner = text[1:-1].replace(text[0] * 2, text[0])
    if not backslash_escapes or "\\" not in inner:
        return inner
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), inner)
