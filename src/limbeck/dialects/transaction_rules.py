"""Working out from its text what a statement costs: tables of patterns, read in order.

Unknown text has unknown cost. What was measured on a server overrides what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from limbeck.plan import Hazard, Lock, Step, Tx

NAME = r'(?:"(?:[^"]|"")+"|`[^`]+`|\[[^\]]+\]|[\w$]+)'
TABLE = rf"(?P<table>{NAME}(?:\s*\.\s*{NAME})*)"
OTHER = rf"(?P<other>{NAME}(?:\s*\.\s*{NAME})*)"

_COMMENT = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^'\\]|''|\\.)*'|\$(\w*)\$.*?\$\1\$", re.DOTALL)


_FIRST = re.compile(r"(?:\^?\(\?:([A-Z|]+)\)|\^?([A-Z]+)) ")


class Words:
    """A pattern in which a space stands for any white space; compiled when it is first needed.

    A run has a few statements; to compile the patterns for all that there are takes longer.

    Args:
        text: the pattern.
    """

    __slots__ = ("_compiled", "_first", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._compiled: re.Pattern[str] | None = None
        found = _FIRST.match(text)
        self._first = frozenset((found[1] or found[2]).split("|")) if found else None

    def match(self, sql: str, first: str | None = None) -> re.Match[str] | None:
        """Match at the beginning of a statement.

        Args:
            sql: the statement.
            first: its first word, where somebody who asks many patterns knows it already.
        """
        wanted = self._first
        if wanted is not None and (first_word(sql) if first is None else first) not in wanted:
            return None
        return self._pattern.match(sql)

    def search(self, clause: str) -> re.Match[str] | None:
        """Find it anywhere in a clause."""
        return self._pattern.search(clause)

    @property
    def _pattern(self) -> re.Pattern[str]:
        if self._compiled is None:
            text = self._text.replace(" ", r"\s+")
            self._compiled = re.compile(text, re.IGNORECASE | re.DOTALL)
        return self._compiled


words = Words
"""How the lists of prices write their patterns."""


def first_word(sql: str) -> str:
    """Return the word that a statement begins with, in capitals."""
    return (sql[:32].split(None, 1) or [""])[0].upper()


@dataclass(frozen=True, slots=True)
class Price:
    """What statements that match cost.

    Args:
        pattern: matched at the statement's beginning; groups `table` and `other` name tables.
        mode: the lock on `table`.
        other: the lock on `other`.
        tx: whether the statement may run inside a transaction.
        hazards: what may happen to those who use the table.
    """

    pattern: Words
    mode: str | None = None
    other: str | None = None
    tx: Tx = Tx.EITHER
    hazards: frozenset[Hazard] = frozenset()


@dataclass(frozen=True, slots=True)
class Action:
    """What one clause of ALTER TABLE costs; the pattern is searched in the clause."""

    pattern: Words
    mode: str | None = None
    other: str | None = None
    hazards: frozenset[Hazard] = frozenset()


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of one database: statements, and the clauses of its ALTER TABLE."""

    statements: tuple[Price, ...]
    alter_table: Words
    actions: tuple[Action, ...]
    alter_tx: Tx = Tx.EITHER
    tx_of: tuple[tuple[Words, Tx], ...] = field(default_factory=tuple)

    def __call__(self, sql: str) -> Step:
        """Return a statement as a Step with its costs; of several, what they cost together."""
        parts = [self._priced(part) for part in statements_of(sql)]
        return Step(
            sql,
            tx=_together(part.tx for part in parts),
            locks=tuple(dict.fromkeys(lock for part in parts for lock in part.locks)),
            hazards=frozenset(hazard for part in parts for hazard in part.hazards),
        )

    def tx_only(self, sql: str) -> Tx:
        """Return whether a statement may run inside a transaction, and nothing else."""
        return _together(self._tx_priced(part) for part in statements_of(sql))

    def _tx_priced(self, sql: str) -> Tx:
        first = first_word(sql)
        for pattern, tx in self.tx_of:
            if pattern.match(sql, first) is not None:
                return tx
        if self.alter_table.match(sql, first) is not None:
            return self.alter_tx
        for price in self.statements:
            if price.pattern.match(sql, first) is not None:
                return price.tx
        return Tx.EITHER

    def _priced(self, sql: str) -> Step:
        start = self.alter_table.match(sql)
        if start is not None:
            return self._altered(sql, start)
        for price in self.statements:
            match = price.pattern.match(sql)
            if match is not None:
                tx = self._tx(sql, price.tx)
                return Step(sql, tx, _locks(match, price), price.hazards)
        return Step(sql, self._tx(sql, Tx.EITHER))

    def _tx(self, sql: str, otherwise: Tx) -> Tx:
        return next((tx for pattern, tx in self.tx_of if pattern.match(sql)), otherwise)

    def _altered(self, sql: str, start: re.Match[str]) -> Step:
        locks: dict[Lock, None] = {}
        hazards: set[Hazard] = set()
        for clause in clauses_of(sql[start.end() :]):
            for action in self.actions:
                found = action.pattern.search(clause)
                if found is None:
                    continue
                if action.mode is not None:
                    locks[Lock(bare(start["table"]), action.mode)] = None
                other = found.groupdict().get("other")
                if other and action.other:
                    locks[Lock(bare(other), action.other)] = None
                hazards |= action.hazards
                break
        return Step(sql, self._tx(sql, self.alter_tx), tuple(locks), frozenset(hazards))


def _locks(match: re.Match[str], price: Price) -> tuple[Lock, ...]:
    groups = match.groupdict()
    pairs = (("table", price.mode), ("other", price.other))
    return tuple(
        Lock(bare(groups[group]), mode) for group, mode in pairs if mode and groups.get(group)
    )


def _together(several: Iterable[Tx]) -> Tx:
    found = set(several)
    for tx in (Tx.OUTSIDE, Tx.INSIDE):
        if tx in found:
            return tx
    return Tx.EITHER


def bare(name: str) -> str:
    """Return a name without its quotes, parts joined by dots."""
    parts = re.findall(NAME, name)
    return ".".join(re.sub(r'^["`\[]|["`\]]$', "", part).replace('""', '"') for part in parts)


def statements_of(sql: str) -> list[str]:
    """Return the statements of a text, without the comments before them."""
    return [text for part in _split(sql, ";") if (text := _COMMENT.sub("", part).strip())]


def clauses_of(sql: str) -> list[str]:
    """Return the clauses of an ALTER TABLE: split at commas outside brackets and quotes."""
    return [part.strip() for part in _split(sql, ",", brackets=True)]


def _split(sql: str, mark: str, *, brackets: bool = False) -> Sequence[str]:
    if mark not in sql:
        return [sql]
    hidden = _QUOTED.sub(lambda match: "x" * len(match.group()), sql)
    parts, start, depth = [], 0, 0
    for place, char in enumerate(hidden):
        if brackets and char in "()":
            depth += 1 if char == "(" else -1
        elif char == mark and depth == 0:
            parts.append(sql[start:place])
            start = place + 1
    parts.append(sql[start:])
    return parts


DATA_LOSS = frozenset({Hazard.DATA_LOSS})
REWRITE = frozenset({Hazard.REWRITE, Hazard.BLOCKS_READS, Hazard.BLOCKS_WRITES})
SCAN = frozenset({Hazard.SCAN, Hazard.BLOCKS_READS, Hazard.BLOCKS_WRITES, Hazard.MAY_FAIL})
SCAN_WRITES = frozenset({Hazard.SCAN, Hazard.BLOCKS_WRITES})
"""Sets of hazards that come together."""
