"""Functions, operators and tables that others have planted are not used."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.catalog import Key
from limbeck.dialects import CatalogProbe, Scope, find
from limbeck.dialects.postgresql import (
    fitting_values,
    lock_modes,
    running_release,
    sample_rows,
    schema_snapshot,
)
from limbeck.dialects.postgresql.catalog_queries import DEFAULT_KINDS, statement
from limbeck.dialects.statement_effects import DdlFact
from limbeck.runtime.errors import ForeignJournalError, VersionRowsChangedError
from tests.databases.crash_harness import Project, database_state, session
from tests.databases.test_recovery_rules import execute
from tests.servers import Database

FUNCTIONS = (
    ("pg_try_advisory_xact_lock(bigint)", "boolean", "true"),
    ("pg_try_advisory_lock(bigint)", "boolean", "true"),
    ("pg_advisory_unlock(bigint)", "boolean", "true"),
    ("hashtextextended(text, bigint)", "bigint", "1"),
    ("current_setting(text)", "text", "'x'"),
    ("set_config(text, text, boolean)", "text", "'x'"),
    ("pg_backend_pid()", "int", "1"),
    ("to_regclass(text)", "regclass", "NULL"),
    ("quote_ident(text)", "text", "'x'"),
    ("pg_get_indexdef(oid)", "text", "'x'"),
    ("clock_timestamp()", "timestamptz", "NULL"),
)


def test_planted_functions_and_operators_are_not_called(postgresql: Database) -> None:
    execute(
        postgresql,
        "CREATE SCHEMA trap",
        "CREATE TABLE public.called (name text)",
        "CREATE TABLE public.t (id int)",
    )
    for signature, result, value in FUNCTIONS:
        name = signature.partition("(")[0]
        execute(
            postgresql,
            f"CREATE FUNCTION trap.{signature} RETURNS {result} LANGUAGE plpgsql AS $f$ BEGIN "
            f"INSERT INTO public.called VALUES ('{name}'); RETURN {value}; END $f$",
        )
    for left in ("text", "name", "oid", "int", "bigint"):
        execute(
            postgresql,
            f"CREATE FUNCTION trap.equal_{left}({left}, {left}) RETURNS boolean LANGUAGE plpgsql AS "
            f"$f$ BEGIN INSERT INTO public.called VALUES ('= {left}'); RETURN true; END $f$",
            f"CREATE OPERATOR trap.= (FUNCTION = trap.equal_{left}, LEFTARG = {left}, "
            f"RIGHTARG = {left})",
        )
    record = find("postgresql")
    assert record.mutex is not None
    assert record.table_lock_timeout is not None
    assert record.trace is not None
    assert record.activity is not None
    assert record.table_facts is not None
    try:
        with session(postgresql.address) as connection:
            connection.exec_driver_sql("SET search_path = trap, pg_catalog, public")
            connection.commit()
            with record.mutex(connection, ".t", timeout=1, waiting=print, table_timeout=1) as lasts:
                assert lasts is True
            with connection.begin():
                taken = record.mutex(connection, ".t", timeout=1, waiting=print, table_timeout=1)
                with taken as lasts:
                    assert lasts is False
                record.table_lock_timeout.limit(connection, 3)
                record.table_lock_timeout.holders(connection)
                record.trace(connection, "CREATE INDEX CONCURRENTLY ix ON t (id)")
                record.trace(connection, "DROP INDEX CONCURRENTLY ix")
                record.trace(connection, "CREATE DATABASE nothing")
                assert record.activity.now(connection) > 1
                assert not record.activity.runs(connection, "nothing")
                facts = record.table_facts(connection, "public", "t")
                assert facts is not None
                assert facts.fault(frozenset({"id"})) is None
            found = connection.exec_driver_sql("SELECT DISTINCT name FROM public.called").all()
            assert found == []
    finally:
        execute(postgresql, "DROP SCHEMA trap CASCADE")


_EVERYTHING = (
    "CREATE TYPE public.mood AS ENUM ('sad', 'happy')",
    "CREATE DOMAIN public.small AS varchar(9) CHECK (VALUE <> 'x')",
    "CREATE SEQUENCE public.s",
    (
        "CREATE TABLE public.a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m public.mood,"
        " w public.small, n int DEFAULT 3 CHECK (n > 0), CONSTRAINT u UNIQUE (n))"
    ),
    "CREATE TABLE public.b (a_id int REFERENCES public.a (id) ON DELETE CASCADE)",
    "CREATE INDEX ix ON public.a ((n + 1)) WHERE n > 3",
    "CREATE VIEW public.v AS SELECT id FROM public.a",
    "GRANT SELECT ON public.a TO public",
    "ALTER TABLE public.a ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY p ON public.a FOR SELECT USING (n > 1)",
)
# operators of the server on the types of its catalogs
_OPERATORS = (
    "SELECT o.oprname, o.oprleft::regtype, o.oprright::regtype, o.oprresult::regtype"
    " FROM pg_operator o WHERE o.oprname IN ('=', '<>', '>', '>=', '<', '||', '~~', '!~~')"
    " AND o.oprleft IN ('name'::regtype, 'text'::regtype, 'oid'::regtype, 'int4'::regtype,"
    " 'int2'::regtype, 'int8'::regtype, '\"char\"'::regtype) AND o.oprright <> 0"
    " AND o.oprright NOT IN (SELECT t.oid FROM pg_type t WHERE t.typtype = 'p')"
)
_SIGNATURES = (
    "SELECT p.proname, oidvectortypes(p.proargtypes), p.prorettype::regtype, p.proretset"
    " FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f'"
    " AND p.proname = %s AND NOT p.prorettype = ANY (SELECT t.oid FROM pg_type t WHERE"
    " t.typtype = 'p') AND NOT EXISTS (SELECT 1 FROM unnest(p.proargtypes) u(n) JOIN pg_type t"
    " ON t.oid = u.n WHERE t.typtype = 'p')"
)


def _plant(database: Database, query: str) -> int:
    """Create an object in `trap` for each function, operator and table that a query names."""
    words = sorted(set(re.findall(r"pg_catalog\.(\w+)\(", query)))
    with session(database.address) as connection:
        made = 0
        for word in words:
            for name, arguments, result, is_set in connection.exec_driver_sql(_SIGNATURES, (word,)):
                connection.exec_driver_sql(
                    f'CREATE FUNCTION trap."{name}"({arguments}) RETURNS'
                    f" {'SETOF ' if is_set else ''}{result} LANGUAGE plpgsql AS $f$ BEGIN"
                    f" RAISE EXCEPTION 'the planted {name} was called'; END $f$"
                )
                made += 1
        for place, (name, left, right, result) in enumerate(
            connection.exec_driver_sql(_OPERATORS.replace("%", "%%")).all()
        ):
            connection.exec_driver_sql(
                f"CREATE FUNCTION trap.operator_{place}({left}, {right}) RETURNS {result} LANGUAGE"
                f" plpgsql AS $f$ BEGIN RAISE EXCEPTION 'the planted operator {name} of {left} and {right} was called'; END $f$"
            )
            connection.exec_driver_sql(
                f"CREATE OPERATOR trap.{name} (FUNCTION = trap.operator_{place},"
                f" LEFTARG = {left}, RIGHTARG = {right})".replace("%", "%%")
            )
            made += 1
        for table in sorted(set(re.findall(r"(?:FROM|JOIN) pg_catalog\.(pg_\w+)\b(?!\()", query))):
            connection.exec_driver_sql(f"CREATE TABLE trap.{table} (planted int)")
        for type_ in ("text", "regclass", "regprocedure", "oid", "name"):
            connection.exec_driver_sql(f"CREATE DOMAIN trap.{type_} AS int CHECK (false)")
        connection.commit()
    return made


@pytest.mark.parametrize(
    ("path", "unread"),
    [
        ("public, trap", frozenset[str]()),
        # pg_get_viewdef of the server itself looks for its operators along the search path
        ("public, trap, pg_catalog", frozenset({"view", "materialized_view"})),
    ],
)
def test_the_catalog_is_read_without_planted_objects(
    postgresql: Database, path: str, unread: frozenset[str]
) -> None:
    record = find("postgresql")
    assert record.reflect is not None
    kinds = (record.definitions.declarable_kinds | DEFAULT_KINDS) - unread
    scope = Scope(namespaces=("public",), kinds=kinds)
    execute(postgresql, *_EVERYTHING, "CREATE SCHEMA trap")
    with session(postgresql.address) as connection:
        connection.exec_driver_sql("SET search_path = public")
        expected = record.reflect(connection, scope)
        version = connection.dialect.server_version_info
    assert len(expected.objects) > 7
    assert version is not None
    assert _plant(postgresql, statement(scope, kinds, version)) > 50
    facts = (
        DdlFact("table", (None, "a")),
        DdlFact("column", (None, "a"), "n"),
        DdlFact("part", (None, "a"), "u"),
        DdlFact("primary key", ("public", "a")),
    )
    try:
        with session(postgresql.address) as connection:
            connection.exec_driver_sql(f"SET search_path = {path}")
            connection.commit()
            found = record.reflect(connection, scope).objects
            assert found.keys() == expected.objects.keys()
            # the server prints names in expressions with their schema where others come first
            texts = frozenset({"domain", "policy"}) if unread else frozenset[str]()
            for key, value in expected.objects.items():
                assert key.kind in texts or key.name == "a" or found[key] == value
            if not unread:
                assert found == expected.objects
            assert all(CatalogProbe(connection).holds(fact) for fact in facts)
            assert not CatalogProbe(connection).holds(DdlFact("table", (None, "nowhere")))
            assert connection.exec_driver_sql("SHOW search_path").scalar_one() == path
    finally:
        execute(postgresql, "DROP SCHEMA trap CASCADE")


def test_runs_compare_versions_and_steps_with_the_operators_of_the_server(
    postgresql: Database,
) -> None:
    """An operator for `varchar` in any schema of the search path matches better than that of `text`."""
    planted = [
        f"""CREATE FUNCTION trap.{name}(varchar, varchar) RETURNS boolean LANGUAGE plpgsql
        AS $f$ BEGIN RAISE EXCEPTION 'the planted operator was called'; END $f$;
        CREATE OPERATOR trap.{sign} (FUNCTION = trap.{name}, LEFTARG = varchar, RIGHTARG = varchar)"""
        for name, sign in (("eq", "="), ("ne", "<>"), ("lt", "<"), ("le", "<="), ("ge", ">="))
    ]
    execute(postgresql, "CREATE SCHEMA trap", *planted)
    is_broken = [True]

    def block() -> None:
        op.execute("INSERT INTO t VALUES (1)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO t VALUES (2)")
            op.execute("INSERT INTO nowhere VALUES (1)" if is_broken[0] else "SELECT 1")

    project = Project(
        postgresql.address,
        ups={"a1": lambda: op.execute("CREATE TABLE t (id INTEGER)"), "b2": block},
        downs={
            "a1": lambda: op.execute("DROP TABLE t"),
            "b2": lambda: op.execute("DELETE FROM t"),
        },
        engine_options={"connect_args": {"options": "-c search_path=public,trap"}},
    )
    try:
        with session(postgresql.address) as connection:
            connection.exec_driver_sql("SET search_path = public, trap")
            with pytest.raises(sa.exc.DBAPIError, match="planted operator"):
                connection.exec_driver_sql("SELECT 'a'::varchar = 'b'::varchar")
        with pytest.raises(sa.exc.DBAPIError, match="nowhere"):
            project.upgrade()
        is_broken[0] = False
        project.upgrade()
        assert database_state(postgresql.address)["t"][2] == ["(1,)", "(2,)"]
        project.downgrade()
        assert database_state(postgresql.address)["alembic_version"][2] == []
    finally:
        execute(postgresql, "DROP SCHEMA trap CASCADE")


def _fails() -> None:
    op.execute("CREATE TABLE t (id INTEGER)")
    op.get_bind().commit()
    op.execute("INSERT INTO nowhere VALUES (1)")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ALTER TABLE limbeck_journal OWNER TO {role}", "belongs to"),
        (
            "CREATE RULE r AS ON INSERT TO limbeck_journal DO ALSO SELECT 1",
            "triggers or rules",
        ),
        ("ALTER TABLE limbeck_journal RENAME COLUMN state TO status", "other columns"),
    ],
)
def test_a_journal_of_another_role_is_not_trusted(
    postgresql: Database, change: str, reason: str
) -> None:
    project = Project(postgresql.address, ups={"a1": _fails})
    with pytest.raises(sa.exc.DBAPIError):
        project.upgrade()
    role = f"other_{postgresql.url.database}"
    execute(postgresql, f"CREATE ROLE {role}", f"CREATE ROLE me_{role} LOGIN")
    execute(
        postgresql,
        change.format(role=role),
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO me_{role}",
        f"GRANT ALL ON SCHEMA public TO me_{role}",
    )
    try:
        url = postgresql.url.set(username=f"me_{role}")
        address = url.render_as_string(hide_password=False)
        with pytest.raises(ForeignJournalError, match=reason):
            Project(address, ups={"a1": _fails}).upgrade()
    finally:
        with session(postgresql.address) as connection:
            for name in (role, f"me_{role}"):
                connection.exec_driver_sql(f"DROP OWNED BY {name} CASCADE")
                connection.exec_driver_sql(f"DROP ROLE {name}")
            connection.commit()


def test_a_version_row_that_a_trigger_suppresses_is_reported(postgresql: Database) -> None:
    execute(
        postgresql,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
        "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER away BEFORE INSERT OR UPDATE ON alembic_version"
        " FOR EACH ROW EXECUTE FUNCTION away()",
    )
    try:
        project = Project(
            postgresql.address, ups={"a1": lambda: op.execute("CREATE TABLE t (id INTEGER)")}
        )
        with pytest.raises(VersionRowsChangedError, match="0 found"):
            project.upgrade()
        assert "t" not in database_state(postgresql.address)
    finally:
        execute(postgresql, "DROP FUNCTION away CASCADE")


def test_lint_and_verify_read_a_scratch_database_without_planted_objects(
    postgresql: Database,
) -> None:
    record = find("postgresql")
    rules, measurement = record.scratch, record.measurement
    assert rules.unread_properties is not None
    assert rules.unread_objects is not None
    assert rules.digest is not None
    assert measurement is not None
    execute(postgresql, *_EVERYTHING, "CREATE SCHEMA trap")
    sent: list[str] = []
    with session(postgresql.address) as connection:
        expected = rules.unread_properties(connection), rules.unread_objects(connection)
        sa.event.listen(
            connection, "before_cursor_execute", lambda _c, _u, text, *_rest: sent.append(text)
        )
        rules.unread_properties(connection)
        rules.unread_objects(connection)
    queries = (
        *sent, schema_snapshot.QUERY, sample_rows._COLUMNS, sample_rows._REFERENCES,
        sample_rows._INHERITED, sample_rows._UNVALIDATED, sample_rows._ADVANCE,
        running_release._VIEWS, running_release._SCHEMAS, running_release._TRY_ALL,
        lock_modes._WRITABLE_COLUMN, fitting_values._FIRST_TRUE,
        rules.digest(Key("table", ("public", "a")), ["n", "w"]), "pg_catalog.lpad( pg_catalog.md5(",
    )  # fmt: skip
    assert _plant(postgresql, " ".join(queries)) > 100
    try:
        with postgresql.engine() as engine, engine.connect() as connection:
            connection.exec_driver_sql("SET search_path = public, trap")
            connection.commit()
            found = rules.unread_properties(connection), rules.unread_objects(connection)
            planted = (" trap.", "planted", "operator ", " cast ")
            kept = {
                words: value
                for words, value in found[0].items()
                if not any(word in words for word in planted)
            }
            assert kept == expected[0]
            measurement.fill(connection, spoiled=True)
            assert connection.exec_driver_sql("SELECT count(*) FROM public.a").scalar_one() > 100
            assert connection.exec_driver_sql(
                rules.digest(Key("table", ("public", "a")), ["n", "w"])
            ).one()[0]
            probe = measurement.open_probe(connection, engine)
            try:
                sql = "ALTER TABLE public.b ALTER COLUMN a_id TYPE bigint"
                probe.before(sql, in_transaction=True, continues=False)
                connection.exec_driver_sql(sql)
                measured = probe.after(sql, in_transaction=True)
                assert measured.rewrites == ("b",)
                assert "planted" not in str(probe.failing_queries())
            finally:
                probe.close()
                connection.rollback()
    finally:
        execute(postgresql, "DROP SCHEMA trap CASCADE")
