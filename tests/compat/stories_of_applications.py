"""What env.py and revision files of applications do, rewritten as small projects.

They replace functions, register classes, listen to events and go around the configuration.
"""

from __future__ import annotations

from tests.compat.stories_of_revisions import (
    AUTOGENERATE,
    MARIADB,
    POSTGRESQL,
    SERVERS,
    SQLITE,
    TABLE,
    UP_AND_DOWN,
    Story,
)

_T = (TABLE, 'op.drop_table("t")')
_TWO = (
    _T,
    (
        'op.add_column("t", sa.Column("x", sa.Integer))',
        'with op.batch_alter_table("t") as batch:\n    batch.drop_column("x")',
    ),
)
_HEAD = "import os\nimport sqlalchemy as sa\nfrom alembic import context\n"
_ENGINE = 'engine = sa.create_engine(os.environ["DB_URL"], poolclass=sa.NullPool)\n'
_OWN_ERRORS = """
class NotThere(Exception):
    pass

engine = sa.create_engine(url, poolclass=sa.NullPool)

@sa.event.listens_for(engine, "handle_error")
def translate(found):
    if found.sqlalchemy_exception is not None:
        raise NotThere(str(found.original_exception)[:20]) from None

with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
_FILTERED = """
from alembic.operations.base import Operations

def run(schema, **how):
    context.configure(version_table_schema=schema, transaction_per_migration=False, **how)
    before = Operations.invoke
    def only_ours(self, operation):
        target = getattr(operation, "schema", None) or getattr(operation, "kw", {}).get(
            "source_schema")
        return before(self, operation) if target in (None, schema) else None
    Operations.invoke = only_ours
    try:
        context.run_migrations(schema=schema)
    finally:
        Operations.invoke = before

if context.is_offline_mode():
    run("one", url=os.environ["DB_URL"], literal_binds=True)
else:
    with engine.begin() as connection:
        for schema in ("one", "two"):
            connection.execute(sa.text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
            connection.execute(sa.text(f'SET search_path TO "{schema}"'))
            run(schema, connection=connection)
"""
_BATCH_OPERATION = """
from alembic.operations import ops
from alembic.operations.base import BatchOperations, Operations
from alembic.operations.batch import BatchOperationsImpl

@Operations.register_operation("note")
@BatchOperations.register_operation("note", "in_batch")
class Note(ops.MigrateOperation):
    def __init__(self, word, table):
        self.word, self.table = word, table
    @classmethod
    def note(cls, operations, word, table):
        return operations.invoke(cls(word, table))
    @classmethod
    def in_batch(cls, operations, word):
        assert isinstance(operations.impl, BatchOperationsImpl)
        return operations.invoke(cls(word, operations.impl.table_name))

@Operations.implementation_for(Note)
def noted(operations, operation):
    print("noted", operation.word, operation.table, type(operations).__name__)
    operations.execute(f"INSERT INTO {operation.table} (name) VALUES ('{operation.word}')")
"""
_OTHER_WORD = """
head = context.script.get_current_head()
with engine.connect() as connection:
    there = sa.inspect(connection).has_table("alembic_version")
    if there:
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = :h WHERE version_num = 'head'"),
            {"h": head})
    connection.commit()
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
    now = context.get_context().get_current_revision()
    print("now", now, sorted(getattr(context.script.get_revision(now), "nextrev", ())) if now else "")
    if sa.inspect(connection).has_table("alembic_version") and now == head:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'head'"))
    connection.commit()
"""
_BORN_COMPLETE = """
metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer, index=True),
         sa.Column("x", sa.Integer))

def main():
    with engine.connect() as connection:
        if "alembic_version" not in sa.inspect(connection).get_table_names():
            metadata.create_all(connection)
            head = context.script.get_current_head()
            connection.execute(
                sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(sa.text("INSERT INTO alembic_version VALUES (:v)"), {"v": head})
            connection.commit()
            return
        connection.commit()
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()

main()
"""
_BY_STATEMENTS = """
@sa.event.listens_for(engine, "connect")
def by_hand(connection, record):
    connection.isolation_level = None

@sa.event.listens_for(engine, "begin")
def begin(connection):
    connection.exec_driver_sql("BEGIN IMMEDIATE")

with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    context.execute("COMMIT")
    context.execute("PRAGMA foreign_keys=OFF")
    context.execute("BEGIN IMMEDIATE")
    with context.begin_transaction():
        context.run_migrations()
    context.execute("END")
    context.execute("PRAGMA foreign_keys=ON")
    context.execute("BEGIN IMMEDIATE")
    context.execute("COMMIT")
"""
_SEVERAL_METADATA = """
first, second = sa.MetaData(), sa.MetaData()
sa.Table("t", first, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer))
sa.Table("u", second, sa.Column("id", sa.Integer, primary_key=True))

def numbered(context, revision, directives):
    from alembic.script import ScriptDirectory
    head = ScriptDirectory.from_config(context.config).get_current_head()
    directives[0].rev_id = "gen%03d" % (int(head[1:]) + 1)
    print(head, revision, directives[0].head, directives[0].splice)

def run(**how):
    for metadata in (first, second):
        context.configure(target_metadata=metadata, version_table="versions_of_t",
                          process_revision_directives=numbered, **how)
    with context.begin_transaction():
        context.run_migrations()

if context.is_offline_mode():
    run(url=os.environ["DB_URL"], literal_binds=True)
else:
    with engine.connect() as connection:
        run(connection=connection)
"""
_ORDERED = """
from alembic.autogenerate import rewriter
from alembic.operations import ops
metadata = sa.MetaData()
sa.Table("made", metadata, sa.Column("name", sa.String(60), index=True),
         sa.Column("changed", sa.Integer, server_default=sa.text("7")),
         sa.Column("id", sa.Integer, primary_key=True), sa.UniqueConstraint("changed"),
         mysql_engine="InnoDB", sqlite_autoincrement=True, comment=None)
writer = rewriter.Rewriter()

@writer.rewrites(ops.CreateTableOp)
def in_order(context, revision, op):
    first = {"id": -2, "changed": -1}
    found = [one.copy() if hasattr(one, "copy") else one._copy() for one in op.columns]
    found.sort(key=lambda one: first.get(one.name, 1) if isinstance(one, sa.Column) else 9)
    return ops.CreateTableOp(op.table_name, found, schema=op.schema,
                             _namespace_metadata=op._namespace_metadata, **op.kw)

def only_ours(found, name, type_, reflected, compare_to):
    table = name if type_ == "table" else getattr(getattr(found, "table", None), "name", None)
    return table == "made"
"""
_OWN_RENDERING = """
from alembic.autogenerate import renderers
from alembic.autogenerate.render import _ident, _render_server_default, _repr_type

class Short(sa.TypeDecorator):
    impl, cache_ok = sa.String(9), True

@renderers.dispatch_for(Short)
def never_asked(type_, autogen_context):
    raise AssertionError

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer),
         sa.Column("s", Short, server_default="it's"),
         sa.Column("e", sa.Enum("a", "b", name="ee", native_enum=False), nullable=False))

def rendered(kind, found, context):
    if kind == "type" and isinstance(found, sa.Enum):
        return "sa.Enum(%s, name=%r, native_enum=False)" % (
            ", ".join(map(repr, found.enums)), found.name)
    if kind == "type" and isinstance(found, sa.TypeDecorator):
        return "sa.%r" % (found.impl,)
    if kind == "column" and found.name == "s":
        default = _render_server_default(found.server_default, context)
        return "sa.Column(%r, %s, server_default=%s)" % (
            _ident(found.name), _repr_type(found.type, context), default)
    return False
"""
_OWN_COMPARISONS = """
metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(70)), sa.Column("n", sa.BigInteger, server_default="3"))

def types(context, inspected_column, metadata_column, inspected_type, metadata_type):
    print("type", inspected_column.name, type(inspected_type).__visit_name__, context.dialect.name)
    return {"name": False, "n": None}.get(inspected_column.name)

def defaults(context, inspected_column, metadata_column, inspected, meta, rendered):
    print("default", inspected_column.name, inspected, rendered is None)
    return metadata_column.name == "n" and inspected is None
"""
_OWN_OBJECTS = """
from alembic.autogenerate import comparators, renderers
from alembic.operations import MigrateOperation, Operations
from alembic.util import PriorityDispatchResult

@Operations.register_operation("grow")
class Grow(MigrateOperation):
    def __init__(self, name, rows):
        self.name, self.rows = name, rows
    @classmethod
    def grow(cls, operations, name, rows):
        return operations.invoke(cls(name, rows))
    def reverse(self):
        return Shrink(self.name, self.rows)
    def to_diff_tuple(self):
        return ("grow", self.name, self.rows)

@Operations.register_operation("shrink")
class Shrink(Grow):
    @classmethod
    def shrink(cls, operations, name, rows):
        return operations.invoke(cls(name, rows))
    def reverse(self):
        return Grow(self.name, self.rows)

@Operations.implementation_for(Grow)
def grows(operations, operation):
    for number in range(operation.rows):
        operations.execute(f"INSERT INTO {operation.name} (id) VALUES ({number + 1})")

@Operations.implementation_for(Shrink)
def shrinks(operations, operation):
    operations.get_bind().execute(sa.text(f"DELETE FROM {operation.name}"))

@renderers.dispatch_for(Grow)
@renderers.dispatch_for(Shrink)
def written(context, operation):
    context.imports.add("import json")
    word = type(operation).__name__.lower()
    return [f"# {word} {operation.rows}", f"op.{word}({operation.name!r}, {operation.rows})"]

@comparators.dispatch_for("schema")
def compared(context, upgrade_ops, schemas):
    if "word" not in context.opts:  # the registration outlives this project
        return PriorityDispatchResult.CONTINUE
    there = context.connection.execute(sa.text("SELECT count(*) FROM t")).scalar()
    wanted = context.metadata.info.get("rows", 0)
    print("compared", sorted(map(str, schemas)), there, context.opts["word"])
    if there < wanted and not upgrade_ops.ops:
        upgrade_ops.ops.append(Grow("t", wanted))
    return PriorityDispatchResult.CONTINUE

@comparators.dispatch_for("table")
def tables(context, modify_ops, schema, name, found, wanted):
    if "word" in context.opts:
        print("table", schema, name, found is not None, wanted is not None)

metadata = sa.MetaData(info={"rows": 2})
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer))
"""
_GUARDED = """
def columns(name):
    return {one["name"] for one in sa.inspect(op.get_bind()).get_columns(name)}
if "more" not in columns("t"):
    op.add_column("t", sa.Column("more", sa.Boolean(), nullable=True, server_default=sa.false()))
if not any(one["name"] == "ix_more" for one in sa.inspect(op.get_bind()).get_indexes("t")):
    op.create_index("ix_more", "t", ["more"])
if "more" in columns("t") and not sa.inspect(op.get_bind()).has_table("nope"):
    op.execute(sa.text("UPDATE t SET n = 0"))
"""
_LIGHT = """
place = sa.table("t", sa.column("id", sa.Integer), sa.column("name", sa.String),
                 sa.column("n", sa.Integer))
bind = op.get_bind()
bind.execute(sa.insert(place), [{"id": number, "name": "x%d" % number} for number in range(1, 9)])
for row in bind.execute(sa.select(place.c.id, place.c.name)).mappings().all():
    bind.execute(place.update().where(place.c.id == row["id"]).values(n=len(row["name"])))
last = bind.execution_options(stream_results=False).scalar(sa.select(sa.func.max(place.c.n)))
print(last, bind.exec_driver_sql("SELECT count(*) FROM t").scalar())
print(bind.execute(sa.select(place).where(place.c.id.in_([1, 2]))).all())
"""

APPLICATIONS = (
    Story("errors of a listener's own class", _TWO, env=_HEAD + 'url = os.environ["DB_URL"]\n'
          + _OWN_ERRORS, steps=(("current",), *UP_AND_DOWN), on=SQLITE | POSTGRESQL),
    Story("operations filtered by schema", (
        ('op.create_table("t", sa.Column("id", sa.Integer), schema="one")\nprint(schema)',
         'op.drop_table("t", schema="one")'),
        ('op.create_table("u", sa.Column("id", sa.Integer))', 'op.drop_table("u")'),
    ), env=_HEAD + _ENGINE + _FILTERED, arguments="schema", on=POSTGRESQL,
        steps=(*UP_AND_DOWN, ("upgrade", "head", {"sql": True}))),
    Story("an operation of batches", (
        _T,
        (('op.note("alone", table="t")\nwith op.batch_alter_table("t") as batch:\n'
         '    batch.add_column(sa.Column("x", sa.Integer))\n    batch.note("first")\n'
         '    batch.execute("UPDATE t SET n = 4")'),
         'with op.batch_alter_table("t") as batch:\n    batch.drop_column("x")'),
    ), top=_BATCH_OPERATION),
    Story("another word in the version table", _TWO, env=_HEAD + _ENGINE + _OTHER_WORD,
          steps=(*UP_AND_DOWN, ("upgrade", "head"), ("downgrade", "-1"))),
    Story("a new database is made by the models", (
        *_TWO,
        ('op.create_index("ix_t_n", "t", ["n"])', 'op.drop_index("ix_t_n", "t")'),
    ), env=_HEAD + _ENGINE + _BORN_COMPLETE, steps=(
        ("upgrade", "head"), ("upgrade", "head"), ("downgrade", "r002"), ("upgrade", "head"),
        ("revision", "auto", {"autogenerate": True, "rev_id": "gen1"}))),
    Story("transactions as statements", _TWO, env=_HEAD + _ENGINE + _BY_STATEMENTS, on=SQLITE),
    Story("several contexts before a run", (_T,), env=_HEAD + _ENGINE + _SEVERAL_METADATA,
          steps=(*UP_AND_DOWN, ("revision", "auto", {"autogenerate": True}),
                 ("upgrade", "head"), ("history",), ("upgrade", "head", {"sql": True}))),
    Story("a table that a rewriter recreates", _TWO[:1], top=_ORDERED,
          options=", target_metadata=metadata, process_revision_directives=writer,"
          " include_object=only_ours", steps=(*AUTOGENERATE, ("upgrade", "head"))),
    Story("columns rendered with Alembic's functions", _TWO[:1], top=_OWN_RENDERING,
          options=", target_metadata=metadata, render_item=rendered",
          steps=(*AUTOGENERATE, ("upgrade", "head"))),
    Story("types and defaults compared by env.py", _TWO[:1], top=_OWN_COMPARISONS,
          options=", target_metadata=metadata, compare_type=types,"
          " compare_server_default=defaults", steps=AUTOGENERATE),
    Story("objects of its own", _TWO[:1], top=_OWN_OBJECTS,
          options=", target_metadata=metadata, word='w'", steps=(
              *AUTOGENERATE, ("upgrade", "head"), ("check",), ("downgrade", "-1"))),
    Story("options of the project's own", (
        (('print(op.get_context().opts["profile"], op.get_context().version_table_schema)\n'
         'print(op.get_context().opts.get("none"), op.get_context().opts["transaction_per_migration"])'),
         'print(op.get_context().opts["profile"])'),
    ), options=", profile='mine', on_version_apply=None, transaction_per_migration=True",
        steps=(*UP_AND_DOWN, ("upgrade", "head", {"sql": True}))),
    Story("a database that is declared to roll back", _TWO, options=", transactional_ddl=True,"
          " transaction_per_migration=True", steps=(
              *UP_AND_DOWN, ("upgrade", "head", {"sql": True}))),
    Story("guards by the inspector", (_T, (_GUARDED, "")), steps=(
        *UP_AND_DOWN, ("stamp", "r001"), ("upgrade", "head"))),
    Story("rows by the connection", (_T, (_LIGHT, 'op.execute("DELETE FROM t")'))),
    Story("a table that refers to itself", (
        (('op.create_table("own", sa.Column("id", sa.Integer, primary_key=True),'
         ' sa.Column("up", sa.Integer), sa.ForeignKeyConstraint(["up"], ["own.id"]),'
         ' sa.UniqueConstraint("up"))'), 'op.drop_table("own")'),
        (('names = {"fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",'
         ' "uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}\n'
         'with op.batch_alter_table("own", naming_convention=names) as batch:\n'
         '    batch.drop_constraint("fk_own_up_own", type_="foreignkey")\n'
         '    batch.drop_constraint("uq_own_up", type_="unique")'),
         ('with op.batch_alter_table("own") as batch:\n'
         '    batch.create_foreign_key("fk_own_up_own", "own", ["up"], ["id"],'
         ' ondelete="SET NULL", deferrable=True, initially="DEFERRED")')),
    ), on=SQLITE),
    Story("a column goes before its constraint", (
        _T,
        ("""
op.create_table("c", sa.Column("id", sa.Integer, primary_key=True))
with op.batch_alter_table("c") as batch:
    batch.add_column(sa.Column("t_id", sa.Integer))
    batch.create_foreign_key("fk_c_t", "t", ["t_id"], ["id"])
    batch.create_unique_constraint("uq_c_t", ["t_id"])
""", """
with op.batch_alter_table("c") as batch:
    batch.drop_column("t_id")
    batch.drop_constraint("fk_c_t", type_="foreignkey")
    batch.drop_constraint("uq_c_t", type_="unique")
op.drop_table("c")
"""),
    ), on=SQLITE),
    Story("an index built concurrently", (
        _T,
        (('op.create_index("ix_t_n", "t", ["n"], postgresql_concurrently=True,'
         ' if_not_exists=True)'), 'op.drop_index("ix_t_n", "t", postgresql_concurrently=True)'),
    ), on=POSTGRESQL, env=_HEAD + _ENGINE + """
with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""),
    Story("an index built concurrently in a block", (
        _T,
        ("""
with op.get_context().autocommit_block():
    op.create_index("ix_both", "t", ["n", "name"], postgresql_concurrently=True)
""", """
with op.get_context().autocommit_block():
    op.drop_index("ix_both", table_name="t", postgresql_concurrently=True)
"""),
    ), on=POSTGRESQL, steps=(*UP_AND_DOWN, ("upgrade", "head", {"sql": True}))),
    Story("recreated keys", (
        (('op.create_table("p", sa.Column("a", sa.Integer, autoincrement=False),'
         ' sa.Column("b", sa.Integer, nullable=False), sa.PrimaryKeyConstraint("a"))'),
         'op.drop_table("p")'),
        (('op.drop_constraint("p_pkey" if op.get_context().dialect.name == "postgresql"'
         ' else "PRIMARY", "p", type_="primary")\n'
         'op.create_primary_key("pk_p", "p", ["a", "b"])\n'
         'op.execute("INSERT INTO p VALUES (1, 2)")'),
         ('op.execute("DELETE FROM p")\n'
         'op.drop_constraint("pk_p", "p", type_="primary")\n'
         'op.create_primary_key("p_pkey", "p", ["a"])')),
    ), on=SERVERS),
    Story("a foreign key and its index", (
        _T,
        (('op.create_table("c", sa.Column("id", sa.Integer, primary_key=True),'
         ' sa.Column("t_id", sa.Integer), sa.Column("o_id", sa.Integer),'
         ' sa.ForeignKeyConstraint(["t_id"], ["t.id"], name="fk_c_t"))\n'
         'op.create_foreign_key("fk_c_o", "c", "t", ["o_id"], ["id"], ondelete="CASCADE")'),
         'op.drop_table("c")'),
        (('op.drop_constraint("fk_c_t", "c", type_="foreignkey")\n'
         'op.drop_column("c", "t_id")\n'
         'op.drop_constraint("fk_c_o", "c", type_="foreignkey")'),
         ('op.add_column("c", sa.Column("t_id", sa.Integer))\n'
         'op.create_foreign_key("fk_c_t", "c", "t", ["t_id"], ["id"])\n'
         'op.create_foreign_key("fk_c_o", "c", "t", ["o_id"], ["id"])')),
    ), on=SERVERS, steps=(*UP_AND_DOWN, ("downgrade", "-1"), ("upgrade", "head"))),
    Story("a table with keys is dropped by a draft", (
        _T,
        (('op.create_table("c", sa.Column("id", sa.Integer, primary_key=True),'
         ' sa.Column("t_id", sa.Integer), sa.Column("n", sa.Integer, index=True),'
         ' sa.ForeignKeyConstraint(["t_id"], ["t.id"], name="fk_c_t"))'), 'op.drop_table("c")'),
    ), top="""
metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer))
""", options=", target_metadata=metadata", steps=(*AUTOGENERATE, ("upgrade", "head"))),
    Story("a column is changed with few arguments", (
        (('op.create_table("a", sa.Column("id", sa.Integer, primary_key=True),'
         ' sa.Column("x", sa.String(20), nullable=False, server_default="q", comment="c"),'
         ' sa.Column("y", sa.Integer, nullable=False, server_default="7"))'), 'op.drop_table("a")'),
        (('op.alter_column("a", "x", type_=sa.Text(), existing_type=sa.String(20))\n'
         'op.alter_column("a", "y", new_column_name="z", existing_type=sa.Integer)'),
         ('op.alter_column("a", "z", new_column_name="y", existing_type=sa.Integer,'
         ' existing_nullable=False)\n'
         'op.alter_column("a", "x", type_=sa.String(30), nullable=False,'
         ' existing_server_default="q")')),
        (('op.alter_column("a", "x", nullable=True, existing_type=sa.String(20))\n'
         'op.alter_column("a", "z", server_default="9", existing_type=sa.Integer)\n'
         'op.alter_column("a", "z", comment="note", existing_type=sa.Integer)'), ""),
    ), on=MARIADB, steps=(*UP_AND_DOWN, ("downgrade", "-1"), ("upgrade", "head", {"sql": True}))),
    Story("revisions without a word", (), files={
        "here/versions/a.py": 'revision, down_revision = "a1", None\n'
        "def upgrade():\n    pass\ndef downgrade():\n    pass\n",
        "here/versions/b.py": '"""B."""\nrevision, down_revision = "b2", "a1"\n'
        'branch_labels = ("line",)\n'
        "def upgrade():\n    pass\ndef downgrade():\n    pass\n",
        "here/versions/c.py": 'revision, down_revision, depends_on = "c3", None, "a1"\n'
        "def upgrade():\n    pass\ndef downgrade():\n    pass\n",
    }, steps=(("history", None, True), ("heads", True), ("branches", True), ("show", "heads"),
              ("upgrade", "c3"), ("upgrade", "line@head"),
              ("downgrade", "line@a1"), ("upgrade", "heads"),
              ("downgrade", "base"))),
    Story("a check of the heads", _TWO, steps=(
        ("upgrade", "r001"), ("current", True), ("upgrade", "head"), ("current", True))),
    Story("rows with columns left out", (_T, ("""
t = sa.table("t", sa.column("id", sa.Integer), sa.column("name", sa.String),
             sa.column("n", sa.Integer))
op.execute(t.insert().values(id=1))
op.execute(sa.insert(t).values(id=sa.literal(2), name=None))
op.bulk_insert(t, [{"id": 3}, {"id": 4}])
op.execute(sa.insert(t).from_select(["id", "n"], sa.select(t.c.id + 10, t.c.n)))
op.get_context().execute(t.delete().where(t.c.id > 20))
op.execute(sa.update(t).values(n=sa.case((t.c.id > 1, 5), else_=None)))
""", 'op.execute("DELETE FROM t")')), steps=(
        *UP_AND_DOWN, ("upgrade", "r001:r002", {"sql": True}))),
)  # fmt: skip
