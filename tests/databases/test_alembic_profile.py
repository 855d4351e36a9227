"""Differences that are reported in projects of Alembic: those that Alembic reports."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.autogenerate import compare_metadata, produce
from limbeck.environment import MigrationContext
from limbeck.errors import DuplicateTableError
from limbeck.operations import Operations
from tests.servers import Database


def models(*items: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.String(20)),
        sa.Column("y", sa.Integer),
        *items,
    )
    return metadata


def words(database: Database, have: sa.MetaData, want: sa.MetaData, **opts: Any) -> list[Any]:
    engine = sa.create_engine(database.url)
    try:
        with engine.begin() as connection:
            have.create_all(connection)
            context = MigrationContext.configure(connection, opts=opts)
            found = compare_metadata(context, want)
            return [change[0] for group in found for change in _flat(group)]
    finally:
        engine.dispose()


def _flat(group: Any) -> list[Any]:
    return group if isinstance(group, list) else [group]


def lower() -> sa.Index:
    return sa.Index("ix_lower", sa.func.lower(sa.column("x")))


def test_an_expression_index_is_omitted_with_a_warning_on_sqlite(sqlite: Database) -> None:
    with pytest.warns(UserWarning, match="ix_lower"):
        assert words(sqlite, models(), models(lower())) == []


def test_an_existing_expression_index_warns_for_both_sides(sqlite: Database) -> None:
    with pytest.warns() as caught:
        assert words(sqlite, models(lower()), models(lower())) == []
    seen = {(each.category.__name__, str(each.message).split(":")[0]) for each in caught}
    assert seen == {
        ("SAWarning", "Skipped unsupported reflection of expression-based index ix_lower"),
        (
            "UserWarning",
            "autogenerate skipping metadata-specified expression-based index 'ix_lower'",
        ),
    }


def test_a_new_descending_index_is_drafted_on_sqlite(sqlite: Database) -> None:
    def index() -> sa.Index:
        return sa.Index("ix_y", sa.desc("y"))

    assert words(sqlite, models(), models(index())) == ["add_index"]


def test_the_reflection_of_another_package_is_used(sqlite: Database) -> None:
    def unreadable(*_args: Any, **_kw: Any) -> Any:
        raise NotImplementedError

    engine = sa.create_engine(sqlite.url)
    engine.dialect.get_unique_constraints = unreadable  # type: ignore[method-assign]
    have = models(sa.UniqueConstraint("x", name="uq_x"), sa.Index("ix_y", "y", unique=True))
    try:
        with engine.begin() as connection:
            have.create_all(connection)
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, models()) == []
            wanted = models(sa.Index("ix_y", "x", unique=True))
            names = [change[0] for change in compare_metadata(context, wanted)]
            assert names == ["remove_index", "add_index"]
    finally:
        engine.dispose()


def test_with_all_detections_an_expression_index_is_drafted(sqlite: Database) -> None:
    assert words(sqlite, models(), models(lower()), detect="all") == ["add_index"]


def test_an_expression_index_is_drafted_on_postgresql(postgresql: Database) -> None:
    assert words(postgresql, models(), models(lower())) == ["add_index"]


def test_a_descending_index_by_name_is_not_a_change(postgresql: Database) -> None:
    def index() -> sa.Index:
        return sa.Index("ix_y", sa.desc("y"))

    assert words(postgresql, models(index()), models(index())) == []


def test_an_operator_class_in_the_text_warns(postgresql: Database) -> None:
    def index(text: str) -> sa.Index:
        return sa.Index("ix_x", sa.text(text))

    same = "lower(x)text_pattern_ops"
    assert words(postgresql, models(index(same)), models(index(same))) == []
    with pytest.warns(UserWarning, match="ix_x"):
        assert words(postgresql, sa.MetaData(), models(index("upper(x) text_pattern_ops"))) == []


def test_the_column_order_of_a_unique_constraint_is_not_compared(database: Database) -> None:
    have = models(sa.UniqueConstraint("x", "y", name="uq"))
    want = models(sa.UniqueConstraint("y", "x", name="uq"))
    assert words(database, have, want) == []


@pytest.mark.parametrize("asked", [False, True])
def test_a_computed_column_is_never_altered(sqlite: Database, asked: bool) -> None:
    have = models(sa.Column("c", sa.Integer, sa.Computed("id + 1")))
    want = models(sa.Column("c", sa.Integer, sa.Computed("id + 2")))
    if not asked:
        assert words(sqlite, have, want) == []
        return
    with pytest.warns(UserWarning, match=r"t\.c"):
        assert words(sqlite, have, want, compare_server_default=True) == []


@pytest.mark.parametrize(("compare", "expected"), [(False, []), (True, ["modify_default"])])
def test_an_identity_is_compared_only_with_defaults(
    postgresql: Database, compare: bool, expected: list[str]
) -> None:
    have = models(sa.Column("c", sa.Integer))
    want = models(sa.Column("c", sa.Integer, sa.Identity()))
    assert words(postgresql, have, want, compare_server_default=compare) == expected


def test_synonyms_of_the_current_time_are_equal_defaults(postgresql: Database) -> None:
    have = models(sa.Column("c", sa.DateTime, server_default=sa.func.now()))
    want = models(sa.Column("c", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")))
    assert words(postgresql, have, want, compare_server_default=True) == []
    engine = sa.create_engine(postgresql.url)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"detect": "all"})
        assert len(compare_metadata(context, want)) == 1
    engine.dispose()


def test_the_index_of_a_dropped_foreign_key_is_kept(mariadb: Database) -> None:
    have = models(sa.Column("p", sa.Integer, sa.ForeignKey("t.id", name="fk_p")))
    want = models(sa.Column("p", sa.Integer))
    assert words(mariadb, have, want) == ["remove_fk"]


def test_a_comment_as_a_dialect_option_is_not_compared(mariadb: Database) -> None:
    have = models()
    have.tables["t"].comment = "it's"
    assert words(mariadb, have, models()) == ["remove_table_comment"]
    want = sa.MetaData()
    columns = [
        sa.Column(one.name, one.type, primary_key=one.primary_key) for one in have.tables["t"].c
    ]
    sa.Table("t", want, *columns, mysql_comment="it's")
    assert words(mariadb, have, want) == ["remove_table_comment"]


def test_existing_autoincrement_and_server_default_are_rendered(sqlite: Database) -> None:
    want = sa.MetaData()
    sa.Table("t", want, sa.Column("id", sa.Text, primary_key=True), sa.Column("x", sa.Text))
    have = sa.MetaData()
    sa.Table("t", have, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer))
    engine = sa.create_engine(sqlite.url)
    with engine.begin() as connection:
        have.create_all(connection)
        script = produce(MigrationContext.configure(connection), want)
    engine.dispose()
    assert script.upgrade_ops is not None
    first = script.upgrade_ops.ops[0].ops[0]  # type: ignore[attr-defined]
    assert first.existing_server_default is False
    assert "autoincrement" not in first.kw


def test_include_name_is_called_for_parts_of_both_sides(sqlite: Database) -> None:
    have = models(sa.CheckConstraint("y > 0", name="ck_y"), sa.Index("ix_y", "y"))
    sa.Table("gone", have, sa.Column("id", sa.Integer, primary_key=True))
    asked = []

    def include_name(name: str | None, type_: str, parents: Any) -> bool:
        asked.append((type_, name))
        return True

    assert words(sqlite, have, models(sa.Index("ix_y", "y")), include_name=include_name) == [
        "remove_table"
    ]
    assert ("table", "gone") in asked
    assert ("index", "ix_y") in asked
    assert [pair for pair in asked if pair[0] == "column"].count(("column", "id")) == 1
    assert not [pair for pair in asked if pair[0] == "check_constraint"]


def test_include_object_receives_both_sides_of_a_changed_index(sqlite: Database) -> None:
    have, want = models(sa.Index("ix", "x")), models(sa.Index("ix", "y"))

    def include_object(
        item: Any, name: str | None, type_: str, reflected: bool, other: Any
    ) -> bool:
        return not (type_ == "index" and not reflected and isinstance(other, sa.Index))

    assert words(sqlite, have, want, include_object=include_object) == []
    assert words(sqlite, sa.MetaData(), want) == ["remove_index", "add_index"]


def test_a_plugin_is_known_by_its_former_name(sqlite: Database) -> None:
    want = models(sa.CheckConstraint("y > 0", name="ck_y"))
    plugins = ["alembic.autogenerate.*", "alembic.autogenerate.checkconstraint_byname"]
    assert words(sqlite, models(), want, autogenerate_plugins=plugins) == ["add_constraint"]


def test_all_twins_are_named_at_once(sqlite: Database) -> None:
    one, two = models(), models()
    for metadata in (one, two):
        sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True))
    engine = sa.create_engine(sqlite.url)
    with engine.connect() as connection, pytest.raises(DuplicateTableError, match="t, u") as caught:
        compare_metadata(MigrationContext.configure(connection), [one, two])
    engine.dispose()
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("values", "found"),
    [("ab", []), ("ba", []), ("abc", ["modify_type"]), ("a", ["modify_type"])],
)
def test_values_of_an_inline_enum_are_compared_without_order(
    mariadb: Database, values: str, found: list[str]
) -> None:
    def models(values: str) -> sa.MetaData:
        metadata = sa.MetaData()
        sa.Table("t", metadata, sa.Column("k", sa.Enum(*values, name="k")))
        return metadata

    assert words(mariadb, models("ab"), models(values)) == found


def test_the_index_of_a_hidden_foreign_key_is_hidden_with_it(mariadb: Database) -> None:
    def names(name: str | None, kind: str, _parents: Any) -> bool:
        return (name, kind) != ("fk_hidden", "foreign_key_constraint")

    key = sa.ForeignKeyConstraint(["y"], ["t.id"], name="fk_hidden")
    assert words(mariadb, models(key), models(), include_name=names) == []


_UNNAMED = [
    ({"type_": sa.BigInteger()}, "`x` bigint DEFAULT NULL"),
    ({"nullable": True}, "`x` int DEFAULT NULL"),
    ({"comment": "new"}, "`x` int DEFAULT NULL COMMENT 'new'"),
    ({"new_column_name": "z"}, "`z` int DEFAULT NULL"),
    ({"type_": sa.BigInteger(), "existing_nullable": False}, "`x` bigint NOT NULL"),
    (
        {"type_": sa.BigInteger(), "existing_server_default": sa.text("5")},
        "`x` bigint DEFAULT 5",
    ),
]


@pytest.mark.parametrize(("words", "line"), _UNNAMED)
def test_alter_column_in_a_project_of_alembic_removes_options_that_are_not_passed(
    mysql_family: Database, words: dict[str, Any], line: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept = "NOT NULL DEFAULT 5 COMMENT 'kept'"
    found = _altered(mysql_family, f"CREATE TABLE t (x int {kept})", words, detect="alembic")
    assert found == line
    assert "Column t.x loses" in caplog.text


def test_alter_column_in_a_native_project_keeps_options_that_are_not_passed(
    mysql_family: Database,
) -> None:
    table = "CREATE TABLE t (x int NOT NULL DEFAULT 5 COMMENT 'kept')"
    words = {"type_": sa.BigInteger()}
    found = _altered(mysql_family, table, words, detect="all")
    assert found == "`x` bigint NOT NULL DEFAULT 5 COMMENT 'kept'"


def _altered(database: Database, table: str, words: dict[str, Any], detect: str) -> str:
    """Change column x of a table; return its line in SHOW CREATE TABLE, without widths."""
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql(table)
        context = MigrationContext.configure(connection, opts={"detect": detect})
        Operations(context).alter_column("t", "x", existing_type=sa.Integer(), **words)
        text = connection.exec_driver_sql("SHOW CREATE TABLE t").one()[1]
    line = text.splitlines()[1].strip().rstrip(",")
    return re.sub(r"int\(\d+\)", "int", line).replace("DEFAULT '5'", "DEFAULT 5")
