"""The queries over information_schema that return a whole catalog."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from limbeck.dialects.dialect import Scope
from limbeck.sql import quote_identifier, quote_literal

DEFAULT_KINDS = frozenset({"table", "sequence", "namespace"})
SERVERS_OWN = ("information_schema", "mysql", "performance_schema", "sys")
_CHECKS_SINCE = (8, 0, 16)
_INVISIBLE_SINCE = (8, 0, 0)
_IGNORED_SINCE = (10, 6, 0)
_EXPRESSIONS_SINCE = (8, 0, 13)
LEVELS_SINCE = (10, 5, 10)


def quoted(text: str) -> str:
    """Return a string literal."""
    return quote_literal(text, backslash_escapes=True)


def quote(name: str) -> str:
    """Return a name in backquotes."""
    return quote_identifier(name, "`")


def any_of(names: Iterable[str]) -> str:
    """Return a list in parentheses."""
    return "(" + ", ".join(quoted(name) for name in names) + ")"


@dataclass(frozen=True, slots=True)
class Query:
    """A query over information_schema.

    Args:
        cells: the columns of the result.
        source: the text after FROM.
        order: the positions of the columns by which rows are sorted.
        table: the position of the table's namespace, which precedes its name.
    """

    cells: tuple[str, ...]
    source: str
    order: tuple[int, ...] = ()
    table: int | None = None

    def text(self) -> str:
        """Return the query as a separate statement."""
        order = ", ".join(self.cells[position] for position in self.order)
        text = f"SELECT {', '.join(self.cells)} FROM {self.source}"
        return f"{text} ORDER BY {order}" if order else text

    def packed(self, word: str) -> str:
        """Return the query with each row as one JSON text after a word, without ORDER BY."""
        cells = ", ".join((quoted(word), *self.cells))
        return f"SELECT JSON_ARRAY({cells}) FROM {self.source}"


def tables(scope: Scope) -> tuple[Query, ...]:
    """Return the first query: the default namespace and every table with its options."""
    cells = (
        "DATABASE()", "t.TABLE_SCHEMA", "t.TABLE_NAME", "t.TABLE_TYPE", "t.ENGINE",
        "t.TABLE_COLLATION", "t.CREATE_OPTIONS", "t.TABLE_COMMENT", "@@default_storage_engine",
        "s.DEFAULT_COLLATION_NAME",
    )  # fmt: skip
    source = (
        "information_schema.TABLES t JOIN information_schema.SCHEMATA s"
        f" ON s.SCHEMA_NAME = t.TABLE_SCHEMA WHERE {_within('t.TABLE_SCHEMA', scope)}"
        " AND t.TABLE_TYPE NOT IN ('SYSTEM VIEW', 'TEMPORARY')"
    )
    return (Query(cells, source, (1, 2)),)


def _within(column: str, scope: Scope) -> str:
    if not scope.namespaces:
        return f"{column} NOT IN {any_of(SERVERS_OWN)}"
    named = sorted(name for name in scope.namespaces if name is not None)
    conditions = [f"{column} = {quoted(named[0])}"] if len(named) == 1 else []
    if len(named) > 1:
        conditions = [f"{column} IN {any_of(named)}"]
    if None in scope.namespaces:
        conditions.append(f"{column} = DATABASE()")
    return f"({' OR '.join(conditions)})"


def _of(scope: Scope, prefix: str, schema: str = "TABLE_SCHEMA") -> str:
    text = _within(f"{prefix}.{schema}", scope)
    if scope.tables is not None:
        text += f" AND {prefix}.TABLE_NAME IN {any_of(sorted(scope.tables) or [''])}"
    return text


def partitions(scope: Scope) -> tuple[Query, ...]:
    """Return the query for the partitions of partitioned tables."""
    cells = (
        "p.TABLE_SCHEMA", "p.TABLE_NAME", "p.PARTITION_METHOD", "p.PARTITION_EXPRESSION",
        "p.PARTITION_NAME", "p.PARTITION_DESCRIPTION", "p.SUBPARTITION_METHOD",
        "p.SUBPARTITION_EXPRESSION", "p.PARTITION_ORDINAL_POSITION",
        "p.SUBPARTITION_ORDINAL_POSITION",
    )  # fmt: skip
    source = (
        "information_schema.PARTITIONS p"
        f" WHERE p.PARTITION_METHOD IS NOT NULL AND {_of(scope, 'p')}"
    )
    return (Query(cells, source, (0, 1, 8, 9), table=0),)


def columns(scope: Scope) -> tuple[Query, ...]:
    """Return the query for every column."""
    cells = (
        "c.TABLE_SCHEMA", "c.TABLE_NAME", "c.COLUMN_NAME", "c.COLUMN_TYPE", "c.IS_NULLABLE",
        "c.COLUMN_DEFAULT", "c.EXTRA", "c.GENERATION_EXPRESSION", "c.CHARACTER_SET_NAME",
        "c.COLLATION_NAME", "c.COLUMN_COMMENT", "c.ORDINAL_POSITION",
    )  # fmt: skip
    source = f"information_schema.COLUMNS c WHERE {_of(scope, 'c')}"
    return (Query(cells, source, (0, 1, 11), table=0),)


def indexes(scope: Scope, version: tuple[int, ...], *, is_mariadb: bool) -> tuple[Query, ...]:
    """Return the query for every member of every index."""
    has_expressions = not is_mariadb and version >= _EXPRESSIONS_SINCE
    hidden = "NULL"
    if version >= (_IGNORED_SINCE if is_mariadb else _INVISIBLE_SINCE):
        hidden = "s.IGNORED = 'YES'" if is_mariadb else "s.IS_VISIBLE = 'NO'"
    cells = (
        "s.TABLE_SCHEMA", "s.TABLE_NAME", "s.INDEX_NAME", "s.NON_UNIQUE", "s.COLUMN_NAME",
        "s.COLLATION", "s.SUB_PART", "s.INDEX_TYPE", "s.INDEX_COMMENT",
        "s.EXPRESSION" if has_expressions else "NULL", hidden, "s.SEQ_IN_INDEX",
    )  # fmt: skip
    source = f"information_schema.STATISTICS s WHERE {_of(scope, 's')}"
    return (Query(cells, source, (0, 1, 2, 11), table=0),)


def constraints(scope: Scope, version: tuple[int, ...], *, is_mariadb: bool) -> tuple[Query, ...]:
    """Return the queries for foreign keys, their columns and checks, each marked by a letter."""
    rules = Query(
        (
            "'r'", "r.CONSTRAINT_SCHEMA", "r.TABLE_NAME", "r.CONSTRAINT_NAME", "r.UPDATE_RULE",
            "r.DELETE_RULE", "r.MATCH_OPTION", "NULL", "0",
        ),
        "information_schema.REFERENTIAL_CONSTRAINTS r"
        f" WHERE {_of(scope, 'r', 'CONSTRAINT_SCHEMA')}",
        table=1,
    )  # fmt: skip
    members = Query(
        (
            "'k'", "k.TABLE_SCHEMA", "k.TABLE_NAME", "k.CONSTRAINT_NAME", "k.COLUMN_NAME",
            "k.REFERENCED_TABLE_SCHEMA", "k.REFERENCED_TABLE_NAME", "k.REFERENCED_COLUMN_NAME",
            "k.ORDINAL_POSITION",
        ),
        "information_schema.KEY_COLUMN_USAGE k"
        f" WHERE k.REFERENCED_TABLE_NAME IS NOT NULL AND {_of(scope, 'k')}",
        table=1,
    )  # fmt: skip
    if is_mariadb:
        level = "c.LEVEL" if version >= LEVELS_SINCE else "NULL"
        checks = Query(
            (
                "'c'", "c.CONSTRAINT_SCHEMA", "c.TABLE_NAME", "c.CONSTRAINT_NAME",
                "c.CHECK_CLAUSE", level, "NULL", "NULL", "0",
            ),
            "information_schema.CHECK_CONSTRAINTS c"
            f" WHERE {_of(scope, 'c', 'CONSTRAINT_SCHEMA')}",
            table=1,
        )  # fmt: skip
        return rules, members, checks
    if version >= _CHECKS_SINCE:
        checks = Query(
            (
                "'c'", "t.CONSTRAINT_SCHEMA", "t.TABLE_NAME", "t.CONSTRAINT_NAME",
                "c.CHECK_CLAUSE", "NULL", "t.ENFORCED", "NULL", "0",
            ),
            "information_schema.TABLE_CONSTRAINTS t"
            " JOIN information_schema.CHECK_CONSTRAINTS c"
            " ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA"
            " AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME"
            f" WHERE t.CONSTRAINT_TYPE = 'CHECK' AND {_of(scope, 't')}",
            table=1,
        )  # fmt: skip
        return rules, members, checks
    return rules, members


def sequences(names: Iterable[tuple[str, str]]) -> str:
    """Return one query for the options of all sequences."""
    return " UNION ALL ".join(
        f"SELECT {quoted(namespace)}, {quoted(name)}, start_value, increment, minimum_value,"
        f" maximum_value, cache_size, cycle_option FROM {quote(namespace)}.{quote(name)}"
        for namespace, name in names
    )


def definitions(scope: Scope, kinds: frozenset[str]) -> tuple[Query, ...]:
    """Return the queries for the views, triggers and routines in the scope."""
    queries = []
    if "view" in kinds:
        queries.append(
            Query(
                (
                    "'view'", "v.TABLE_SCHEMA", "v.TABLE_NAME", "NULL", "v.VIEW_DEFINITION",
                    "NULL", "NULL", "NULL",
                ),
                f"information_schema.VIEWS v WHERE {_within('v.TABLE_SCHEMA', scope)}",
            )
        )  # fmt: skip
    if "trigger" in kinds:
        queries.append(
            Query(
                (
                    "'trigger'", "g.TRIGGER_SCHEMA", "g.TRIGGER_NAME", "g.EVENT_OBJECT_TABLE",
                    "g.ACTION_STATEMENT", "g.ACTION_TIMING", "g.EVENT_MANIPULATION", "NULL",
                ),
                f"information_schema.TRIGGERS g WHERE {_within('g.TRIGGER_SCHEMA', scope)}",
            )
        )  # fmt: skip
    routines = _routines(kinds)
    if routines:
        queries.append(
            Query(
                (
                    "lower(p.ROUTINE_TYPE)", "p.ROUTINE_SCHEMA", "p.ROUTINE_NAME", "NULL",
                    "p.ROUTINE_DEFINITION", "p.DTD_IDENTIFIER",
                    "CONCAT_WS('|', p.IS_DETERMINISTIC, p.SQL_DATA_ACCESS, p.SECURITY_TYPE)",
                    "p.ROUTINE_COMMENT",
                ),
                f"information_schema.ROUTINES p WHERE p.ROUTINE_TYPE IN {any_of(routines)}"
                f" AND {_within('p.ROUTINE_SCHEMA', scope)}",
            )
        )  # fmt: skip
    return tuple(queries)


def _routines(kinds: frozenset[str]) -> list[str]:
    return [kind.upper() for kind in ("function", "procedure") if kind in kinds]


def parameters(scope: Scope, kinds: frozenset[str]) -> tuple[Query, ...]:
    """Return the query for the parameters of routines, if routines are in the scope."""
    routines = _routines(kinds)
    if not routines:
        return ()
    cells = (
        "p.SPECIFIC_SCHEMA", "p.SPECIFIC_NAME", "lower(p.ROUTINE_TYPE)", "p.PARAMETER_MODE",
        "p.PARAMETER_NAME", "p.DTD_IDENTIFIER", "p.ORDINAL_POSITION",
    )  # fmt: skip
    source = (
        f"information_schema.PARAMETERS p WHERE p.ROUTINE_TYPE IN {any_of(routines)}"
        f" AND p.ORDINAL_POSITION > 0 AND {_within('p.SPECIFIC_SCHEMA', scope)}"
    )
    return (Query(cells, source, (0, 1, 2, 6), table=0),)
