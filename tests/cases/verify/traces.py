"""Revisions whose downgrade leaves one thing behind, and unusual revisions without a fault.

Each upgrade can run a second time on what the downgrade leaves, so that only the comparison of the
schema before and after shows the fault. Same schema as `revisions`.
"""

from tests.cases.verify.revisions import Case

_PG, _MY, _LITE, _MYSQL = ("postgresql",), ("mariadb",), ("sqlite",), ("mysql",)
# MySQL lacks what these cases write, and most of them have a form of its own below
NOT_ON_MYSQL = frozenset(
    f"leave {name}"
    for name in (
        "an index", "a constraint", "a sequence", "a function on MariaDB",
        "a procedure on MariaDB", "a trigger on MariaDB", "an event", "an ignored index",
    )
)  # fmt: skip


def _sql(*statements: str) -> str:
    return "\n".join(f"op.execute({statement!r})" for statement in statements) or "pass"


def _if_missing(kind: str, name: str, code: str) -> str:
    there = f"sa.inspect(op.get_bind()).get_{kind}('book')"
    return f"if {name!r} not in {{one['name'] for one in {there}}}:\n    {code}"


def _left(name: str, *up: str, on: tuple[str, ...], down: tuple[str, ...] = ()) -> Case:
    return Case(f"leave {name}", _sql(*up), _sql(*down), fault="down-leaves-trace", on=on)


TRACES = (
    _left("a table", "CREATE TABLE IF NOT EXISTS kept (id INTEGER)", on=("sqlite", "postgresql", "mariadb")),
    _left("an index", "CREATE INDEX IF NOT EXISTS ix_kept ON book (pages)", on=("sqlite", "postgresql", "mariadb")),
    _left("a view", "DROP VIEW IF EXISTS kept", "CREATE VIEW kept AS SELECT name FROM author",
          on=("sqlite", "postgresql", "mariadb")),
    _left("a trigger on SQLite", "CREATE TRIGGER IF NOT EXISTS kept AFTER INSERT ON author"
          " BEGIN SELECT 1; END", on=_LITE),
    _left("a constraint", "ALTER TABLE book DROP CONSTRAINT IF EXISTS ck_kept",
          "ALTER TABLE book ADD CONSTRAINT ck_kept CHECK (pages > -5)", on=("postgresql", "mariadb")),
    _left("a wider check", "ALTER TABLE book DROP CONSTRAINT ck_pages",
          "ALTER TABLE book ADD CONSTRAINT ck_pages CHECK (pages >= -1)", on=("postgresql", "mariadb")),
    _left("another action of a foreign key", "ALTER TABLE book DROP CONSTRAINT fk_author",
          "ALTER TABLE book ADD CONSTRAINT fk_author FOREIGN KEY (author_id) REFERENCES author (id)"
          " ON DELETE CASCADE", on=_PG),
    _left("a default", "ALTER TABLE author ALTER COLUMN email SET DEFAULT 'none'",
          on=("postgresql", "mariadb")),
    _left("a column that may be NULL", "ALTER TABLE author ALTER COLUMN name DROP NOT NULL", on=_PG),
    _left("a column that may be NULL on MariaDB",
          "ALTER TABLE author MODIFY name VARCHAR(80) NULL", on=_MY),
    _left("a wider column", "ALTER TABLE author ALTER COLUMN name TYPE VARCHAR(90)", on=_PG),
    _left("a wider column on MariaDB", "ALTER TABLE author MODIFY name VARCHAR(90) NOT NULL", on=_MY),
    _left("another collation", 'ALTER TABLE author ALTER COLUMN name TYPE VARCHAR(80) COLLATE "C"', on=_PG),
    _left("another collation on MariaDB", "ALTER TABLE author MODIFY name VARCHAR(80)"
          " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL", on=_MY),
    _left("the comment of a table", "COMMENT ON TABLE author IS 'people'", on=_PG),
    _left("the comment of a table on MariaDB", "ALTER TABLE author COMMENT 'people'", on=_MY),
    _left("the comment of a column", "COMMENT ON COLUMN author.name IS 'whole'", on=_PG),
    _left("the comment of an index", "COMMENT ON INDEX ix_title IS 'for the search'", on=_PG),
    _left("the comment of a constraint", "COMMENT ON CONSTRAINT ck_pages ON book IS 'none'", on=_PG),
    _left("a sequence", "CREATE SEQUENCE IF NOT EXISTS kept", on=("postgresql", "mariadb")),
    _left("another step of a sequence", "ALTER SEQUENCE author_id_seq INCREMENT BY 5", on=_PG),
    _left("an enum type", "DO $$ BEGIN CREATE TYPE kept AS ENUM ('a'); EXCEPTION WHEN"
          " duplicate_object THEN NULL; END $$", on=_PG),
    _left("a domain", "DO $$ BEGIN CREATE DOMAIN kept AS integer CHECK (VALUE > 0); EXCEPTION WHEN"
          " duplicate_object THEN NULL; END $$", on=_PG),
    _left("a composite type", "DO $$ BEGIN CREATE TYPE kept AS (a integer); EXCEPTION WHEN"
          " duplicate_object THEN NULL; END $$", on=_PG),
    _left("a schema", "CREATE SCHEMA IF NOT EXISTS kept", on=_PG),
    _left("a function", "CREATE OR REPLACE FUNCTION kept() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
          on=_PG),
    _left("a function on MariaDB", "CREATE OR REPLACE FUNCTION kept() RETURNS INTEGER RETURN 1", on=_MY),
    _left("a procedure on MariaDB", "CREATE OR REPLACE PROCEDURE kept() SELECT 1", on=_MY),
    _left("a trigger on MariaDB", "CREATE OR REPLACE TRIGGER kept BEFORE INSERT ON author FOR EACH ROW SET NEW.name = NEW.name",
          on=_MY),
    _left("an event", "CREATE OR REPLACE EVENT kept ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1", on=_MY),
    _left("a trigger with its function",
          "CREATE OR REPLACE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS"
          " 'BEGIN RETURN NEW; END'",
          "CREATE OR REPLACE TRIGGER kept BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION kept()",
          on=_PG),
    _left("a rule", "CREATE OR REPLACE RULE kept AS ON DELETE TO book DO ALSO SELECT 1", on=_PG),
    _left("a policy", "DROP POLICY IF EXISTS kept ON author",
          "CREATE POLICY kept ON author USING (true)", on=_PG),
    _left("row level security", "ALTER TABLE author ENABLE ROW LEVEL SECURITY", on=_PG),
    _left("a privilege", "GRANT SELECT ON author TO PUBLIC", on=_PG),
    _left("a privilege of a column", "GRANT UPDATE (name) ON author TO PUBLIC", on=_PG),
    _left("a default privilege", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", on=_PG),
    _left("a storage parameter", "ALTER TABLE author SET (fillfactor = 70)", on=_PG),
    _left("a storage parameter of an index", "ALTER INDEX ix_title SET (fillfactor = 70)", on=_PG),
    _left("a statistics target", "ALTER TABLE author ALTER COLUMN name SET STATISTICS 500", on=_PG),
    _left("a storage of a column", "ALTER TABLE author ALTER COLUMN name SET STORAGE EXTERNAL", on=_PG),
    _left("an option of a column", "ALTER TABLE author ALTER COLUMN name SET (n_distinct = 10)", on=_PG),
    _left("extended statistics", "CREATE STATISTICS IF NOT EXISTS kept ON name, email FROM author", on=_PG),
    _left("a replica identity", "ALTER TABLE author REPLICA IDENTITY FULL", on=_PG),
    _left("a clustered index", "ALTER TABLE book CLUSTER ON ix_title", on=_PG),
    _left("an unlogged table", "ALTER TABLE book SET UNLOGGED", on=_PG),
    _left("a disabled trigger", "ALTER TABLE book DISABLE TRIGGER ALL", on=_PG),
    _left("an owner", "ALTER TABLE book OWNER TO pg_database_owner", on=_PG),
    _left("an option of the table", "ALTER TABLE book ROW_FORMAT = COMPRESSED", on=_MY),
    _left("the character set of a table", "ALTER TABLE book DEFAULT CHARACTER SET latin1", on=_MY),
    _left("an invisible column", "ALTER TABLE author MODIFY email VARCHAR(120) INVISIBLE", on=_MY),
    _left("an ignored index", "ALTER TABLE book ALTER INDEX ix_title IGNORED", on=_MY),
    _left("an invisible index", "ALTER TABLE book ALTER INDEX ix_title INVISIBLE", on=_MYSQL),
    Case("leave an index on MySQL", _if_missing("indexes", "ix_kept", "op.create_index('ix_kept', 'book', ['pages'])"),
         "pass", fault="down-leaves-trace", on=_MYSQL),
    Case("leave a constraint on MySQL",
         _if_missing("check_constraints", "ck_kept", "op.create_check_constraint('ck_kept', 'book', 'pages > -5')"),
         "pass", fault="down-leaves-trace", on=_MYSQL),
    _left("a function on MySQL", "DROP FUNCTION IF EXISTS kept",
          "CREATE FUNCTION kept() RETURNS INTEGER DETERMINISTIC RETURN 1", on=_MYSQL),
    _left("a procedure on MySQL", "DROP PROCEDURE IF EXISTS kept", "CREATE PROCEDURE kept() SELECT 1", on=_MYSQL),
    _left("a trigger on MySQL", "DROP TRIGGER IF EXISTS kept",
          "CREATE TRIGGER kept BEFORE INSERT ON author FOR EACH ROW SET NEW.name = NEW.name", on=_MYSQL),
    _left("an event on MySQL", "CREATE EVENT IF NOT EXISTS kept ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1",
          on=_MYSQL),
    _left("an extension", "CREATE EXTENSION IF NOT EXISTS hstore", on=_PG),
    _left("a publication", "DO $$ BEGIN CREATE PUBLICATION kept FOR TABLE author; EXCEPTION WHEN"
          " duplicate_object THEN NULL; END $$", on=_PG),
    _left("an event trigger", "DROP EVENT TRIGGER IF EXISTS kept",
          "CREATE OR REPLACE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
          "CREATE EVENT TRIGGER kept ON ddl_command_end EXECUTE FUNCTION noted()", on=_PG),
    _left("a cast", "DROP CAST IF EXISTS (integer AS date)",
          "CREATE OR REPLACE FUNCTION kept(integer) RETURNS date LANGUAGE sql AS"
          " 'SELECT date ''2000-01-01'' + $1'", "CREATE CAST (integer AS date) WITH FUNCTION kept(integer)",
          on=_PG),
)  # fmt: skip

UNUSUAL = (
    Case("leave a row", _sql("DELETE FROM author WHERE name = 'kept'",
         "INSERT INTO author (name) VALUES ('kept')"), "pass", notes=("rows-left",)),
    Case("swap two columns", _sql("ALTER TABLE author RENAME COLUMN email TO e1",
         "ALTER TABLE author RENAME COLUMN name TO email",
         "ALTER TABLE author RENAME COLUMN e1 TO name"),
         _sql("ALTER TABLE author RENAME COLUMN email TO e1",
         "ALTER TABLE author RENAME COLUMN name TO email",
         "ALTER TABLE author RENAME COLUMN e1 TO name"),
         'AUTHOR["name"] = sa.Column("name", sa.String(120))\n'
         'AUTHOR["email"] = sa.Column("email", sa.String(80), nullable=False)'),
    Case("a temporary table", _sql("CREATE TEMPORARY TABLE passing AS SELECT id FROM author",
         "DROP TABLE passing"), "pass"),
    Case("a savepoint", "with op.get_bind().begin_nested():\n"
         '    op.add_column("author", sa.Column("age", sa.Integer))',
         'op.drop_column("author", "age")',
         'AUTHOR["age"] = sa.Column("age", sa.Integer)', on=_PG),
    Case("an error that is caught", 'try:\n    with op.get_bind().begin_nested():\n'
         '        op.execute("SELECT no_such_column FROM author")\n'
         "except sa.exc.DBAPIError:\n    pass", "pass", on=("postgresql", "sqlite", "mariadb")),
    Case("a local setting", _sql("SET LOCAL lock_timeout = '5s'", "SET LOCAL search_path = public"),
         _sql("SET LOCAL statement_timeout = '60s'"), on=_PG),
    Case("a setting of the session", _sql("SET SESSION foreign_key_checks = 0",
         "SET SESSION foreign_key_checks = 1"), "pass", on=_MY),
    Case("lock a table", _sql("LOCK TABLE book IN SHARE MODE"), "pass", on=_PG),
    Case("grant and revoke", _sql("GRANT SELECT ON author TO PUBLIC"),
         _sql("REVOKE SELECT ON author FROM PUBLIC"), on=_PG),
    Case("count rows with the ORM", "from sqlalchemy.orm import Session, declarative_base\n"
         "Base = declarative_base()\n"
         "class Author(Base):\n    __tablename__ = 'author'\n"
         "    id = sa.Column(sa.Integer, primary_key=True)\n"
         "with Session(op.get_bind()) as session:\n    session.query(Author).count()", "pass"),
    Case("a table of reference rows with foreign keys",
         'kinds = op.create_table("kinds", sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("name", sa.String(20), nullable=False))\n'
         'op.bulk_insert(kinds, [{"id": 1, "name": "novel"}, {"id": 2, "name": "essay"}])\n'
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.add_column(sa.Column("kind_id", sa.Integer, server_default="1"))\n'
         '    batch.create_foreign_key("fk_kind", "kinds", ["kind_id"], ["id"])',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.drop_constraint("fk_kind", type_="foreignkey")\n'
         '    batch.drop_column("kind_id")\nop.drop_table("kinds")',
         'BOOK["kind_id"] = sa.Column("kind_id", sa.Integer, server_default="1")\n'
         'BOOK["fk_kind"] = sa.ForeignKeyConstraint(["kind_id"], ["kinds.id"], name="fk_kind")\n'
         'OTHERS["kinds"] = [sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("name", sa.String(20), nullable=False)]', on=("postgresql", "sqlite")),
    Case("a table without a key", _sql("CREATE TABLE log (words VARCHAR(50))"),
         _sql("DROP TABLE log"), 'OTHERS["log"] = [sa.Column("words", sa.String(50))]'),
    Case("a table with a quoted name", 'op.create_table("my table", '
         'sa.Column("Select", sa.Integer), sa.Column("50%", sa.String(9)))',
         'op.drop_table("my table")',
         'OTHERS["my table"] = [sa.Column("Select", sa.Integer), sa.Column("50%", sa.String(9))]'),
    Case("a partitioned table", _sql("CREATE TABLE part (id integer, day date) PARTITION BY RANGE (day)",
         "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"),
         _sql("DROP TABLE part"), 'OTHERS["part"] = [sa.Column("id", sa.Integer), sa.Column("day", '
         "sa.Date)]", on=_PG),
    Case("ask for the folder of temporary files", "import tempfile\ntempfile.gettempdir()", "pass"),
    Case("log a message", "import logging\nlogging.getLogger('alembic').warning('renaming')", "pass"),
    Case("a thread that computes", "import threading\nthread = threading.Thread(target=lambda: sum("
         "range(1000)))\nthread.start()\nthread.join()", "pass"),
)  # fmt: skip
