"""Settings, folders and programs of public projects, rewritten as small projects."""

from __future__ import annotations

from tests.compat.stories_of_revisions import (
    AUTOGENERATE,
    POSTGRESQL,
    SQLITE,
    TABLE,
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
_METADATA = """
metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer), sa.Column("m", sa.Date))
"""
_INI = """[alembic]
script_location = here
file_template = gen%%(minute).0s_%%(slug)s
truncate_slug_length = 12
timezone = UTC
output_encoding = latin-1
"""
_HOOKS = (
    _INI
    + """
[post_write_hooks]
hooks = a, b
a.type = exec
a.executable = sed
a.options = -i s/Create/Made/ REVISION_SCRIPT_FILENAME
b.type = own
b.suffix = # written by a hook
"""
)
_OWN_HOOK = (
    _METADATA
    + """
from alembic.script import write_hooks

@write_hooks.register("own")
def own(path, options):
    print(sorted(options), os.path.basename(path))
    with open(path, "a") as opened:
        opened.write(options["suffix"])
"""
)
_MAKO = '''<%! import datetime %>"""${message}

Revision ID: ${up_revision}, after ${down_revision | comma,n}
"""
% if branch_labels:
branch_labels = ${repr(branch_labels)}
% endif
<%def name="indented(ops)">
% for line in (ops or "pass").splitlines():
    ${line.strip()}
% endfor
</%def>
import sqlalchemy as sa
from alembic import op
extra = ${repr(extra)}, ${repr(config.get_main_option("script_location"))}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}

def upgrade():
${indented(upgrades)}
def downgrade():
${indented(downgrades)}
'''
_ONE = """revision, down_revision = {!r}, {!r}
def upgrade():
    print('up', {!r})
def downgrade():
    print('down')
"""
_SEVERAL = {
    "alembic.ini": "[alembic]\nscript_location = here\nversion_path_separator = space\n"
    "version_locations = here/versions other one/more\nrecursive_version_locations = true\n",
    "here/versions/deep/er/a.py": _ONE.format("a1", None, "a1"),
    "other/b.py": _ONE.format("b1", None, "b1") + "branch_labels = ('second',)\n",
    "one/more/c.py": _ONE.format("c1", "b1", "c1") + "depends_on = 'a1'\n",
    "here/versions/deep/_d.txt": "nothing",
}
_MULTI = """
import os
import sqlalchemy as sa
from alembic import context

target = {name: sa.MetaData() for name in ("one", "two")}
sa.Table("t", target["two"], sa.Column("id", sa.Integer, primary_key=True))
engines = {name: sa.create_engine(f"sqlite:///{name}.db", poolclass=sa.NullPool) for name in target}
if context.is_offline_mode():
    for name in engines:
        with open(f"gen_{name}.sql.py", "w") as buffer:
            context.configure(url=engines[name].url, output_buffer=buffer, literal_binds=True,
                              target_metadata=target[name])
            with context.begin_transaction():
                context.run_migrations(engine_name=name)
else:
    opened = {name: engine.connect() for name, engine in engines.items()}
    begun = {name: one.begin() for name, one in opened.items()}
    for name, connection in opened.items():
        context.configure(connection=connection, upgrade_token=f"{name}_up",
                          downgrade_token=f"{name}_down", target_metadata=target[name])
        context.run_migrations(engine_name=name)
    for one in begun.values():
        one.commit()
    for name, one in opened.items():
        print(name, sorted(sa.inspect(one).get_table_names()))
        one.close()
"""
_MULTI_MAKO = """from alembic import op
import sqlalchemy as sa
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}

def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()

def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()

% for name in ("one", "two"):
def upgrade_${name}():
    ${context.get("%s_up" % name, "pass")}

def downgrade_${name}():
    ${context.get("%s_down" % name, "pass")}

% endfor
"""
_ASYNC = """
import asyncio
import os
import sqlalchemy as sa
from alembic import context
from sqlalchemy.ext.asyncio import async_engine_from_config

config = context.config
config.set_main_option("sqlalchemy.url", "sqlite+aiosqlite:///x.db")

def run(connection):
    context.configure(connection=connection, target_metadata=sa.MetaData())
    with context.begin_transaction():
        context.run_migrations()

async def main():
    engine = async_engine_from_config(config.get_section(config.config_ini_section, {}),
                                      prefix="sqlalchemy.", poolclass=sa.pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()

asyncio.run(main())
"""
_COMPARATOR = (
    _METADATA
    + """
from alembic.autogenerate import comparators, renderers
from alembic.operations import MigrateOperation, Operations, ops

@Operations.register_operation("grant")
class GrantOp(MigrateOperation):
    def __init__(self, to):
        self.to = to
    @classmethod
    def grant(cls, operations, to, **kw):
        return operations.invoke(cls(to))
    def reverse(self):
        return GrantOp("-" + self.to)
    def to_diff_tuple(self):
        return ("grant", self.to)

@Operations.implementation_for(GrantOp)
def grant(operations, operation):
    operations.execute(sa.text("SELECT 1"))

@renderers.dispatch_for(GrantOp)
def render(autogen_context, op):
    autogen_context.imports.add("import json")
    return ["op.grant(%r)" % op.to, "print('granted')"]

@comparators.dispatch_for("schema")
def compare(autogen_context, upgrade_ops, schemas):
    if context.config.attributes["story"] == "a comparator of its own":
        print(sorted(schemas, key=str), autogen_context.metadata is metadata)
        upgrade_ops.ops.append(GrantOp("me"))

@comparators.dispatch_for("table")
def tables(autogen_context, modify_table_ops, schema, name, found, wanted):
    if context.config.attributes["story"] == "a comparator of its own":
        print("table", schema, name, found is not None, wanted is not None)
"""
)
_PROGRAM = """
from alembic.util import CommandError
from alembic.script import ScriptDirectory
from alembic.runtime.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.migration import MigrationContext as Same
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code

script = ScriptDirectory.from_config(context.config)
for one in script.walk_revisions():
    print(one.revision, one.down_revision, one.doc, one.is_head, one.is_base, one.is_branch_point,
          one.nextrev, one.log_entry.splitlines()[0], one.cmd_format(False))
print(script.get_bases(), script.get_heads(), script.get_current_head(), script.get_base())
print([one.revision for one in script.iterate_revisions("heads", "base")])
print(script.as_revision_number("head"), script.get_revision("r001").module.__name__)
print([one.revision for one in script.get_revisions(["r001", "head"])], os.path.basename(script.dir))
print(script.get_revision("base"), script.get_revisions("base"))
print([str(step.revision.revision) for step in script._upgrade_revs("head", None)])
for wrong in ("nope", "head+9"):
    try:
        script.get_revision(wrong)
    except CommandError as error:
        print("no such revision")
with sa.create_engine(url).connect() as opened:
    found = MigrationContext.configure(opened, opts={"version_table": "elsewhere", "as_sql": False})
    print(found.get_current_revision(), found.get_current_heads(), found.as_sql, Same is MigrationContext)
    metadata = sa.MetaData()
    sa.Table("new", metadata, sa.Column("id", sa.Integer, primary_key=True))
    print([one[0] for one in compare_metadata(found, metadata)])
    made = produce_migrations(found, metadata)
    print(render_python_code(made.upgrade_ops))
    print(render_python_code(made.downgrade_ops, render_as_batch=True, alembic_module_prefix="x."))
env = EnvironmentContext(context.config, script, fn=lambda rev, ctx: [], tag="mine")
print(env.get_tag_argument(), env.get_head_revision(), env.is_offline_mode())
"""

PROJECTS = (
    Story("names and zones of files", (), top=_METADATA, options=", target_metadata=metadata",
          files={"alembic.ini": _INI}, steps=(
              ("revision", "Add a  very/long message, with words",
               {"autogenerate": True, "rev_id": "a1"}), ("history",), ("upgrade", "head"))),
    Story("hooks after writing", (), top=_OWN_HOOK, options=", target_metadata=metadata",
          files={"alembic.ini": _HOOKS}, steps=(
              ("revision", "one", {"autogenerate": True, "rev_id": "gen1"}),)),
    Story("a template with code", (_T,), top=_METADATA, options=", target_metadata=metadata,"
          " template_args={'extra': [1]}", files={"here/script.py.mako": _MAKO}, steps=(
              ("upgrade", "head"), ("revision", "auto", {"autogenerate": True, "rev_id": "gen1"}),
              ("upgrade", "head"),
              ("revision", "lab", {"autogenerate": True, "rev_id": "gen2", "head": "gen1",
                                   "branch_label": "lab"}))),
    Story("several folders and bases", (), files=_SEVERAL, steps=(
        ("history",), ("heads", True), ("branches",), ("upgrade", "second@head"),
        ("revision", "more", {"head": "second@head", "rev_id": "gen1", "version_path": "one/more"}),
        ("history", None, True), ("upgrade", "heads"), ("downgrade", "base"))),
    Story("several databases", (), env=_MULTI, files={"here/script.py.mako": _MULTI_MAKO},
          on=SQLITE, steps=(("revision", "auto", {"autogenerate": True, "rev_id": "gen1"}),
                            ("upgrade", "head"), ("current",), ("upgrade", "head", {"sql": True}),
                            ("downgrade", "-1"))),
    Story("an engine of asyncio", _TWO, env=_ASYNC, on=SQLITE),
    Story("settings in pyproject.toml", _TWO, files={
        "pyproject.toml": '[tool.alembic]\nscript_location = "%(here)s/here"\n'
        'prepend_sys_path = ["."]\nversion_locations = ["%(here)s/here/versions"]\n',
    }, steps=(("history",),)),
    Story("a comparator of its own", (_T,), top=_COMPARATOR, on=SQLITE | POSTGRESQL,
          options=", target_metadata=metadata", steps=(*AUTOGENERATE, ("upgrade", "head"),
                                                       ("check",))),
    Story("programs read the history", _TWO, top=_PROGRAM, steps=(("upgrade", "head"),)),
    Story("tags, and no values of -x", _TWO, top="""
print(context.get_x_argument(), context.get_x_argument(as_dictionary=True))
print(context.get_tag_argument())
""", steps=(("upgrade", "head", {"tag": "v1"}), ("downgrade", "base", {"tag": "v2"}))),
    Story("batches with options", (_T, ("""
t = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
             sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer))
with op.batch_alter_table("t", recreate="always", partial_reordering=[("n", "name")],
                          reflect_args=[sa.Column("n", sa.Integer, server_default="3")],
                          table_args=(sa.CheckConstraint("n > 0", name="ck"),)) as batch:
    batch.alter_column("name", nullable=False, server_default="q")
with op.batch_alter_table("t", recreate="never") as batch:
    batch.add_column(sa.Column("z", sa.Integer))
with op.batch_alter_table("t", copy_from=t, recreate="always") as batch:
    batch.add_column(sa.Column("y", sa.Integer), insert_after="id")
with op.batch_alter_table("t", reflect_kwargs={"listeners": []},
                          naming_convention={"uq": "uq_%(table_name)s"}) as batch:
    batch.create_unique_constraint("uq", ["y"])
""", "pass")), on=SQLITE, steps=(("upgrade", "head"),)),
    Story("rows in bulk", (_T, ("""
t = sa.table("t", sa.column("id", sa.Integer), sa.column("name", sa.String),
             sa.column("n", sa.Integer))
op.bulk_insert(t, [{"id": 1, "name": "a'b", "n": None}, {"id": 2, "name": "50%", "n": 3}],
               multiinsert=False)
op.bulk_insert(t, [])
op.bulk_insert(t, [{"id": op.inline_literal(7), "name": op.inline_literal("x\\\\y")}],
               multiinsert=False)
op.execute(t.update().where(t.c.name == op.inline_literal("50%")).values(n=op.inline_literal(9)))
context_ = op.get_context()
print(context_.dialect.name, context_.bind is not None, sorted(set(context_.opts) & {"as_sql", "fn"}))
print(context_.config is context.config, context_.impl.transactional_ddl, context_.as_sql)
""", 'op.execute("DELETE FROM t")')), steps=(("upgrade", "head"),
                                            ("upgrade", "r001:r002", {"sql": True}))),
    Story("files that are no revisions", (), files={
        "alembic.ini": "[alembic]\nscript_location = here\nsourceless = true\n",
        "here/versions/a.py": _ONE.format("a1", None, "a1"),
        "here/versions/README": "text", "here/versions/__init__.py": "",
        "here/versions/.#a.py": "broken (",
    }, steps=(("history",), ("upgrade", "head"), ("downgrade", "base"))),
    Story("a session for async code", (_T, ("""
async def rows(connection):
    return (await connection.execute(sa.text("SELECT count(*) FROM t"))).scalar()
print(op.run_async(rows))
""", "pass")), env=_ASYNC, on=SQLITE, steps=(("upgrade", "head"),)),
    Story("filters by name", (_T,), top=_METADATA + """
sa.Table("hidden", metadata, sa.Column("id", sa.Integer, primary_key=True))
def named(name, kind, parents):
    if kind != "column":
        print(kind, name, sorted(parents.items(), key=str))
    return name != "n"
def compared(context, found, wanted, found_type, wanted_type):
    return True if wanted.name == "name" else None
""", options=", target_metadata=metadata, include_name=named, compare_type=compared,"
          " sqlalchemy_module_prefix='sqla.', alembic_module_prefix='migrations.'",
          on=SQLITE | POSTGRESQL, steps=AUTOGENERATE),
)  # fmt: skip
