"""What env.py of public projects does, rewritten as small projects."""

from __future__ import annotations

from tests.compat.stories_of_revisions import (
    AUTOGENERATE,
    POSTGRESQL,
    SQLITE,
    TABLE,
    UP_AND_DOWN,
    Story,
)

_TWO = (
    (TABLE, 'op.drop_table("t")'),
    (
        'op.add_column("t", sa.Column("x", sa.Integer))',
        'with op.batch_alter_table("t") as batch:\n    batch.drop_column("x")',
    ),
)
_EVERYTHING = (
    *(("upgrade", "r001"), ("upgrade", "head"), ("current",), ("downgrade", "-1")),
    *(("stamp", "head"), ("stamp", "base"), ("history", None, False, True), ("heads",)),
    ("upgrade", "head", {"sql": True}),
)
_WIDE = """
from alembic.ddl.impl import DefaultImpl

def wide(self, *, version_table, version_table_schema, version_table_pk, **kw):
    return sa.Table(
        version_table, sa.MetaData(),
        sa.Column("version_num", sa.String(200), primary_key=True), schema=version_table_schema)

before = DefaultImpl.version_table_impl
DefaultImpl.version_table_impl = wide
"""
_OWN_IMPLEMENTATION = """
from alembic.ddl.sqlite import SQLiteImpl

class Wide(SQLiteImpl):
    __dialect__ = "sqlite"
    def version_table_impl(self, *, version_table, version_table_schema, version_table_pk, **kw):
        return sa.Table(
            version_table, sa.MetaData(),
            sa.Column("version_num", sa.String(200), primary_key=True),
            sa.Column("applied_by", sa.String(30), server_default="me"))
"""
_REGISTER_AGAIN = """
from alembic.ddl import impl
impl._impls["sqlite"] = SQLiteImpl
"""
_AUDIT = """
audit = sa.Table("audit", sa.MetaData(), sa.Column("what", sa.String(300)))

def note(ctx, step, heads, run_args, **kw):
    names = (
        step.is_upgrade, step.is_stamp, step.is_migration, step.up_revision_id,
        step.up_revision_ids, step.down_revision_ids, step.source_revision_ids,
        step.destination_revision_ids, sorted(heads), sorted(run_args),
        step.up_revision.doc if step.up_revision else None,
        [one.revision for one in step.source_revisions],
        [one.revision for one in step.destination_revisions], type(step).__name__,
    )
    print(names)
    if not ctx.as_sql:
        audit.create(ctx.connection, checkfirst=True)
        ctx.connection.execute(audit.insert().values(what=repr(names)))
"""
_SCHEMAS = """
import os
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(os.environ["DB_URL"], poolclass=sa.NullPool)
with engine.connect() as connection:
    for schema in ("one", "two"):
        connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        connection.execute(sa.text(f'SET search_path TO "{schema}"'))
        connection.commit()
        connection.dialect.default_schema_name = schema
        print("schema", schema)
        context.configure(connection=connection, target_metadata=sa.MetaData(),
                          include_schemas=True, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
"""
_BY_HAND = """
import os
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(os.environ["DB_URL"], poolclass=sa.NullPool)
connection = {connect}
{before}
context.configure(connection=connection{options})
context.run_migrations()
{after}
connection.close()
"""
_OPERATIONS = """
from alembic.operations import MigrateOperation, Operations

class Replaceable(MigrateOperation):
    def __init__(self, target):
        self.target = target
    @classmethod
    def invoke_for_target(cls, operations, target):
        return operations.invoke(cls(target))
    @classmethod
    def replace(cls, operations, target, replaces):
        version, name = replaces.split(".")
        module = operations.get_context().script.get_revision(version).module
        operations.invoke(DropView(getattr(module, name)))
        operations.invoke(CreateView(target))

@Operations.register_operation("create_view", "invoke_for_target")
@Operations.register_operation("replace_view", "replace")
class CreateView(Replaceable):
    def reverse(self):
        return DropView(self.target)

@Operations.register_operation("drop_view", "invoke_for_target")
class DropView(Replaceable):
    pass

@Operations.implementation_for(CreateView)
def create_view(operations, operation):
    operations.execute("CREATE VIEW %s AS %s" % operation.target)

@Operations.implementation_for(DropView)
def drop_view(operations, operation):
    operations.execute("DROP VIEW %s" % operation.target[0])
"""
_MODELS = """
metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(60), nullable=False), sa.Column("b", sa.JSON),
         sa.Column("a", sa.Integer))
sa.Table("u", metadata, sa.Column("t_id", sa.ForeignKey("t.id")),
         sa.Column("id", sa.Integer, primary_key=True), sa.Index("ix_u", "t_id"))
"""

ENVIRONMENTS = (
    Story("callbacks for each step", _TWO, top=_AUDIT, options=", on_version_apply=[note]",
          steps=_EVERYTHING),
    Story("callbacks of stamps in both directions", _TWO, top=_AUDIT,
          options=", on_version_apply=[note]",
          steps=(("upgrade", "head"), ("stamp", "r001"), ("stamp", "head"), ("stamp", "r001"),
                 ("stamp", "base"), ("stamp", "r001"), ("current",))),
    Story("what a revision asks its context", (
        ("""
import os
context = op.get_context()
environment = context.environment_context
print(os.path.basename(context.script.dir), context.config.get_main_option("script_location"),
      context.config.attributes.get("none"), context.opts["profile"], context.version_table,
      context.opts.get("version_table_schema"), environment.get_x_argument(as_dictionary=True),
      bool(op.get_bind().engine.url.database))
op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
context.impl.static_output("-- 100% of it")
""", 'op.drop_table("t")'),
        ("""
scripts = op.get_context().script
module = scripts.get_revision("r001").module
print(module.revision, callable(module.upgrade),
      [one.revision for one in scripts.iterate_revisions("r002", "base")])
kind = op.get_context().impl
print(kind.compare_type(sa.Column("a", sa.String(10)), sa.Column("a", sa.String(20))),
      kind.compare_type(sa.Column("a", sa.String(20)), sa.Column("a", sa.String(20))))
with op.batch_alter_table("t") as batch:
    print(batch.impl.table_name, batch.impl.schema, getattr(batch.impl, "named_constraints", {}))
    batch.add_column(sa.Column("n", sa.Integer))
""", 'op.drop_column("t", "n")'),
    ), options=", profile={'a': 1}, target_meta=2", steps=(("upgrade", "head"), ("current",))),
    Story("a callback that refuses", _TWO, top="""
def refuse(ctx, step, heads, run_args):
    if not step.is_upgrade:
        raise RuntimeError("never down")
""", options=", on_version_apply=refuse", on=POSTGRESQL,
          steps=(("upgrade", "head"), ("downgrade", "-1"), ("current",))),
    Story("what the command is for", _TWO, top="""
for asked in (context.get_revision_argument, context.get_starting_revision_argument):
    try:
        print(asked.__name__, asked())
    except Exception:
        print(asked.__name__, "refused")
""", bottom="""
print(context.get_context().opts["fn"].__name__ not in ("", "job"))
""", steps=tuple(one for one in _EVERYTHING if one[0] != "history")),
    Story("a wider version table", _TWO, top=_WIDE, bottom="""
DefaultImpl.version_table_impl = before
""", steps=(*UP_AND_DOWN, ("upgrade", "head", {"sql": True}))),
    Story("an implementation of its own", _TWO, top=_OWN_IMPLEMENTATION, on=SQLITE,
          bottom=_REGISTER_AGAIN, steps=(*UP_AND_DOWN, ("upgrade", "head", {"sql": True}))),
    Story("arguments for the migrations", (("print(word, sorted(kw))", "print(word)"),),
          env="""
import os
import sqlalchemy as sa
from alembic import context
engine = sa.create_engine(os.environ["DB_URL"], poolclass=sa.NullPool)
with engine.begin() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations(word="w", other=1)
""", arguments="word, **kw"),
    Story("folders set by env.py", (), top="""
context.script.version_locations = ["other"]
context.script.__dict__.pop("_version_locations", None)
""", files={"other/a.py": "revision = 'a1'\ndown_revision = None\ndef upgrade():\n"
            "    print('up')\ndef downgrade():\n    print('down')\n"}),
    Story("a loop over schemas", _TWO, env=_SCHEMAS, on=POSTGRESQL, steps=(
        *UP_AND_DOWN, ("stamp", "base"),
    )),
    Story("without begin_transaction", _TWO, env=_BY_HAND.format(
        connect="engine.connect()", before="", options="", after="connection.commit()")),
    Story("a transaction of env.py", _TWO, env=_BY_HAND.format(
        connect="engine.connect()", before="transaction = connection.begin()",
        options=", transaction_per_migration=True", after="transaction.commit()")),
    Story("autocommit", _TWO, env=_BY_HAND.format(
        connect='engine.connect().execution_options(isolation_level="AUTOCOMMIT")',
        before="", options="", after="")),
    Story("env.py reads and writes first", _TWO, env=_BY_HAND.format(
        connect="engine.connect()", before="""
from alembic.runtime.migration import MigrationContext
print(MigrationContext.configure(connection).get_current_heads())
connection.execute(sa.text("CREATE TABLE IF NOT EXISTS before_run (a INTEGER)"))
connection.execute(sa.text("INSERT INTO before_run VALUES (1)"))
connection.commit()
""", options="", after="""
connection.commit()
with engine.connect() as fresh:
    print(sa.inspect(fresh).has_table("t"))
    print(fresh.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all())
""")),
    Story("env.py that configures nothing", _TWO, env="print('skipped')\n",
          steps=tuple(one for one in _EVERYTHING if one[0] != "history")),
    Story("env.py that refuses --sql", _TWO, top="""
if context.is_offline_mode():
    raise RuntimeError("no scripts")
""", steps=(("upgrade", "head", {"sql": True}), ("upgrade", "head"))),
    Story("events of SQLAlchemy", _TWO, top="""
@sa.event.listens_for(sa.Table, "after_parent_attach")
def storage(target, parent):
    if target.name == "t":
        target.kwargs["mysql_engine"] = "Aria"
        target.kwargs["sqlite_autoincrement"] = True
""", bottom="""
sa.event.remove(sa.Table, "after_parent_attach", storage)
"""),
    Story("settings", _TWO, files={"alembic.ini": "[alembic]\nscript_location = here\n"
                                   "word = %(here)s/x\nbig = 1\n[more]\na = b\n"}, top="""
config.set_section_option("logger_x", "level", "WARN")
print(config.get_section("logger_x"), config.get_section("none", {}), config.get_section("more"))
print(config.get_main_option("nothing", "d"), config.get_section_option("more", "a"))
print(config.config_ini_section, config.get_alembic_option("big"), config.config_args)
print(config.get_alembic_boolean_option("recursive_version_locations"), config.toml_file_name)
config.remove_main_option("big")
print(config.get_main_option("big"))
config.print_stdout("word %s", 3)
import configparser
plain = configparser.ConfigParser(interpolation=None)
plain.read_dict({"alembic": {"script_location": "here"}})
config.file_config = plain
config.set_main_option("sqlalchemy.url", "x%40y%")
print(config.get_main_option("sqlalchemy.url"))
"""),
    Story("operations of its own", ((
        "op.create_view(view)", "op.drop_view(view)"),
        ('op.replace_view(view, replaces="r001.view")', ""),
    ), top=_OPERATIONS, imports='view = ("v", "SELECT 1 AS a")'),
    Story("hooks of autogenerate", _TWO[:1], top=_MODELS + """
def see(context, revision, directives):
    print(revision, [type(one).__name__ for one in directives[0].upgrade_ops.ops])
    directives[0].imports.add("import json")

def is_ours(found, name, type_, reflected, compare_to):
    return not (type_ == "column" and name == "n")
""", options=", target_metadata=metadata, process_revision_directives=see,"
          " include_object=is_ours, render_as_batch=url.startswith('sqlite')", steps=(
              *AUTOGENERATE, ("upgrade", "head"), ("check",),
              ("revision", "again", {"autogenerate": True, "rev_id": "gen2"}))),
    Story("a rewriter", _TWO[:1], on=SQLITE | POSTGRESQL, top=_MODELS + """
from alembic.autogenerate import rewriter
from alembic.operations import ops
writer, second = rewriter.Rewriter(), rewriter.Rewriter()

@writer.rewrites(ops.CreateTableOp)
def in_order(context, revision, op):
    op.columns.sort(key=lambda one: one.name if isinstance(one, sa.Column) else "~")
    return op

@writer.rewrites(ops.AddColumnOp)
def in_two_steps(context, revision, op):
    op.column.nullable = True
    return [op, ops.AlterColumnOp(op.table_name, op.column.name, modify_nullable=False,
                                  existing_type=op.column.type)]

@second.rewrites(ops.MigrationScript)
def at_last(context, revision, op):
    op.imports = set()
    op.upgrade_ops.ops.append(ops.ExecuteSQLOp("SELECT 1"))
    return op
""", options=", target_metadata=metadata, process_revision_directives=writer.chain(second)",
          steps=AUTOGENERATE),
    Story("a draft that is thrown away", _TWO[:1], top="""
metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer))

def nothing(context, revision, directives):
    if directives[0].upgrade_ops.is_empty():
        directives[:] = []
        print("nothing")
""", options=", target_metadata=metadata, process_revision_directives=nothing",
          steps=(*AUTOGENERATE, ("revision", "plain", {"rev_id": "gen2"}), ("heads",))),
    Story("types rendered by env.py", _TWO[:1], on=SQLITE | POSTGRESQL, top="""
class Money(sa.TypeDecorator):
    impl = sa.Numeric(10, 2)
    cache_ok = True

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer), sa.Column("m", Money),
         sa.Column("k", sa.Enum("a", "b", name="kk")), sa.Column("p", sa.PickleType),
         sa.Column("v", sa.String(3).with_variant(sa.Text, "postgresql")))

def rendered(kind, found, autogen_context):
    if kind == "type" and isinstance(found, Money):
        autogen_context.imports.add("import decimal")
        return "sa.Numeric(10, 2)"
    return False

def nothing_imported(context, revision, directives):
    directives[0].message = "Another message"
""", options=", target_metadata=metadata, render_item=rendered, template_args={'extra': 1},"
          " process_revision_directives=nothing_imported, user_module_prefix='own.'",
          steps=AUTOGENERATE),
)  # fmt: skip
