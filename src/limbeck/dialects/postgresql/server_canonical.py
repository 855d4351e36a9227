"""Let the server print the expressions of the models, in one block that is rolled back.

A DO block creates temporary tables with the defaults, checks, generated columns and indexes of
the models, reads them and raises an exception, which rolls them back. Each statement has a
separate exception handler, so that a refused statement does not affect the others.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from limbeck.catalog import (
    Catalog,
    Column,
    Computed,
    Definition,
    Domain,
    Enum,
    Expr,
    Index,
    Table,
    Type,
)
from limbeck.dialects.canonical import Question
from limbeck.dialects.postgresql.catalog_queries import quoted
from limbeck.dialects.postgresql.expression_rules import GRAMMAR
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.type_names import ddl
from limbeck.sql import lowercase_identifiers, quote_identifier

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FILLER = "('limbeck'::text)"
_READ_BACK = qualified("""
SELECT coalesce(json_agg(r), '[]')::text INTO printed FROM (
 SELECT json_build_array(a.attname, format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attcollation <> y.typcollation THEN (SELECT o.collname FROM pg_collation o
   WHERE o.oid = a.attcollation) END, pg_get_expr(f.adbin, f.adrelid)) AS r
 FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 JOIN pg_type y ON y.oid = a.atttypid
 LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
 WHERE c.relnamespace = pg_my_temp_schema() AND left(a.attname, 8) = 'limbeck_' AND c.relkind = 'r'
 UNION ALL
 SELECT json_build_array(k.conname, CASE WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid)
  ELSE pg_get_expr(k.conbin, k.conrelid) END)
 FROM pg_constraint k WHERE k.connamespace = pg_my_temp_schema() AND left(k.conname, 8) = 'limbeck_'
 UNION ALL
 SELECT json_build_array(c.relname, (SELECT json_agg(pg_get_indexdef(i.indexrelid, u.o::int, true)
  ORDER BY u.o) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(n, o) WHERE u.n = 0),
  pg_get_expr(i.indpred, i.indrelid))
 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE c.relnamespace = pg_my_temp_schema() AND left(c.relname, 8) = 'limbeck_'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
 UNION ALL
 SELECT json_build_array(t.typname, t.typdefault)
 FROM pg_type t WHERE t.typnamespace = pg_my_temp_schema() AND left(t.typname, 8) = 'limbeck_'
  AND t.typtype = 'd' AND t.typdefault IS NOT NULL
 UNION ALL
 SELECT json_build_array(c.relname, pg_get_viewdef(c.oid)) FROM pg_class c
 WHERE c.relnamespace = pg_my_temp_schema() AND left(c.relname, 8) = 'limbeck_' AND c.relkind = 'v'
) q;
""")


def printed(
    connection: Connection, have: Catalog, want: Catalog, questions: Sequence[Question]
) -> dict[Question, tuple[str, ...]]:
    """Return the server's text for each question that it could answer."""
    statements = _enums(have, want)
    for number, question in enumerate(questions):
        obj = want.get(question.owner)
        if isinstance(obj, Table):
            other = have.get(question.owner)
            known = other if isinstance(other, Table) else obj
            statements.extend(_table_statements(f"limbeck_{number}", question, obj, known))
        elif isinstance(obj, Definition):
            statements.append(f"CREATE TEMPORARY VIEW limbeck_{number} AS {obj.body.text}")
        elif isinstance(obj, Domain):
            statements.append(_domain_statement(f"limbeck_{number}", question, obj))
    rows = {row[0]: row[1:] for row in _run(connection, statements)}
    answers: dict[Question, tuple[str, ...]] = {}
    for number, question in enumerate(questions):
        row = rows.get(f"limbeck_{number}")
        if row is not None:
            answers[question] = _answer(question, row)
    return {question: texts for question, texts in answers.items() if texts}


def _answer(question: Question, row: list[Any]) -> tuple[str, ...]:
    if question.role == "type":
        collation = f" COLLATE {quote_identifier(row[1])}" if row[1] else ""
        return (row[0] + collation,)
    if question.role == "index":
        texts = [text for text in row[0] or () if text != _FILLER]
        return (*texts, *([row[1]] if row[1] is not None else []))
    text = row[2] if question.owner.kind == "table" and len(row) > 1 else row[0]
    return () if text is None else (text,)


def _enums(have: Catalog, want: Catalog) -> list[str]:
    return [
        f"CREATE TYPE pg_temp.{quote_identifier(obj.key.name)} AS ENUM"
        f" ({', '.join(quoted(value) for value in obj.values)})"
        for obj in want
        if isinstance(obj, Enum) and obj.key not in have and obj.key.namespace is None
    ]


def _table_statements(name: str, question: Question, want: Table, have: Table) -> list[str]:
    # Every question has a separate table with only the columns it needs. The table has its real
    # name, which some texts repeat, and is renamed afterwards so that the name is free.
    table = f"pg_temp.{quote_identifier(want.key.name)}"
    text, statement = _made(name, question, want, table)
    has_columns = question.role not in {"default", "type"}
    spoken = lowercase_identifiers(text, GRAMMAR) if has_columns else frozenset()
    statements = [f"CREATE TEMPORARY TABLE {quote_identifier(want.key.name)} ()"]
    statements.extend(
        f"ALTER TABLE {table} ADD COLUMN {quote_identifier(column.name)}"
        f" {ddl(_type_of(column, have))}"
        for column in want.columns
        if column.name.lower() in spoken
    )
    statements.append(statement)
    statements.append(f"ALTER TABLE {table} RENAME TO {quote_identifier('scratch_' + name)}")
    return statements


def _type_of(column: Column, have: Table) -> Type:
    other = have.column(column.name)
    return column.type if other is None else other.type


def _made(name: str, question: Question, want: Table, table: str) -> tuple[str, str]:
    position = question.position
    match question.role:
        case "default" | "computed" | "type":
            column = want.columns[position]
            text, tail = "", ""
            if question.role == "default" and isinstance(column.default, Expr):
                text, tail = column.default.text, f" DEFAULT {column.default.text}"
            elif question.role == "computed" and isinstance(column.default, Computed):
                text = column.default.expr.text
                tail = f" GENERATED ALWAYS AS ({text}) STORED"
            return text, f"ALTER TABLE {table} ADD COLUMN {name} {ddl(column.type)}{tail}"
        case "check":
            text = want.checks[position].expr.text
            return text, f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({text})"
        case "exclude":
            text = want.excludes[position].definition.text
            return text, f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}"
        case _:
            return _made_index(name, want.indexes[position], table)


def _made_index(name: str, index: Index, table: str) -> tuple[str, str]:
    # Only expressions are printed. Plain columns and operator classes are left out, because the
    # server could refuse them.
    texts = [element.expr.text for element in index.elements if element.expr is not None]
    items = [f"({text})" for text in texts]
    where = "" if index.where is None else f" WHERE {index.where.text}"
    if not items:
        items = [_FILLER]
    statement = f"CREATE INDEX {name} ON {table} ({', '.join(items)}){where}"
    return " ".join([*texts, where]), statement


def _domain_statement(name: str, question: Question, want: Domain) -> str:
    start = f"CREATE DOMAIN pg_temp.{name} AS {ddl(want.type)}"
    if question.role == "default" and want.default is not None:
        return f"{start} DEFAULT {want.default.text}"
    check = want.checks[question.position].expr.text
    return f"{start.replace(name, 'scratch_' + name)} CONSTRAINT {name} CHECK ({check})"


def _run(connection: Connection, statements: list[str]) -> list[list[Any]]:
    texts = ",\n".join(quoted(statement) for statement in statements)
    autocommit = connection._is_autocommit_isolation()
    local = "false" if autocommit else "true"
    mark = "limbeck"
    while f"${mark}$" in texts:
        mark += "_"
    block = (
        f"DO ${mark}$ DECLARE printed pg_catalog.text := '[]'; one pg_catalog.text; BEGIN BEGIN\n"
        f"FOREACH one IN ARRAY ARRAY[{texts}]::pg_catalog.text[] LOOP\n"
        "BEGIN EXECUTE one; EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP;\n"
        f"{_READ_BACK}"
        "RAISE EXCEPTION 'undo'; EXCEPTION WHEN OTHERS THEN NULL; END;\n"
        f"PERFORM pg_catalog.set_config('limbeck.printed', printed, {local}); END ${mark}$"
    )
    answer = (
        "SELECT pg_catalog.current_setting('limbeck.printed', true),"
        f" pg_catalog.set_config('limbeck.printed', '', {local})"
    )
    from sqlalchemy.exc import DBAPIError

    options = {"no_parameters": True}
    guard = None if autocommit else connection.begin_nested()
    try:
        connection.exec_driver_sql(block, execution_options=options)
        text = connection.exec_driver_sql(answer, execution_options=options).scalar()
    except DBAPIError:
        # A relative of PostgreSQL without PL/pgSQL: the text has to do.
        text = None
    finally:
        if guard is not None:
            guard.rollback()
    rows: list[list[Any]] = json.loads(text or "[]")
    return rows
