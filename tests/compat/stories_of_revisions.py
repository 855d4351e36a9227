"""What revision files and env.py of public projects do, rewritten as small projects."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Any

ALL = frozenset({"sqlite", "postgresql", "mariadb"})
SERVERS = frozenset({"postgresql", "mariadb"})
POSTGRESQL = frozenset({"postgresql"})
SQLITE = frozenset({"sqlite"})
MARIADB = frozenset({"mariadb"})

ENV = """
import os
import sqlalchemy as sa
from alembic import context

config = context.config
url = os.environ["DB_URL"]
{top}
if context.is_offline_mode():
    context.configure(
        url=url, literal_binds=True, dialect_opts={{"paramstyle": "named"}}{options}
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection{options})
        with context.begin_transaction():
            context.run_migrations()
{bottom}
"""
FILE = '''"""revision {id}"""
import os
import sqlalchemy as sa
from alembic import context, op
{imports}

revision, down_revision = {id!r}, {down!r}


def upgrade({arguments}):
{up}


def downgrade({arguments}):
{down_body}
'''
TABLE = """
op.create_table("t", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer))
"""
UP_AND_DOWN = (("upgrade", "head"), ("current",), ("downgrade", "base"), ("upgrade", "head"))
UP_AND_SQL = (("upgrade", "head"), ("upgrade", "head", {"sql": True}))
AUTOGENERATE = (
    ("upgrade", "head"),
    ("revision", "auto", {"autogenerate": True, "rev_id": "gen1"}),
)


@dataclass(frozen=True)
class Story:
    """A project, and commands that are run in it.

    Attributes:
        name: what it is about.
        revisions: up and down of each revision, in a line.
        on: the databases that it is for.
        top: lines of env.py before it configures a context; `bottom`: after it has run.
        options: further arguments of `configure`, each after a comma.
        env: the whole env.py instead.
        imports: lines at the head of each revision.
        arguments: the parameters of upgrade() and downgrade().
        steps: the commands with their arguments.
        files: further files.
    """

    name: str
    revisions: tuple[tuple[str, str], ...] = ()
    on: frozenset[str] = ALL
    top: str = ""
    bottom: str = ""
    options: str = ""
    env: str | None = None
    imports: str = ""
    arguments: str = ""
    steps: tuple[tuple[Any, ...], ...] = UP_AND_DOWN
    files: dict[str, str] = field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """Return name, steps and files."""
        files = {
            "alembic.ini": "[alembic]\nscript_location = here\n",
            "here/env.py": self.env
            or ENV.format(top=self.top, bottom=self.bottom, options=self.options),
        }
        down = None
        for number, (up, back) in enumerate(self.revisions, 1):
            id_ = f"r00{number}"
            files[f"here/versions/{id_}.py"] = FILE.format(
                id=id_,
                down=down,
                imports=self.imports,
                arguments=self.arguments,
                up=textwrap.indent(up.strip() or "pass", "    "),
                down_body=textwrap.indent(back.strip() or "pass", "    "),
            )
            down = id_
        return {"name": self.name, "steps": self.steps, "files": {**files, **self.files}}


_T = (TABLE, 'op.drop_table("t")')


def _with_table(
    name: str, up: str, down: str = 'op.execute("DELETE FROM t")', **more: Any
) -> Story:
    return Story(name, (_T, (up, down)), **more)


def _alone(name: str, up: str, down: str = "", **more: Any) -> Story:
    return Story(name, ((up, down),), **more)


REVISIONS = (
    _with_table("a session commits", """
from sqlalchemy.orm import Session
session = Session(bind=op.get_bind())
session.execute(sa.text("INSERT INTO t (name) VALUES ('a')"))
session.commit()
session.execute(sa.text("INSERT INTO t (name) VALUES ('b')"))
session.commit()
op.add_column("t", sa.Column("x", sa.Integer))
""", """
with op.batch_alter_table("t") as batch:
    batch.drop_column("x")
op.execute("DELETE FROM t")
"""),
    _with_table("models of the revision's own", """
from sqlalchemy.orm import declarative_base, sessionmaker
Base = declarative_base()
class T(Base):
    __tablename__ = "t"
    id = sa.Column(sa.Integer, primary_key=True)
    n = sa.Column(sa.Integer)
session = sessionmaker(bind=op.get_bind())()
session.add_all([T(id=number) for number in range(1, 6)])
session.flush()
for one in session.query(T).filter(T.id > 2):
    one.n = one.id * 2
session.commit()
print(session.query(T).count())
"""),
    _with_table("a savepoint", """
bind = op.get_bind()
try:
    with bind.begin_nested():
        op.execute("INSERT INTO t (id) VALUES (1)")
        op.execute("INSERT INTO nothing VALUES (1)")
except Exception:
    print("not there")
with bind.begin_nested():
    op.execute("INSERT INTO t (id) VALUES (2)")
"""),
    _with_table("COMMIT as a statement", """
op.execute("COMMIT")
op.execute("CREATE INDEX ix_n ON t (n)")
""", 'op.drop_index("ix_n", table_name="t")', on=SERVERS),
    _with_table("an engine of the revision's own reads", """
engine = sa.create_engine(os.environ["DB_URL"], poolclass=sa.NullPool)
with engine.connect() as connection:
    print(sa.inspect(connection).get_table_names() is not None)
"""),
    _with_table("looking at the database", """
bind = op.get_bind()
print(bind.engine.dialect.name, bind.engine.url.database is not None)
print(bind.dialect.has_table(bind, "t"), sa.inspect(bind).has_table("nope"))
print(sa.engine.reflection.Inspector.from_engine(bind).get_pk_constraint("t")["constrained_columns"])
print(op.get_context().impl.__class__.__name__, op.get_context().dialect.name)
print(op.get_context().config.get_main_option("script_location"))
print(op.get_context().config.attributes["story"], op.get_context().script.get_current_head())
op.get_context().impl.execute(sa.text("INSERT INTO t (id) VALUES (7)"))
op.get_context().execute("INSERT INTO t (id) VALUES (8)")
op.get_context().connection.execute(sa.text("INSERT INTO t (id) VALUES (9)"))
print(op.f("ix_x"), context.is_offline_mode())
"""),
    _alone("tables made by metadata", """
metadata = sa.MetaData()
sa.Table("a", metadata, sa.Column("id", sa.Integer, primary_key=True))
sa.Table("b", metadata, sa.Column("a_id", sa.ForeignKey("a.id")))
metadata.create_all(op.get_bind())
metadata.create_all(bind=op.get_bind(), checkfirst=True)
""", """
metadata = sa.MetaData()
metadata.reflect(bind=op.get_bind(), only=["a", "b"])
metadata.drop_all(op.get_bind(), tables=[metadata.tables["b"], metadata.tables["a"]])
"""),
    _with_table("the implementation of a batch block", """
with op.batch_alter_table("t") as batch:
    block = batch.impl
    print(block.dialect.name, block.dialect is op.get_bind().dialect, block.impl.__dialect__)
    print(block.operations.get_context() is op.get_context(), block.impl is op.get_context().impl)
    print(block.table_name, block.schema, block.recreate, block.copy_from, len(block.batch))
    batch.add_column(sa.Column("w", sa.Integer))
    block.add_column("t", sa.Column("v", sa.String(5)))
    block.alter_column("t", "name", nullable=False, existing_type=sa.String(50))
    block.alter_column("t", "n", name="nn", type_=sa.String(7), existing_type=sa.Integer())
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("name", sa.String(50)))
    block.add_constraint(sa.UniqueConstraint(table.c.name, name="uq_name"))
    block.create_index(sa.Index("ix_id", table.c.id))
    toimpl.add_column(batch, ops.AddColumnOp("t", sa.Column("u", sa.Integer)))
    print(len(block.batch))
""", """
table = sa.Table("t", sa.MetaData(), autoload_with=op.get_bind())
with op.batch_alter_table("t") as batch:
    batch.impl.drop_index(next(one for one in table.indexes if one.name == "ix_id"))
    batch.impl.drop_column("t", table.c.w)
    batch.impl.drop_column("t", table.c.v)
    print(len(batch.impl.batch))
op.drop_table("t")
op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
""", imports="from alembic.operations import ops, toimpl"),
    Story("an enum type is replaced", (("""
sa.Enum("x", "y", name="kind").create(op.get_bind(), checkfirst=True)
from sqlalchemy.dialects.postgresql import ENUM
op.create_table("k", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("kind", ENUM("x", "y", name="kind", create_type=False)))
op.execute("INSERT INTO k VALUES (1, 'x')")
""", 'op.drop_table("k")\nsa.Enum(name="kind").drop(op.get_bind(), checkfirst=False)'), ("""
op.execute("ALTER TYPE kind RENAME TO kind_old")
new = sa.Enum("x", "y", "z", name="kind")
new.create(op.get_bind())
op.alter_column("k", "kind", type_=new, postgresql_using="kind::text::kind")
op.execute("DROP TYPE kind_old")
with op.get_context().autocommit_block():
    op.execute("ALTER TYPE kind ADD VALUE IF NOT EXISTS 'w'")
op.execute("INSERT INTO k VALUES (2, 'w')")
""", """
op.execute("DELETE FROM k WHERE kind = 'w'")
op.execute("ALTER TYPE kind RENAME TO kind_old")
sa.Enum("x", "y", name="kind").create(op.get_bind())
with op.batch_alter_table("k") as batch:
    batch.alter_column("kind", type_=sa.Enum("x", "y", name="kind"),
                       postgresql_using="kind::text::kind")
op.execute("DROP TYPE kind_old")
""")), on=POSTGRESQL),
    _with_table("rows", """
t = sa.table("t", sa.column("id", sa.Integer), sa.column("name", sa.String),
             sa.column("n", sa.Integer))
op.bulk_insert(t, [{"id": 1, "name": "a", "n": 1}, {"id": 2, "name": "b", "n": None}])
op.bulk_insert(t, [{"id": 3, "name": op.inline_literal("d")}], multiinsert=False)
op.bulk_insert(t, [])
op.execute(t.insert().values(id=4, name=op.inline_literal("it's")))
op.execute(sa.text("INSERT INTO t (id, name) VALUES (:i, :n)").bindparams(i=5, n="b"))
op.execute("INSERT INTO t (id, name) VALUES (6, '50%')")
op.execute("INSERT INTO t (id, name) VALUES (7, 'a:b c::d')")
op.execute("UPDATE t SET n = 1 WHERE name LIKE '%b%'")
op.execute(t.update().where(t.c.id == op.inline_literal(2)).values({"n": 5}))
op.execute(sa.select(t.c.id), execution_options={"stream_results": False})
""", steps=(*UP_AND_DOWN, ("upgrade", "r001:r002", {"sql": True}))),
    _with_table("batches", """
with op.batch_alter_table(
    "t", recreate="always", table_args=(sa.UniqueConstraint("name", name="uq_name"),)
) as batch:
    batch.add_column(sa.Column("z", sa.Integer, server_default="3"), insert_after="id")
    batch.alter_column("n", new_column_name="m", existing_type=sa.Integer, server_default="1")
    batch.create_index(batch.f("ix_z"), ["z"])
with op.batch_alter_table("t") as batch:
    batch.create_check_constraint("ck_z", "z > 0")
""", """
with op.batch_alter_table("t") as batch:
    batch.drop_constraint("ck_z", type_="check")
    batch.drop_index("ix_z")
    batch.drop_column("z")
    batch.alter_column("m", new_column_name="n", existing_type=sa.Integer)
""", on=SQLITE),
    _with_table("a batch from a table that is given", """
given = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
                 sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer))
with op.batch_alter_table(
    "t", copy_from=given, table_kwargs={"sqlite_autoincrement": True}
) as batch:
    batch.alter_column("n", type_=sa.BigInteger)
""", """
with op.batch_alter_table("t", reflect_args=[sa.Column("n", sa.BigInteger)]) as batch:
    batch.alter_column("n", type_=sa.Integer, existing_type=sa.BigInteger)
"""),
    _with_table("a batch asks for the dialect", """
with op.batch_alter_table("t", table_kwargs={"sqlite_autoincrement": True}) as batch:
    if context.get_impl().bind.dialect.name == "sqlite":
        batch.alter_column("id", autoincrement=True)
    batch.add_column(sa.Column("adhoc", sa.Integer(), server_default="0"))
    batch.alter_column("name", existing_type=sa.String(50), type_=sa.String(60))
""", steps=(("upgrade", "head"), ("current",))),
    _with_table("foreign keys in batches", """
op.create_table("c", sa.Column("id", sa.Integer, primary_key=True), sa.Column("t_id", sa.Integer))
with op.batch_alter_table("c") as batch:
    batch.create_foreign_key("fk_c_t", "t", ["t_id"], ["id"], ondelete="CASCADE")
with op.batch_alter_table("c") as batch:
    batch.drop_constraint("fk_c_t", type_="foreignkey")
    batch.create_foreign_key("fk_c_t2", "t", ["t_id"], ["id"])
op.rename_table("t", "t_old")
op.rename_table("t_old", "t")
""", 'op.drop_table("c")'),
    _with_table("a table is replaced by hand", """
op.create_table("c", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("t_id", sa.Integer, sa.ForeignKey("t.id", name="fk")))
op.execute("PRAGMA legacy_alter_table = ON")
op.execute("ALTER TABLE t RENAME TO t_old")
op.execute("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(50))")
op.execute("INSERT INTO t (id, name) SELECT id, name FROM t_old")
op.execute("DROP TABLE t_old")
op.execute("PRAGMA foreign_keys=OFF")
with op.batch_alter_table("c") as batch:
    batch.alter_column("t_id", nullable=False, existing_type=sa.Integer, server_default="0")
op.execute("PRAGMA foreign_keys=ON")
""", 'op.drop_table("c")', on=SQLITE),
    _with_table("if it is there, if it is not", """
op.create_table("t", sa.Column("id", sa.Integer), if_not_exists=True)
op.create_index("ix_a", "t", ["name"], if_not_exists=True)
op.create_index("ix_a", "t", ["name"], if_not_exists=True)
op.drop_index("ix_a", table_name="t", if_exists=True)
op.drop_table("nope", if_exists=True)
"""),
    _with_table("indexes", """
op.create_index("ix_d", "t", [sa.text("n DESC"), "name"], unique=False)
op.create_index("ix_w", "t", ["n"], unique=True, postgresql_where=sa.text("n > 1"),
                sqlite_where=sa.text("n > 1"), postgresql_using="btree")
op.create_index("ix_m", "t", ["name"], mysql_length={"name": 5})
op.drop_index(op.f("ix_d"), table_name="t")
op.drop_index("ix_m", "t")
""", steps=UP_AND_SQL),
    Story("operations imported by name", (("""
create_table("q", sa.Column("id", sa.Integer, primary_key=True))
execute("INSERT INTO q VALUES (1)")
print(alembic.__version__ >= "1", alembic.context.is_offline_mode())
alembic.op.execute("DELETE FROM q")
""", 'drop_table("q")'),), imports="""
import alembic
import alembic.context
import alembic.op
from alembic.op import create_table, drop_table, execute
"""),
    _with_table("files next to the revision", """
import importlib.util
here = os.path.dirname(__file__)
spec = importlib.util.spec_from_file_location("other", os.path.join(here, "r001.py"))
other = importlib.util.module_from_spec(spec)
spec.loader.exec_module(other)
other.downgrade()
other.upgrade()
with open(os.path.join(here, "rows.txt")) as opened:
    op.execute(opened.read())
print(__name__, os.path.basename(__file__), other.revision)
""", files={"here/versions/rows.txt": "INSERT INTO t (id) VALUES (1)"}),
    _alone("objects of operations", """
from alembic.operations import ops
op.invoke(ops.CreateTableOp("i", [sa.Column("id", sa.Integer, primary_key=True)]))
op.invoke(ops.AddColumnOp("i", sa.Column("x", sa.Integer)))
op.invoke(ops.CreateIndexOp("ix_i", "i", ["x"]))
op.invoke(ops.ExecuteSQLOp("INSERT INTO i (id) VALUES (1)"))
""", 'op.drop_table("i")'),
    _with_table("names by convention", """
op.create_table("c", sa.Column("id", sa.Integer, primary_key=True), sa.Column("t_id", sa.Integer))
op.create_foreign_key(None, "c", "t", ["t_id"], ["id"])
op.create_unique_constraint(None, "c", ["t_id"])
op.create_check_constraint("pos", "c", "id > 0")
op.create_index(None, "t", ["name"])
op.create_table("d", sa.Column("id", sa.Integer), sa.Column("u", sa.Integer, unique=True),
                sa.Column("ix", sa.Integer, index=True), sa.PrimaryKeyConstraint("id"),
                sa.ForeignKeyConstraint(["u"], ["t.id"]))
""", 'op.drop_table("d")\nop.drop_table("c")', on=SERVERS, top="""
metadata = sa.MetaData(naming_convention={
    "fk": "fk_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s", "ix": "ix_%(table_name)s_%(column_0_name)s",
})
""", options=", target_metadata=metadata"),
    _alone("columns are changed", """
op.create_table("a", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("x", sa.String(20), nullable=False, server_default="q", comment="c"),
                sa.Column("y", sa.Integer, nullable=False), sa.UniqueConstraint("y", name="uq_y"))
op.alter_column("a", "x", type_=sa.String(40), existing_type=sa.String(20))
op.alter_column("a", "y", new_column_name="z", existing_type=sa.Integer)
op.alter_column("a", "z", existing_type=sa.Integer, type_=sa.BigInteger, nullable=True)
op.create_table_comment("a", "it's", existing_comment=None)
op.drop_table_comment("a")
op.drop_constraint("uq_y", "a", type_="unique")
op.drop_column("a", "z")
""", on=SERVERS, steps=UP_AND_SQL),
    _alone("types of MySQL", """
from sqlalchemy.dialects import mysql
stamp = sa.text("CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)")
op.create_table(
    "my", sa.Column("id", mysql.INTEGER(unsigned=True), primary_key=True),
    sa.Column("e", mysql.ENUM("a", "b")), sa.Column("t", mysql.LONGTEXT(collation="utf8mb4_bin")),
    sa.Column("ts", mysql.TIMESTAMP(fsp=3), server_default=stamp, nullable=False),
    mysql_engine="InnoDB", mysql_charset="utf8mb4", mysql_row_format="DYNAMIC")
op.execute("ALTER TABLE my CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
op.create_index("ix_t", "my", ["t"], mysql_prefix="FULLTEXT")
op.alter_column("my", "e", existing_type=mysql.ENUM("a", "b"), type_=mysql.ENUM("a", "b", "c"))
op.alter_column("my", "ts", existing_type=mysql.TIMESTAMP(fsp=3), nullable=True)
""", on=MARIADB, steps=(("upgrade", "head"),)),
    _alone("things of PostgreSQL", """
op.execute(sa.schema.CreateSequence(sa.Sequence("sq")))
op.execute(sa.schema.CreateSchema("sch", if_not_exists=True))
op.create_table("s", sa.Column("id", sa.Integer, primary_key=True,
                               server_default=sa.text("nextval('sq')")), schema="sch")
op.create_index("ix_s", "s", ["id"], schema="sch", unique=True)
op.add_column("s", sa.Column("v", sa.ARRAY(sa.Integer)), schema="sch")
op.create_table("ex", sa.Column("id", sa.Integer, sa.Identity(start=5), primary_key=True),
                sa.Column("r", sa.Integer), sa.Column("u", sa.Integer, sa.Computed("r + 1")))
op.create_exclude_constraint("exc", "ex", ("r", "="), where=sa.text("r > 0"), using="btree")
op.execute('''CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $$
BEGIN NEW.r = length('a%b:c'); RETURN NEW; END; $$ LANGUAGE plpgsql''')
op.execute(sa.DDL("CREATE TRIGGER tr BEFORE INSERT ON ex FOR EACH ROW EXECUTE FUNCTION f()"))
op.execute("INSERT INTO ex (r) VALUES (1); INSERT INTO ex (r) SELECT 2 WHERE false")
""", """
op.drop_constraint("exc", "ex")
op.drop_table("ex")
op.execute("DROP FUNCTION f()")
op.drop_table("s", schema="sch")
op.execute(sa.schema.DropSequence(sa.Sequence("sq")))
op.execute(sa.schema.DropSchema("sch", cascade=True))
""", on=POSTGRESQL),
    _with_table("a loop outside the transaction", """
for number in range(3):
    op.execute(f"INSERT INTO t (id) VALUES ({number + 1})")
with op.get_context().autocommit_block():
    bind = op.get_bind()
    while bind.execute(sa.text("SELECT count(*) FROM t WHERE n IS NULL")).scalar():
        first = bind.execute(sa.text("SELECT min(id) FROM t WHERE n IS NULL")).scalar()
        bind.execute(sa.text("UPDATE t SET n = 1 WHERE id = :i"), {"i": first})
"""),
    _with_table("it knows of --sql", """
print(op.get_context().as_sql, op.get_bind() is None, context.is_offline_mode())
if not context.is_offline_mode():
    print(op.get_bind().execute(sa.text("SELECT count(*) FROM t")).scalar())
""", steps=(*UP_AND_SQL, ("downgrade", "head:base", {"sql": True}))),
    _with_table("it asks where the run goes", 'print("to", context.get_revision_argument())', """
from alembic.script import ScriptDirectory
script = ScriptDirectory.from_config(context.config)
to = context.get_revision_argument()
print(to, [one.revision for one in script.iterate_revisions("r002", to)])
""", steps=(("upgrade", "+1"), ("upgrade", "head"), ("downgrade", "-1"), ("upgrade", "r002"),
            ("downgrade", "base"))),
    _with_table("it raises", """
op.execute("INSERT INTO t (id) VALUES (1)")
raise ValueError("stop here")
""", "raise NotImplementedError", on=POSTGRESQL, options=", transaction_per_migration=True",
    steps=(("upgrade", "head"), ("current",), ("stamp", "head"), ("downgrade", "base"),
           ("current",))),
)  # fmt: skip
