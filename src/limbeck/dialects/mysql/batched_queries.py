"""Send several catalog queries in one message and group their rows by table."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from limbeck.dialects.mysql.catalog_queries import Query
from limbeck.dialects.own_queries import fetch, stream

if TYPE_CHECKING:
    from sqlalchemy import Connection

Row = tuple[Any, ...]
Place = tuple[str, str]
Asked = Mapping[str, tuple[Query, ...]]

_AT_ONCE = 500  # rows: the text of all rows would be as large as the catalog made from it


class QueryRows:
    """The rows of several queries, by the name of each query.

    Args:
        asked: the queries.
    """

    def __init__(self, asked: Asked) -> None:
        self._queries = {word: queries[0] for word, queries in asked.items() if queries}
        self._lists: dict[str, list[Row]] = defaultdict(list)
        self._tables: dict[str, dict[Place, list[Row]]] = defaultdict(lambda: defaultdict(list))
        self._known: dict[Row, Row] = {}

    def add(self, word: str, row: Row) -> None:
        """Add a row."""
        first = self._queries[word].table
        if first is None:
            self._lists[word].append(row)
            return
        rest = row[:first] + row[first + 2 :]
        # columns and keys are often equal in many tables
        rest = self._known.setdefault(rest, rest)
        self._tables[word][row[first], row[first + 1]].append(rest)

    def sort(self) -> None:
        """Sort the rows of each query."""
        for word, query in self._queries.items():
            if not query.order:
                continue
            if query.table is None:
                _sort(self._lists[word], query.order)
                continue
            places = tuple(position - 2 for position in query.order if position > query.table + 1)
            for rows in self._tables[word].values():
                _sort(rows, places)

    def rows(self, word: str) -> list[Row]:
        """Return all rows of queries whose rows do not belong to tables."""
        return self._lists[word]

    def tables(self, word: str) -> dict[Place, list[Row]]:
        """Return the rows by their table, without its name."""
        return dict(self._tables[word])


def _sort(rows: list[Row], places: tuple[int, ...]) -> None:
    # the number of a subpartition may be missing
    rows.sort(key=lambda row: [row[position] or 0 for position in places])


@dataclass(frozen=True, slots=True)
class BatchedQueries:
    """Sends queries, in a single message if the server supports JSON.

    Drivers written in Python spend time on every cell, so each row is returned as one cell.
    """

    connection: Connection
    as_json: bool

    def __call__(self, asked: Asked) -> QueryRows:
        """Return the rows of each query."""
        result = QueryRows(asked)
        if self.as_json:
            for word, *cells in self._packed(asked):
                result.add(word, tuple(cells))
            result.sort()
            return result
        for word, queries in asked.items():
            text = " UNION ALL ".join(query.text() for query in queries)
            for row in plain_rows(self.connection, text) if text else ():
                result.add(word, row)
        return result

    def _packed(self, asked: Asked) -> Iterator[list[Any]]:
        parts = (query.packed(word) for word, queries in asked.items() for query in queries)
        cells = _cells(self.connection, " UNION ALL ".join(parts))
        while several := list(islice(cells, _AT_ONCE)):
            yield from json.loads(f"[{','.join(several)}]", strict=False)


def _cells(connection: Connection, sql: str) -> Iterator[str]:
    for (cell,) in stream(connection, sql, stream_results=True):
        yield _text(cell)


def plain_rows(connection: Connection, sql: str) -> list[Row]:
    """Return the rows of a query, with bytes decoded to text."""
    return [tuple(_text(cell) for cell in row) for row in fetch(connection, sql)]


def _text(cell: Any) -> Any:
    return cell.decode() if isinstance(cell, bytes) else cell
