"""The effects of a DDL statement on the catalog."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.dialects import CatalogProbe, NetEffects, parse_effects, written_rows


@pytest.mark.parametrize(
    ("sql", "effects", "is_complete"),
    [
        ("CREATE TABLE t (id INT NOT NULL, x DECIMAL(5, 2), PRIMARY KEY (id))",
         ["table t", "column t.id", "column t.x"], True),
        ("create table `s`.`a b` (`c,d` int)", ["table s.a b", "column s.a b.c,d"], True),
        ("DROP TABLE IF EXISTS t, u", ["no table t", "no table u"], True),
        ("CREATE UNIQUE INDEX ix ON t (a, b)", ["part t.ix"], True),
        ("DROP INDEX ix ON t", ["no part t.ix"], True),
        ("ALTER TABLE t ADD COLUMN a INT NOT NULL, ADD INDEX i (a)",
         ["column t.a", "part t.i"], True),
        ("ALTER TABLE t DROP COLUMN a", ["no column t.a"], True),
        ("ALTER TABLE t MODIFY a BIGINT", ["column t.a"], False),
        ("ALTER TABLE t CHANGE a b BIGINT", ["no column t.a", "column t.b"], True),
        ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY(a) REFERENCES u (id)", ["part t.f"], True),
        ("ALTER TABLE t DROP FOREIGN KEY f", ["no part t.f"], True),
        ("ALTER TABLE t RENAME TO u", ["no table t", "table u"], True),
        ("ALTER TABLE t ENGINE=InnoDB", [], False),
        ("ALTER TABLE t DROP COLUMN a, ADD COLUMN a INT", ["no column t.a", "column t.a"], False),
        ("CREATE VIEW v AS SELECT 1", [], False),
        ("CREATE TABLE t (id INT, x VARCHAR(", ["table t", "column t.id", "column t.x"], True),
    ],
)  # fmt: skip
def test_effects_are_read_from_a_statement(sql: str, effects: list[str], is_complete: bool) -> None:
    found = parse_effects(sql, "mysql")
    assert [str(item) for item in found.items] == effects
    assert found.is_complete is is_complete


def test_later_statements_replace_the_effects_of_earlier_ones() -> None:
    net = NetEffects()
    for sql in (
        "CREATE TABLE t (a INT, b INT)",
        "CREATE INDEX i ON t (b)",
        "ALTER TABLE t DROP COLUMN b",
        "ALTER TABLE t RENAME TO u",
    ):
        net.add(sql, parse_effects(sql, "mysql"))
    assert sorted(str(item) for _, item in net.all()) == [
        "column u.a", "no column u.b", "no table t", "table u",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "holds"),
    [
        ("CREATE TABLE t (a INT)", True),
        ("CREATE TABLE t (a INT, z INT)", False),
        ("CREATE TABLE u (a INT)", False),
        ("DROP TABLE u", True),
        ("ALTER TABLE t ADD COLUMN b INT NOT NULL", False),
        ("ALTER TABLE t ADD COLUMN b INT", True),
        ("CREATE INDEX i ON t (a)", True),
        ("CREATE UNIQUE INDEX i ON t (a)", False),
        ("CREATE INDEX i ON t (b)", False),
    ],
)
def test_effects_are_verified_in_the_catalog(sql: str, holds: bool) -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INT, b INT)")
        connection.exec_driver_sql("CREATE INDEX i ON t (a)")
        probe = CatalogProbe(connection)
        assert all(probe.holds(item) for item in parse_effects(sql, "mysql").items) is holds
    engine.dispose()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO t VALUES (1)", ((None, "t"), ())),
        ("insert into A.b (x) values ('; SET')", (("a", "b"), ())),
        ('INSERT INTO "A b"."c" (x) VALUES (1)', (("A b", "c"), ())),
        ("INSERT INTO a . b SELECT 1", (("a", "b"), ())),
        ("DELETE FROM t WHERE id = 1", ((None, "t"), ())),
        ("UPDATE t SET a = (1, 2), b = 3 WHERE c", ((None, "t"), ("a", "b"))),
        ("DELETE FROM t USING u", None),
        ("CREATE TABLE t (id INT)", None),
    ],
)
def test_tables_whose_rows_are_written(
    sql: str, expected: tuple[tuple[str | None, str], tuple[str, ...]] | None
) -> None:
    assert written_rows(sql, "postgresql") == expected
