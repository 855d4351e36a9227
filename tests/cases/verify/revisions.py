"""Revisions with and without faults, each on the same schema of two tables with rows.

`edits` change the models: AUTHOR and BOOK hold their columns and constraints by name, DECLARED the
reference rows of tables.
"""

from __future__ import annotations

from dataclasses import dataclass

MODELS = """
import sqlalchemy as sa
from limbeck import declare

AUTHOR = {
    "id": sa.Column("id", sa.Integer, primary_key=True),
    "name": sa.Column("name", sa.String(80), nullable=False),
    "email": sa.Column("email", sa.String(120)),
    "born": sa.Column("born", sa.Date),
}
BOOK = {
    "id": sa.Column("id", sa.Integer, primary_key=True),
    "author_id": sa.Column("author_id", sa.Integer, nullable=False),
    "title": sa.Column("title", sa.String(200), nullable=False),
    "price": sa.Column("price", sa.Numeric(8, 2)),
    "pages": sa.Column("pages", sa.Integer),
    "fk_author": sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_author"),
    "ix_author": sa.Index("ix_author", "author_id"),
    "ck_pages": sa.CheckConstraint("pages >= 0", name="ck_pages"),
    "ix_title": sa.Index("ix_title", "title"),
}
OTHERS = {}
DECLARED = {}
# edits
metadata = sa.MetaData()
sa.Table("author", metadata, *AUTHOR.values())
sa.Table("book", metadata, *BOOK.values())
for name, items in OTHERS.items():
    sa.Table(name, metadata, *items)
for name, rows in DECLARED.items():
    declare.rows(metadata.tables[name], rows)
"""

FIRST_UP = """
op.create_table(
    "author",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("email", sa.String(120)),
    sa.Column("born", sa.Date),
)
op.create_table(
    "book",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("author_id", sa.Integer, nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("price", sa.Numeric(8, 2)),
    sa.Column("pages", sa.Integer),
    sa.CheckConstraint("pages >= 0", name="ck_pages"),
    sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_author"),
)
op.create_index("ix_author", "book", ["author_id"])
op.create_index("ix_title", "book", ["title"])
"""
FIRST_DOWN = 'op.drop_table("book")\nop.drop_table("author")\n'
ALL = ("sqlite", "postgresql", "mariadb")
SERVERS = ("postgresql", "mariadb")


@dataclass(frozen=True)
class Case:
    """A revision and what verify finds in it.

    Args:
        name: what it does.
        up: the body of the upgrade.
        down: the body of the downgrade.
        edits: what changes in the models.
        fault: the code of the finding that names its fault; None for a good revision.
        notes: codes of findings that are no faults.
        on: the databases it is for.
    """

    name: str
    up: str
    down: str
    edits: str = ""
    fault: str | None = None
    notes: tuple[str, ...] = ()
    on: tuple[str, ...] = ALL


_ADD_AGE = 'op.add_column("author", sa.Column("age", sa.Integer))'
_DROP_AGE = 'op.drop_column("author", "age")'
_AGE = 'AUTHOR["age"] = sa.Column("age", sa.Integer)'

FAULTY = (
    Case("name a table that is not there", 'op.add_column("writer", sa.Column("age", sa.Integer))',
         'op.drop_column("writer", "age")', fault="up-fails"),
    Case("raise an error of Python", '{}["missing"]', "pass", fault="up-fails"),
    Case("add a column that is not nullable without a default",
         'op.add_column("author", sa.Column("code", sa.String(9), nullable=False))',
         'op.drop_column("author", "code")',
         'AUTHOR["code"] = sa.Column("code", sa.String(9), nullable=False)', "up-fails",
         on=("sqlite", "postgresql")),
    Case("make a column not nullable and leave its NULLs",
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("email", existing_type=sa.String(120), nullable=False)',
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("email", existing_type=sa.String(120), nullable=True)',
         'AUTHOR["email"].nullable = False', "up-fails"),
    Case("forget an index of the models", _ADD_AGE, _DROP_AGE,
         _AGE + '\nBOOK["ix_pages"] = sa.Index("ix_pages", "pages")', "models-differ"),
    Case("give a column another type than the models", _ADD_AGE, _DROP_AGE,
         'AUTHOR["age"] = sa.Column("age", sa.String(20))', "models-differ"),
    Case("forget to create a table", "pass", "pass",
         'OTHERS["shop"] = [sa.Column("id", sa.Integer, primary_key=True)]', "models-differ"),
    Case("drop a column that is not there", _ADD_AGE, 'op.drop_column("author", "agee")', _AGE,
         "down-fails"),
    Case("use a name that is not defined on the way down", _ADD_AGE, "undefined_name()", _AGE,
         "down-fails"),
    Case("undo nothing", _ADD_AGE, "pass", _AGE, "down-leaves-trace"),
    Case("forget the index on the way down",
         _ADD_AGE + '\nop.create_index("ix_pages", "book", ["pages"])', _DROP_AGE,
         _AGE + '\nBOOK["ix_pages"] = sa.Index("ix_pages", "pages")', "down-leaves-trace"),
    Case("restore a column with another type", 'op.drop_column("author", "born")',
         'op.add_column("author", sa.Column("born", sa.DateTime))', 'del AUTHOR["born"]',
         "down-leaves-trace"),
    Case("delete all rows", _ADD_AGE + '\nop.execute("DELETE FROM book")', _DROP_AGE, _AGE,
         "rows-lost"),
    Case("drop and create a table in place of a change",
         'op.drop_table("book")\n' + FIRST_UP[FIRST_UP.index('op.create_table(\n    "book"'):]
         .replace("String(200)", "String(300)"),
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("title", existing_type=sa.String(300), type_=sa.String(200), '
         "existing_nullable=False)",
         'BOOK["title"].type = sa.String(300)', "rows-lost"),
    Case("lose values on the way down", _ADD_AGE,
         _DROP_AGE + '\nop.execute("DELETE FROM book WHERE pages IS NULL OR pages >= 0")', _AGE,
         "rows-lost"),
    Case("write a file", _ADD_AGE + '\nopen("left_behind.txt", "w").write("x")', _DROP_AGE, _AGE,
         "touches-files"),
    Case("open a socket",
         _ADD_AGE + '\nimport socket\nsocket.create_connection(("127.0.0.1", 9), 1)',
         _DROP_AGE, _AGE, "opens-network"),
    Case("open a second connection",
         "url = op.get_bind().engine.url\nengine = sa.create_engine(url)\n"
         "with engine.connect() as other:\n    other.execute(sa.text('SELECT 1'))\n" + _ADD_AGE,
         _DROP_AGE, _AGE, "opens-connection"),
    Case("start a program", 'import subprocess\nsubprocess.run(["true"])\n' + _ADD_AGE, _DROP_AGE,
         _AGE, "starts-process"),
    Case("fork", "import os\nif os.fork() == 0:\n    os._exit(0)\n" + _ADD_AGE, _DROP_AGE, _AGE,
         "starts-process"),
    Case("never end", "import time\ntime.sleep(600)", "pass", fault="time-limit"),
    Case("end the process", "import os\nos._exit(3)", "pass", fault="process-ended"),
    Case("drop the database it runs in",
         'name = op.get_bind().engine.url.database\n'
         'if op.get_bind().dialect.name == "postgresql":\n'
         '    op.execute("DROP SCHEMA public CASCADE")\n'
         "else:\n"
         '    name = op.get_bind().exec_driver_sql("SELECT DATABASE()").scalar()\n'
         '    op.execute(f"DROP DATABASE `{name}`")',
         "pass", fault="drops-database", on=SERVERS),
    Case("fail the second time",
         'op.execute("CREATE TABLE marks (id INTEGER)")\n' + _ADD_AGE,
         _DROP_AGE, _AGE + '\nOTHERS["marks"] = [sa.Column("id", sa.Integer)]',
         "up-again-fails", notes=("down-leaves-trace",)),
    Case("create databases", 'with op.get_context().autocommit_block():\n'
         '    op.execute("CREATE DATABASE limbeck_never")', "pass", fault="acts-outside",
         on=SERVERS),
)  # fmt: skip

GOOD = (
    Case("add a column", _ADD_AGE, _DROP_AGE, _AGE),
    Case("do nothing", "pass", "pass"),
    Case("add a column with a default",
         'op.add_column("author", sa.Column("age", sa.Integer, nullable=False, '
         "server_default='0'))", _DROP_AGE,
         'AUTHOR["age"] = sa.Column("age", sa.Integer, nullable=False, server_default="0")'),
    Case("create a table",
         'op.create_table("shop", sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("name", sa.String(50)))', 'op.drop_table("shop")',
         'OTHERS["shop"] = [sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("name", sa.String(50))]'),
    Case("create an index", 'op.create_index("ix_pages", "book", ["pages"])',
         'op.drop_index("ix_pages", "book")', 'BOOK["ix_pages"] = sa.Index("ix_pages", "pages")'),
    Case("drop an index", 'op.drop_index("ix_title", "book")',
         'op.create_index("ix_title", "book", ["title"])', 'del BOOK["ix_title"]'),
    Case("drop a column", 'op.drop_column("author", "born")',
         'op.add_column("author", sa.Column("born", sa.Date))', 'del AUTHOR["born"]',
         notes=("cannot-restore",)),
    Case("drop a table", 'op.drop_table("book")', FIRST_UP[FIRST_UP.index('op.create_table(\n    "book"'):],
         "BOOK.clear(); BOOK['id'] = sa.Column('id', sa.Integer, primary_key=True)\n"
         "import sqlalchemy\n_table = sa.Table\n"
         "def _only(name, *a, **k):\n    return None if name == 'book' else _table(name, *a, **k)\n"
         "sa = type('m', (), {**vars(sa), 'Table': staticmethod(_only)})",
         notes=("cannot-restore",)),
    Case("fill NULLs and make a column not nullable",
         "op.execute(\"UPDATE author SET email = '' WHERE email IS NULL\")\n"
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("email", existing_type=sa.String(120), nullable=False)',
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("email", existing_type=sa.String(120), nullable=True)',
         'AUTHOR["email"].nullable = False', notes=("cannot-restore",)),
    Case("make a column nullable",
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("name", existing_type=sa.String(80), nullable=True)',
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("name", existing_type=sa.String(80), nullable=False)',
         'AUTHOR["name"].nullable = True'),
    Case("rename a column",
         'op.alter_column("author", "name", new_column_name="full_name", '
         "existing_type=sa.String(80), existing_nullable=False)",
         'op.alter_column("author", "full_name", new_column_name="name", '
         "existing_type=sa.String(80), existing_nullable=False)",
         'AUTHOR["name"] = sa.Column("full_name", sa.String(80), nullable=False)'),
    Case("rename a table", 'op.rename_table("book", "novel")', 'op.rename_table("novel", "book")',
         "_table = sa.Table\n"
         "def _renamed(name, *a, **k):\n    return _table({'book': 'novel'}.get(name, name), *a, **k)\n"
         "sa = type('m', (), {**vars(sa), 'Table': staticmethod(_renamed)})"),
    Case("widen a string",
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("email", existing_type=sa.String(120), type_=sa.String(250))',
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("email", existing_type=sa.String(250), type_=sa.String(120))',
         'AUTHOR["email"].type = sa.String(250)'),
    Case("widen a number",
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("pages", existing_type=sa.Integer, type_=sa.BigInteger)',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("pages", existing_type=sa.BigInteger, type_=sa.Integer)',
         'BOOK["pages"].type = sa.BigInteger()'),
    Case("narrow a string",
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("email", existing_type=sa.String(120), type_=sa.String(60))',
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.alter_column("email", existing_type=sa.String(60), type_=sa.String(120))',
         'AUTHOR["email"].type = sa.String(60)', notes=("fails-on-rows",), on=SERVERS),
    Case("add a unique constraint",
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.create_unique_constraint("uq_email", ["email"])',
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.drop_constraint("uq_email", type_="unique")',
         'AUTHOR["uq_email"] = sa.UniqueConstraint("email", name="uq_email")',
         notes=("fails-on-rows",)),
    Case("add a check constraint",
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.create_check_constraint("ck_price", "price >= 0")',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.drop_constraint("ck_price", type_="check")',
         'BOOK["ck_price"] = sa.CheckConstraint("price >= 0", name="ck_price")',
         notes=("fails-on-rows",)),
    Case("add a foreign key",
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.add_column(sa.Column("editor_id", sa.Integer))\n'
         '    batch.create_foreign_key("fk_editor", "author", ["editor_id"], ["id"])',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.drop_constraint("fk_editor", type_="foreignkey")\n'
         '    batch.drop_column("editor_id")',
         'BOOK["editor_id"] = sa.Column("editor_id", sa.Integer)\n'
         'BOOK["fk_editor"] = sa.ForeignKeyConstraint(["editor_id"], ["author.id"], name="fk_editor")',
         on=("sqlite", "postgresql")),
    Case("insert rows", "op.execute(\"INSERT INTO author (name) VALUES ('Ann')\")",
         "op.execute(\"DELETE FROM author WHERE name = 'Ann'\")"),
    Case("insert a row whose key is taken",
         "op.execute(\"INSERT INTO author (id, name) VALUES (1, 'Ann')\")",
         "op.execute(\"DELETE FROM author WHERE id = 1 AND name = 'Ann'\")",
         notes=("fails-on-rows",)),
    Case("change values", 'op.execute("UPDATE book SET price = price * 2 WHERE price BETWEEN 0 AND 1000")',
         'op.execute("UPDATE book SET price = price / 2 WHERE price BETWEEN 0 AND 2000")',
         notes=("cannot-restore",)),
    Case("change values with a loop",
         'for row in op.get_bind().execute(sa.text("SELECT id, name FROM author")).all():\n'
         '    op.get_bind().execute(sa.text("UPDATE author SET name = :n WHERE id = :i"),\n'
         '        {"n": row.name.upper(), "i": row.id})',
         "pass", notes=("cannot-restore",)),
    Case("delete some rows", "op.execute(\"DELETE FROM book WHERE title LIKE 'v1%'\")", "pass",
         notes=("rows-deleted",)),
    Case("declare that it cannot be undone", _ADD_AGE, 'raise NotImplementedError("no way back")',
         _AGE, notes=("no-downgrade",)),
    Case("create a view", 'op.execute("CREATE VIEW names AS SELECT name FROM author")',
         'op.execute("DROP VIEW names")'),
    Case("read a file", "open(__file__).read()\n" + _ADD_AGE, _DROP_AGE, _AGE),
    Case("import a module", "import wave\n" + _ADD_AGE, _DROP_AGE, _AGE),
    Case("create an enum type",
         'kind = sa.Enum("a", "b", name="kind")\nkind.create(op.get_bind())\n'
         'op.add_column("author", sa.Column("kind", kind))',
         'op.drop_column("author", "kind")\nsa.Enum(name="kind").drop(op.get_bind())',
         'AUTHOR["kind"] = sa.Column("kind", sa.Enum("a", "b", name="kind"))', on=("postgresql",)),
    Case("create an index concurrently",
         "with op.get_context().autocommit_block():\n"
         '    op.create_index("ix_pages", "book", ["pages"], postgresql_concurrently=True)',
         "with op.get_context().autocommit_block():\n"
         '    op.drop_index("ix_pages", "book", postgresql_concurrently=True)',
         'BOOK["ix_pages"] = sa.Index("ix_pages", "pages")', on=("postgresql",)),
    Case("convert a string to a number",
         'op.alter_column("author", "email", type_=sa.Integer, postgresql_using="email::integer")',
         'op.alter_column("author", "email", type_=sa.String(120), postgresql_using="email::text")',
         'AUTHOR["email"].type = sa.Integer()', notes=("fails-on-rows",), on=("postgresql",)),
)  # fmt: skip
