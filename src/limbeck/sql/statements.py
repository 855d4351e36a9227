"""Split an SQL script into its statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from limbeck.sql.lexer import QuotingRules, Token, tokenize

_DELIMITER = re.compile(r"^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_EXECUTED_COMMENT = re.compile(r"/\*M?!")
_COMPOUND = frozenset({"TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", "PACKAGE"})
# `END IF` and similar: this word after END closes a statement that is not a block
_CLOSED_BY_WORD = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "CASE", "FOR"})
_HEAD_LENGTH = 12  # the number of tokens of a CREATE statement that are searched for its kind


class ScriptStatement(NamedTuple):
    """A statement of a script.

    Args:
        text: the statement without its delimiter and without comments before it.
        line: the line of the script on which it starts; the first is 1.
    """

    text: str
    line: int


def split_script(text: str, rules: QuotingRules) -> tuple[ScriptStatement, ...]:
    """Split a script into its statements.

    A statement ends at a semicolon outside quotes, comments and parentheses, and outside the
    `BEGIN ... END` of a routine or trigger. `DELIMITER //` on a separate line changes the
    delimiter, as in the clients of MySQL and MariaDB.

    Args:
        text: the script.
        rules: the quoting rules of its dialect.
    """
    statements: list[ScriptStatement] = []
    start, delimiter = 0, ";"
    for command in (*_DELIMITER.finditer(text), None):
        end = len(text) if command is None else command.start()
        for first, last in _spans(text[start:end], delimiter, rules):
            line = text.count("\n", 0, start + first) + 1
            statements.append(ScriptStatement(text[start + first : start + last], line))
        if command is not None:
            start, delimiter = command.end(), command[1]
    return tuple(statements)


def _spans(text: str, delimiter: str, rules: QuotingRules) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each statement."""
    tokens = tokenize(text, rules)
    first = start = 0
    for index in range(len(tokens)):
        if index < first or not text.startswith(delimiter, tokens[index].start):
            continue
        if not _ends_here(tokens, first, index, delimiter):
            continue
        yield from _span(text, tokens[first:index], start, tokens[index].start, rules)
        start = tokens[index].start + len(delimiter)
        first = index
        while first < len(tokens) and tokens[first].start < start:
            first += 1
    yield from _span(text, tokens[first:], start, len(text), rules)


def _span(
    text: str, tokens: Sequence[Token], start: int, end: int, rules: QuotingRules
) -> Iterator[tuple[int, int]]:
    """Yield the start and end of the statement in a range; nothing if it contains none."""
    if rules.hash_comments:
        # MySQL executes these: https://dev.mysql.com/doc/refman/8.4/en/comments.html
        executed = _EXECUTED_COMMENT.search(text, start, tokens[0].start if tokens else end)
        if executed is not None:
            yield executed.start(), len(text[:end].rstrip())
            return
    if tokens:
        yield tokens[0].start, tokens[-1].end


def _ends_here(tokens: Sequence[Token], first: int, index: int, delimiter: str) -> bool:
    if tokens[index].kind in {"string", "quoted"}:
        return False
    return delimiter != ";" or not _is_inside(tokens[first:index])


def _is_inside(tokens: Sequence[Token]) -> bool:
    """Return whether parentheses or the block of a routine are open after these tokens."""
    marks = [token.text for token in tokens if token.kind == "mark"]
    if marks.count("(") > marks.count(")"):
        return True
    words = [token.text.upper() if token.kind == "name" else "" for token in tokens]
    if not words or words[0] != "CREATE" or _COMPOUND.isdisjoint(words[1:_HEAD_LENGTH]):
        return False
    depth = 0
    for index, word in enumerate(words):
        after_end = index > 0 and words[index - 1] == "END"
        if word == "END":
            depth -= 1
        elif word in {"BEGIN", "CASE"} and not after_end:
            depth += 1
        elif word in _CLOSED_BY_WORD and after_end and word != "CASE":
            depth += 1  # the preceding END closed an IF or a loop, which was not counted
    return depth > 0
