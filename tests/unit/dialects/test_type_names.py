"""A type printed by SQLAlchemy and the same type printed by the server are equal."""

from __future__ import annotations

import pytest

from limbeck.catalog import Key, Type
from limbeck.dialects.mysql import type_names as mysql
from limbeck.dialects.postgresql import type_names as postgresql


@pytest.mark.parametrize(
    ("model", "server"),
    [
        ("VARCHAR(50)", "character varying(50)"),
        ("TIMESTAMP(3) WITH TIME ZONE", "timestamp(3) with time zone"),
        ("TIMESTAMP WITHOUT TIME ZONE", "timestamp without time zone"),
        ("timestamptz", "timestamp with time zone"),
        ("NUMERIC(10)", "numeric(10,0)"),
        ("FLOAT", "double precision"),
        ("FLOAT(24)", "real"),
        ("INTEGER[][]", "integer[]"),
        ("CHAR", "character(1)"),
        ("BIT", "bit(1)"),
        ("BOOL", "boolean"),
        ("INT8", "bigint"),
    ],
)
def test_postgresql_types_of_models_and_server_are_equal(model: str, server: str) -> None:
    assert postgresql.read(model) == postgresql.read(server)


@pytest.mark.parametrize(
    "text",
    ["timestamp(3) with time zone", "numeric(10,2)", "character varying(5)[]", "interval(3)"],
)
def test_a_postgresql_type_is_written_as_it_was_read(text: str) -> None:
    assert postgresql.ddl(postgresql.read(text)) == text


def test_a_named_type_is_quoted_with_its_namespace() -> None:
    key = Key("enum", ("other", 'My "Mood"'))
    assert postgresql.ddl(Type("x", (), None, 1, key)) == '"other"."My ""Mood"""[]'


@pytest.mark.parametrize(
    ("model", "server"),
    [
        ("BOOL", "tinyint(1)"),
        ("INTEGER", "int(11)"),
        ("INTEGER UNSIGNED", "int(10) unsigned"),
        ("BIGINT(20)", "bigint"),
        ("NUMERIC", "decimal(10,0)"),
        ("NUMERIC(8)", "decimal(8,0)"),
        ("FLOAT(53)", "double"),
        ("TEXT(300)", "text"),
        ("TEXT(20000)", "mediumtext"),
        ("BLOB(100)", "tinyblob"),
        ("CHAR", "char(1)"),
        ("DATETIME(0)", "datetime"),
        ("YEAR", "year(4)"),
        ("INTEGER(5) ZEROFILL", "int(5) unsigned zerofill"),
        ("ENUM('a','b''c')", "enum('a','b''c')"),
        ("VARCHAR(5) CHARACTER SET utf8", "varchar(5) character set utf8mb3"),
    ],
)
def test_mysql_types_of_models_and_server_are_equal(model: str, server: str) -> None:
    assert mysql.read(model) == mysql.read(server)


def test_a_boolean_differs_from_a_tinyint() -> None:
    assert mysql.read("tinyint(1)") != mysql.read("tinyint(4)")


def test_normalizing_a_type_twice_changes_nothing() -> None:
    for text in ("varchar(5)", "double precision", "decimal", "tinyint(1)", "bit", "enum('x')"):
        for dialect_types in (mysql, postgresql):
            once = dialect_types.canonical_type(Type.parse(text))
            assert dialect_types.canonical_type(once) == once
