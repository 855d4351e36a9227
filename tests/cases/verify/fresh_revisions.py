"""The fourth set of new revisions, on the same schema as `revisions`.

What is expected was written before the first run.
"""

from tests.cases.verify.revisions import SERVERS, Case

_PG, _LITE = ("postgresql",), ("sqlite",)
_ADD_AGE = 'op.add_column("author", sa.Column("age", sa.Integer))'
_DROP_AGE = 'op.drop_column("author", "age")'
_AGE = 'AUTHOR["age"] = sa.Column("age", sa.Integer)'

FRESH_FAULTY = (
    Case("restore a key under another name",
         'op.drop_constraint("fk_author", "book", type_="foreignkey")',
         'op.create_foreign_key("fk_writer", "book", "author", ["author_id"], ["id"])',
         'del BOOK["fk_author"]', "down-leaves-trace", on=SERVERS),
    Case("set a default that the models do not have",
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("pages", existing_type=sa.Integer, server_default="1")',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("pages", existing_type=sa.Integer, server_default=None)',
         fault="models-differ"),
    Case("drop a column of before on the way down", _ADD_AGE,
         _DROP_AGE + '\nop.drop_column("author", "born")', _AGE, "down-leaves-trace"),
    Case("create a role with a text that is put together",
         "op.execute(\"DO $$ BEGIN EXECUTE chr(67) || 'REATE RO' || 'LE limbeck_never'; END $$\")",
         "pass", fault="acts-outside", on=_PG),
    Case("create a role in a function",
         'op.execute("CREATE FUNCTION make(a text, b text) RETURNS void LANGUAGE plpgsql AS '
         "'BEGIN EXECUTE a || b; END'\")\n"
         "op.execute(\"SELECT make('CREATE ', 'ROLE limbeck_never')\")",
         'op.execute("DROP FUNCTION make(text, text)")', fault="acts-outside", on=_PG),
    Case("create a role outside a transaction",
         "with op.get_context().autocommit_block():\n"
         "    op.execute(\"DO $$ BEGIN EXECUTE 'CREATE RO' || 'LE limbeck_never'; END $$\")",
         "with op.get_context().autocommit_block():\n    op.execute('DROP ROLE limbeck_never')",
         fault="acts-outside", on=_PG),
    Case("create an account with a prepared statement",
         "op.execute(\"EXECUTE IMMEDIATE CONCAT('CREATE OR REPLACE USER ', 'limbeck_never')\")",
         "pass", fault="acts-outside", on=("mariadb",)),
    Case("delete every row that has a parent",
         _ADD_AGE + '\nop.execute("DELETE FROM book WHERE author_id IN (SELECT id FROM author)")',
         _DROP_AGE, _AGE, "rows-lost"),
    Case("turn in a loop", "while True:\n    pass", "pass", fault="time-limit"),
    Case("remove a file", 'import os\nos.remove("alembic.ini")\n' + _ADD_AGE, _DROP_AGE, _AGE,
         "touches-files"),
    Case("attach another file",
         "op.execute(\"ATTACH DATABASE 'left_behind.txt' AS other\")\n" + _ADD_AGE, _DROP_AGE, _AGE,
         "acts-outside", on=_LITE),
)  # fmt: skip

FRESH_GOOD = (
    Case("replace a column by another with the same values",
         'op.add_column("author", sa.Column("mail", sa.String(120)))\n'
         'op.execute("UPDATE author SET mail = email")\nop.drop_column("author", "email")',
         'op.add_column("author", sa.Column("email", sa.String(120)))\n'
         'op.execute("UPDATE author SET email = mail")\nop.drop_column("author", "mail")',
         'del AUTHOR["email"]\nAUTHOR["mail"] = sa.Column("mail", sa.String(120))'),
    Case("change a column below a view",
         'op.execute("CREATE VIEW titles AS SELECT title FROM book")\n'
         'op.execute("DROP VIEW titles")\n'
         'op.alter_column("book", "title", type_=sa.Text)\n'
         'op.execute("CREATE VIEW titles AS SELECT title FROM book")',
         'op.execute("DROP VIEW titles")\n'
         'op.alter_column("book", "title", type_=sa.String(200))',
         'BOOK["title"].type = sa.Text()', on=_PG),
    Case("clear repeated values and make them unique",
         'op.execute("UPDATE author SET email = NULL WHERE id NOT IN '
         '(SELECT min(id) FROM author GROUP BY email)")\n'
         'op.create_index("ux_email", "author", ["email"], unique=True)',
         'op.drop_index("ux_email", "author")',
         'AUTHOR["ux_email"] = sa.Index("ux_email", "email", unique=True)',
         notes=("cannot-restore",), on=("sqlite", "postgresql")),
    Case("make a key deferrable",
         'op.drop_constraint("fk_author", "book", type_="foreignkey")\n'
         'op.create_foreign_key("fk_author", "book", "author", ["author_id"], ["id"], '
         'deferrable=True, initially="DEFERRED")',
         'op.drop_constraint("fk_author", "book", type_="foreignkey")\n'
         'op.create_foreign_key("fk_author", "book", "author", ["author_id"], ["id"])',
         'BOOK["fk_author"] = sa.ForeignKeyConstraint(["author_id"], ["author.id"], '
         'name="fk_author", deferrable=True, initially="DEFERRED")', on=_PG),
    Case("work with a temporary table",
         'op.execute("CREATE TEMPORARY TABLE work_on AS SELECT id, pages FROM book")\n'
         'op.execute("UPDATE book SET pages = pages WHERE id IN (SELECT id FROM work_on)")\n'
         'op.execute("DROP TABLE work_on")', "pass"),
)  # fmt: skip
