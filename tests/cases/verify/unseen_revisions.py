"""The third set of new revisions, on the same schema as `revisions`.

What is expected was written before the first run.
"""

from tests.cases.verify.revisions import SERVERS, Case

_PG, _MY = ("postgresql",), ("mariadb",)
_ADD_AGE = 'op.add_column("author", sa.Column("age", sa.Integer))'
_DROP_AGE = 'op.drop_column("author", "age")'
_AGE = 'AUTHOR["age"] = sa.Column("age", sa.Integer)'

UNSEEN_FAULTY = (
    Case("insert a row with a fixed key and leave it",
         "op.execute(\"INSERT INTO author (id, name) VALUES (424242, 'Ann')\")", "pass",
         fault="up-again-fails"),
    Case("restore a column that is not nullable without a default",
         'with op.batch_alter_table("book") as batch:\n    batch.drop_column("title")',
         'op.add_column("book", sa.Column("title", sa.String(200), nullable=False))',
         'del BOOK["title"], BOOK["ix_title"]', "down-fails", on=("sqlite", "postgresql")),
    Case("restore a required column as an optional one", 'op.drop_column("author", "name")',
         'op.add_column("author", sa.Column("name", sa.String(80)))', 'del AUTHOR["name"]',
         "down-leaves-trace"),
    Case("forget the default of the models", _ADD_AGE, _DROP_AGE,
         'AUTHOR["age"] = sa.Column("age", sa.Integer, server_default="0")', "models-differ"),
    Case("forget the action of a foreign key",
         'op.add_column("book", sa.Column("editor_id", sa.Integer))\n'
         'op.create_foreign_key("fk_editor", "book", "author", ["editor_id"], ["id"])',
         'op.drop_constraint("fk_editor", "book", type_="foreignkey")\n'
         'op.drop_column("book", "editor_id")',
         'BOOK["editor_id"] = sa.Column("editor_id", sa.Integer)\n'
         'BOOK["fk_editor"] = sa.ForeignKeyConstraint(["editor_id"], ["author.id"], '
         'name="fk_editor", ondelete="SET NULL")', "models-differ", on=SERVERS),
    Case("give a number fewer digits than the models",
         'op.add_column("book", sa.Column("weight", sa.Numeric(8, 2)))',
         'op.drop_column("book", "weight")',
         'BOOK["weight"] = sa.Column("weight", sa.Numeric(10, 3))', "models-differ"),
    Case("create a plain index in place of a unique one",
         'op.create_index("ix_isbn", "book", ["pages", "id"])', 'op.drop_index("ix_isbn", "book")',
         'BOOK["ix_isbn"] = sa.Index("ix_isbn", "pages", "id", unique=True)', "models-differ"),
    Case("drop another table on the way down", _ADD_AGE, _DROP_AGE + '\nop.drop_table("book")',
         _AGE, "down-leaves-trace"),
    Case("leave a file in the folder of temporary files",
         "import tempfile\ntempfile.NamedTemporaryFile(delete=False).close()\n" + _ADD_AGE,
         _DROP_AGE, _AGE, "touches-files"),
    Case("copy a file", 'import shutil\nshutil.copy("models.py", "left_behind.txt")\n' + _ADD_AGE,
         _DROP_AGE, _AGE, "touches-files"),
    Case("connect with asyncio",
         "import asyncio\nasync def ask():\n    try:\n"
         '        await asyncio.open_connection("127.0.0.1", 9)\n'
         "    except OSError:\n        pass\nasyncio.run(ask())\n" + _ADD_AGE,
         _DROP_AGE, _AGE, "opens-network"),
    Case("ask for the address of a name",
         'import socket\ntry:\n    socket.getaddrinfo("name.invalid", 80)\n'
         "except OSError:\n    pass\n" + _ADD_AGE, _DROP_AGE, _AGE, "opens-network"),
    Case("work in another process",
         "import multiprocessing\nchild = multiprocessing.get_context('fork').Process(target=len, "
         'args=("x",))\nchild.start()\nchild.join()\n' + _ADD_AGE, _DROP_AGE, _AGE, "starts-process"),
    Case("a statement without end",
         '_name = op.get_bind().dialect.name\n'
         'op.execute({"postgresql": "SELECT count(*) FROM generate_series(1, 100000000000)",\n'
         '            "sqlite": "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "\n'
         '                      "SELECT count(*) FROM c",\n'
         '           }.get(_name, "SELECT SLEEP(600)"))', "pass", fault="time-limit"),
    Case("create a role in a block",
         "op.execute(\"DO $$ BEGIN EXECUTE 'CREATE ROLE ' || 'limbeck_never'; END $$\")", "pass",
         fault="acts-outside", on=_PG),
    Case("let the server run a program", "op.execute(\"COPY author TO PROGRAM 'cat'\")", "pass",
         fault="acts-outside", on=_PG),
    Case("change the character set of the database",
         'op.execute("ALTER DATABASE CHARACTER SET latin1")', "pass", fault="acts-outside", on=_MY),
    Case("raise the end of the program", 'raise SystemExit("stop")', "pass", fault="up-fails"),
)  # fmt: skip

UNSEEN_GOOD = (
    Case("a table that refers to itself",
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.add_column(sa.Column("mentor_id", sa.Integer))\n'
         '    batch.create_foreign_key("fk_mentor", "author", ["mentor_id"], ["id"])\n'
         'op.execute("UPDATE author SET mentor_id = id WHERE born IS NULL")',
         'with op.batch_alter_table("author") as batch:\n'
         '    batch.drop_constraint("fk_mentor", type_="foreignkey")\n'
         '    batch.drop_column("mentor_id")',
         'AUTHOR["mentor_id"] = sa.Column("mentor_id", sa.Integer)\n'
         'AUTHOR["fk_mentor"] = sa.ForeignKeyConstraint(["mentor_id"], ["author.id"], '
         'name="fk_mentor")', on=("sqlite", "postgresql")),
    Case("split a column",
         'op.add_column("author", sa.Column("first", sa.String(80)))\n'
         'op.add_column("author", sa.Column("rest", sa.String(80)))\n'
         "author = sa.table('author', sa.column('id'), sa.column('name'), sa.column('first'), "
         "sa.column('rest'))\n"
         "bind = op.get_bind()\n"
         "for id_, name in bind.execute(sa.select(author.c.id, author.c.name)).all():\n"
         "    first, _, rest = name.partition(' ')\n"
         "    bind.execute(author.update().where(author.c.id == id_).values(first=first, rest=rest))",
         'op.drop_column("author", "rest")\nop.drop_column("author", "first")',
         'AUTHOR["first"] = sa.Column("first", sa.String(80))\n'
         'AUTHOR["rest"] = sa.Column("rest", sa.String(80))'),
    Case("move rows to a table and back",
         'op.create_table("old_book", sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("author_id", sa.Integer), sa.Column("title", sa.String(200)), '
         'sa.Column("price", sa.Numeric(8, 2)), sa.Column("pages", sa.Integer))\n'
         'op.execute("INSERT INTO old_book (id, author_id, title, price, pages) '
         'SELECT id, author_id, title, price, pages FROM book WHERE pages IS NULL")\n'
         'op.execute("DELETE FROM book WHERE pages IS NULL")',
         'op.execute("INSERT INTO book (id, author_id, title, price, pages) '
         'SELECT id, author_id, title, price, pages FROM old_book")\n'
         'op.drop_table("old_book")',
         'OTHERS["old_book"] = [sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("author_id", sa.Integer), sa.Column("title", sa.String(200)), '
         'sa.Column("price", sa.Numeric(8, 2)), sa.Column("pages", sa.Integer)]',
         notes=("rows-deleted",)),
    Case("a class and a function in the body",
         "from dataclasses import dataclass\n@dataclass\nclass Wanted:\n    name: str\n"
         "    kind: type\ndef add(*all_of_them):\n    for one in all_of_them:\n"
         '        op.add_column("author", sa.Column(one.name, one.kind))\n'
         'add(Wanted("age", sa.Integer))', _DROP_AGE, _AGE),
    Case("text with signs that mean something elsewhere",
         "op.execute(\"UPDATE author SET email = 'a:b%c;d--e' WHERE email = 'no such\\\\:x'\")",
         "op.execute(sa.text(\"UPDATE author SET email = :e WHERE email = 'a%'\")"
         '.bindparams(e="50%:x"))'),
    Case("reference rows of a table that had none",
         'op.insert_rows("author", [{"id": 9001, "name": "Editor"}])',
         'op.delete_rows("author", [{"id": 9001}])',
         'DECLARED["author"] = [{"id": 9001, "name": "Editor"}]'),
    Case("a numbered column", 'op.add_column("book", sa.Column("no", sa.BigInteger, '
         "sa.Identity(), nullable=False))", 'op.drop_column("book", "no")',
         'BOOK["no"] = sa.Column("no", sa.BigInteger, sa.Identity(), nullable=False)', on=_PG),
    Case("an index that includes, and an exclusion",
         'op.create_index("ix_inc", "book", ["author_id"], postgresql_include=["price"], '
         'postgresql_where=sa.text("pages > 3"), postgresql_with={"fillfactor": 80})\n'
         'op.execute("ALTER TABLE book ADD CONSTRAINT ex_id EXCLUDE USING btree (id WITH =)")',
         'op.execute("ALTER TABLE book DROP CONSTRAINT ex_id")\nop.drop_index("ix_inc", "book")',
         'from sqlalchemy.dialects.postgresql import ExcludeConstraint\n'
         'BOOK["ix_inc"] = sa.Index("ix_inc", "author_id", postgresql_include=["price"], '
         'postgresql_where=sa.text("pages > 3"), postgresql_with={"fillfactor": 80})\n'
         'BOOK["ex_id"] = ExcludeConstraint(("id", "="), name="ex_id", using="btree")', on=_PG),
)  # fmt: skip
