"""Further revisions with and without faults, on the same schema as `revisions`."""

from tests.cases.verify.revisions import SERVERS, Case

_ADD_AGE = 'op.add_column("author", sa.Column("age", sa.Integer))'
_DROP_AGE = 'op.drop_column("author", "age")'
_AGE = 'AUTHOR["age"] = sa.Column("age", sa.Integer)'
_SHOP = 'op.create_table("shop", sa.Column("id", sa.Integer, primary_key=True), '

FURTHER_FAULTY = (
    Case("drop an index that is not there", 'op.drop_index("ix_writer", "book")', "pass",
         fault="up-fails"),
    Case("import a module that is not there", "import no_such_module", "pass", fault="up-fails"),
    Case("make a column shorter than in the models",
         'op.add_column("author", sa.Column("code", sa.String(20)))',
         'op.drop_column("author", "code")',
         'AUTHOR["code"] = sa.Column("code", sa.String(40))', "models-differ"),
    Case("allow NULL where the models do not",
         'op.add_column("author", sa.Column("code", sa.String(20), server_default="x"))',
         'op.drop_column("author", "code")',
         'AUTHOR["code"] = sa.Column("code", sa.String(20), nullable=False, server_default="x")',
         "models-differ"),
    Case("forget a foreign key of the models",
         'op.add_column("book", sa.Column("editor_id", sa.Integer))',
         'op.drop_column("book", "editor_id")',
         'BOOK["editor_id"] = sa.Column("editor_id", sa.Integer, sa.ForeignKey("author.id"))',
         "models-differ"),
    Case("drop a constraint by another name on the way down",
         'op.create_unique_constraint("uq_born", "author", ["id", "born"])',
         'op.drop_constraint("uq_dob", "author", type_="unique")',
         'AUTHOR["uq_born"] = sa.UniqueConstraint("id", "born", name="uq_born")', "down-fails",
         on=SERVERS),
    Case("restore a unique index over rows that repeat", 'op.drop_index("ix_title", "book")',
         'op.create_index("ix_title", "book", ["title"], unique=True)', 'del BOOK["ix_title"]',
         "down-fails"),
    Case("not restore a foreign key",
         'op.drop_constraint("fk_author", "book", type_="foreignkey")', "pass",
         'del BOOK["fk_author"]', "down-leaves-trace", on=SERVERS),
    Case("restore an index on another column", 'op.drop_index("ix_title", "book")',
         'op.create_index("ix_title", "book", ["pages"])', 'del BOOK["ix_title"]',
         "down-leaves-trace"),
    Case("restore a column with a default it had not", 'op.drop_column("author", "born")',
         'op.add_column("author", sa.Column("born", sa.Date, server_default="2000-01-01"))',
         'del AUTHOR["born"]', "down-leaves-trace"),
    Case("copy a part of the rows",
         'op.execute("CREATE TABLE kept AS SELECT * FROM book WHERE pages > 100000000")\n'
         'op.execute("DELETE FROM book")\nop.execute("INSERT INTO book SELECT * FROM kept")\n'
         'op.drop_table("kept")', "pass", fault="rows-lost"),
    Case("make a folder", 'import os\nos.makedirs("left_behind.txt")\n' + _ADD_AGE, _DROP_AGE, _AGE,
         "touches-files"),
    Case("delete a file",
         'import os\nos.unlink("models.pyc" if os.path.exists("models.pyc") else "models.py")\n'
         + _ADD_AGE, _DROP_AGE, _AGE, "touches-files"),
    Case("read a page of the web",
         "import urllib.request\ntry:\n"
         '    urllib.request.urlopen("http://127.0.0.1:9/", timeout=1)\n'
         "except OSError:\n    pass\n" + _ADD_AGE, _DROP_AGE, _AGE, "opens-network"),
    Case("send a datagram",
         "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
         '.sendto(b"x", ("127.0.0.1", 9))\n' + _ADD_AGE, _DROP_AGE, _AGE, "opens-network"),
    Case("run a shell", 'import os\nos.system("true")\n' + _ADD_AGE, _DROP_AGE, _AGE,
         "starts-process"),
    Case("connect in a thread",
         "import threading\nurl = op.get_bind().engine.url\n"
         "def work():\n    sa.create_engine(url).connect().close()\n"
         "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\n" + _ADD_AGE,
         _DROP_AGE, _AGE, "opens-connection", on=SERVERS),
    Case("count without end", "while True:\n    pass", "pass", fault="time-limit"),
    Case("exit on the way down", _ADD_AGE, "import sys\nsys.exit(0)", _AGE, "down-fails"),
    Case("do otherwise the second time",
         "bind = op.get_bind()\n"
         "done = bind.execute(sa.text(\"SELECT count(*) FROM author WHERE name = 'done'\")).scalar()\n"
         "op.execute(\"UPDATE author SET name = 'done'\")\n"
         f"if not done:\n    {_ADD_AGE}",
         'names = [one["name"] for one in sa.inspect(op.get_bind()).get_columns("author")]\n'
         f'if "age" in names:\n    {_DROP_AGE}', _AGE, "up-again-differs"),
    Case("leave a type", 'kind = sa.Enum("a", "b", name="kind")\nkind.create(op.get_bind())\n'
         'op.add_column("author", sa.Column("kind", kind))', 'op.drop_column("author", "kind")',
         'AUTHOR["kind"] = sa.Column("kind", sa.Enum("a", "b", name="kind"))', "up-again-fails",
         on=("postgresql",)),
    Case("leave a function",
         "op.execute(\"CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'\")", "pass",
         fault="up-again-fails", on=("postgresql",)),
    Case("leave a trigger",
         'op.execute("CREATE TRIGGER t BEFORE INSERT ON author FOR EACH ROW SET NEW.name = NEW.name")',
         "pass", fault="up-again-fails", on=("mariadb",)),
    Case("change a setting of the server",
         'op.execute("ALTER ROLE CURRENT_USER SET work_mem = \'64MB\'"'
         ' if op.get_bind().dialect.name == "postgresql" else'
         ' "SET GLOBAL max_user_connections = 500")', "pass", fault="acts-outside", on=SERVERS),
    Case("let the server write a file",
         'op.execute("COPY author TO \'/tmp/limbeck_never.csv\'"'
         ' if op.get_bind().dialect.name == "postgresql" else'
         ' "SELECT name INTO OUTFILE \'/tmp/limbeck_never.csv\' FROM author")', "pass",
         fault="acts-outside", on=SERVERS),
    Case("grant rights on another database",
         'op.execute("GRANT CONNECT ON DATABASE postgres TO PUBLIC"'
         ' if op.get_bind().dialect.name == "postgresql" else'
         ' "CREATE TABLE mysql.limbeck_never (id INTEGER)")', "pass", fault="acts-outside",
         on=SERVERS),
)  # fmt: skip

FURTHER_GOOD = (
    Case("add a column with an index",
         'op.add_column("author", sa.Column("code", sa.String(20)))\n'
         'op.create_index("ix_code", "author", ["code"])',
         'op.drop_index("ix_code", "author")\nop.drop_column("author", "code")',
         'AUTHOR["code"] = sa.Column("code", sa.String(20))\n'
         'AUTHOR["ix_code"] = sa.Index("ix_code", "code")'),
    Case("create a table with keys and checks",
         _SHOP + 'sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="fk_shop"), '
         'nullable=False), sa.Column("size", sa.Integer), '
         'sa.CheckConstraint("size > 0", name="ck_size"), '
         'sa.UniqueConstraint("author_id", "size", name="uq_shop"))', 'op.drop_table("shop")',
         'OTHERS["shop"] = [sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="fk_shop"), '
         'nullable=False), sa.Column("size", sa.Integer), '
         'sa.CheckConstraint("size > 0", name="ck_size"), '
         'sa.UniqueConstraint("author_id", "size", name="uq_shop")]'),
    Case("create a table and insert rows",
         "shop = " + _SHOP + 'sa.Column("name", sa.String(50)))\n'
         'op.bulk_insert(shop, [{"id": 1, "name": "a"}, {"id": 2, "name": None}])',
         'op.drop_table("shop")',
         'OTHERS["shop"] = [sa.Column("id", sa.Integer, primary_key=True), '
         'sa.Column("name", sa.String(50))]'),
    Case("create an index of two columns",
         'op.create_index("ix_two", "book", ["author_id", "pages"])',
         'op.drop_index("ix_two", "book")', 'BOOK["ix_two"] = sa.Index("ix_two", "author_id", "pages")'),
    Case("create a partial index",
         'op.create_index("ix_long", "book", ["pages"], postgresql_where=sa.text("pages > 500"), '
         'sqlite_where=sa.text("pages > 500"))', 'op.drop_index("ix_long", "book")',
         'BOOK["ix_long"] = sa.Index("ix_long", "pages", postgresql_where=sa.text("pages > 500"), '
         'sqlite_where=sa.text("pages > 500"))', on=("sqlite", "postgresql")),
    Case("create an index of an expression",
         'op.create_index("ix_low", "author", [sa.text("lower(name)")])',
         'op.drop_index("ix_low", "author")',
         'AUTHOR["ix_low"] = sa.Index("ix_low", sa.text("lower(name)"))', on=("sqlite", "postgresql")),
    Case("rename an index",
         'op.drop_index("ix_title", "book")\nop.create_index("ix_book_title", "book", ["title"])',
         'op.drop_index("ix_book_title", "book")\nop.create_index("ix_title", "book", ["title"])',
         'del BOOK["ix_title"]\nBOOK["ix_book_title"] = sa.Index("ix_book_title", "title")'),
    Case("add a computed column",
         'op.add_column("book", sa.Column("twice", sa.Integer, sa.Computed("pages % 100 * 2")))',
         'op.drop_column("book", "twice")',
         'BOOK["twice"] = sa.Column("twice", sa.Integer, sa.Computed("pages % 100 * 2"))'),
    Case("change a default",
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("pages", existing_type=sa.Integer, server_default="1")',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("pages", existing_type=sa.Integer, server_default=None)',
         'BOOK["pages"].server_default = sa.DefaultClause("1")'),
    Case("copy a column and drop the old one",
         'op.add_column("author", sa.Column("mail", sa.String(120)))\n'
         'op.execute("UPDATE author SET mail = email")\nop.drop_column("author", "email")',
         'op.add_column("author", sa.Column("email", sa.String(120)))\n'
         'op.execute("UPDATE author SET email = mail")\nop.drop_column("author", "mail")',
         'del AUTHOR["email"]\nAUTHOR["mail"] = sa.Column("mail", sa.String(120))',
         notes=("cannot-restore",)),
    Case("several changes in a batch",
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.add_column(sa.Column("isbn", sa.String(13)))\n'
         '    batch.alter_column("title", existing_type=sa.String(200), type_=sa.String(220), '
         'existing_nullable=False)\n'
         '    batch.create_index("ix_isbn", ["isbn"])',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.drop_index("ix_isbn")\n'
         '    batch.alter_column("title", existing_type=sa.String(220), type_=sa.String(200), '
         'existing_nullable=False)\n'
         '    batch.drop_column("isbn")',
         'BOOK["isbn"] = sa.Column("isbn", sa.String(13))\nBOOK["title"].type = sa.String(220)\n'
         'BOOK["ix_isbn"] = sa.Index("ix_isbn", "isbn")'),
    Case("drop a check",
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.drop_constraint("ck_pages", type_="check")',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.create_check_constraint("ck_pages", "pages >= 0")', 'del BOOK["ck_pages"]'),
    Case("give a number more digits",
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("price", existing_type=sa.Numeric(8, 2), type_=sa.Numeric(12, 2))',
         'with op.batch_alter_table("book") as batch:\n'
         '    batch.alter_column("price", existing_type=sa.Numeric(12, 2), type_=sa.Numeric(8, 2))',
         'BOOK["price"].type = sa.Numeric(12, 2)'),
    Case("comment on a table", 'op.create_table_comment("author", "people")',
         'op.drop_table_comment("author", existing_comment="people")',
         "_table = sa.Table\n"
         "def _commented(name, *a, **k):\n"
         "    return _table(name, *a, **k, **({'comment': 'people'} if name == 'author' else {}))\n"
         "sa = type('m', (), {**vars(sa), 'Table': staticmethod(_commented)})", on=SERVERS),
    Case("add what is missing",
         'names = {one["name"] for one in sa.inspect(op.get_bind()).get_columns("author")}\n'
         f'if "age" not in names:\n    {_ADD_AGE}', _DROP_AGE, _AGE),
    Case("use a session",
         "from sqlalchemy.orm import Session\n" + _ADD_AGE + "\n"
         "with Session(op.get_bind()) as session:\n"
         '    session.execute(sa.text("UPDATE author SET age = 1"))\n    session.commit()',
         _DROP_AGE, _AGE),
    Case("wait a moment and print", "import time\ntime.sleep(0.1)\nprint('adding')\n" + _ADD_AGE,
         _DROP_AGE, _AGE),
    Case("read a setting of the environment", "import os\nos.environ.get('HOME')\n" + _ADD_AGE,
         _DROP_AGE, _AGE),
    Case("do otherwise on each database",
         f'if op.get_context().dialect.name == "sqlite":\n    {_ADD_AGE}\nelse:\n    {_ADD_AGE}',
         _DROP_AGE, _AGE),
    Case("create a trigger on SQLite",
         'op.execute("CREATE TRIGGER t AFTER INSERT ON author BEGIN SELECT 1; END")',
         'op.execute("DROP TRIGGER t")', on=("sqlite",)),
    Case("create a trigger",
         'op.execute("CREATE TRIGGER t BEFORE INSERT ON author FOR EACH ROW SET NEW.name = NEW.name")',
         'op.execute("DROP TRIGGER t")', on=("mariadb",)),
    Case("create a function and a trigger",
         'op.execute("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS '
         "'BEGIN RETURN NEW; END'\")\n"
         'op.execute("CREATE TRIGGER t BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION keep()")',
         'op.execute("DROP TRIGGER t ON author")\nop.execute("DROP FUNCTION keep()")',
         on=("postgresql",)),
    Case("validate in a second transaction",
         'op.execute("ALTER TABLE book ADD CONSTRAINT ck_big CHECK (pages > -1) NOT VALID")\n'
         "with op.get_context().autocommit_block():\n"
         '    op.execute("ALTER TABLE book VALIDATE CONSTRAINT ck_big")',
         'op.drop_constraint("ck_big", "book", type_="check")',
         'BOOK["ck_big"] = sa.CheckConstraint("pages > -1", name="ck_big")', on=("postgresql",)),
    Case("several statements at once",
         'op.execute("ALTER TABLE author ADD COLUMN age smallint;'
         ' ALTER TABLE author ALTER COLUMN age TYPE integer")',
         'op.execute("UPDATE author SET age = NULL; ALTER TABLE author DROP COLUMN age")', _AGE,
         on=("postgresql",)),
    Case("a view made again around a change of type",
         'op.execute("CREATE VIEW names AS SELECT name FROM author")\n'
         'op.execute("DROP VIEW names")\n'
         'op.alter_column("author", "name", type_=sa.Text, existing_nullable=False)\n'
         'op.execute("CREATE VIEW names AS SELECT name FROM author")',
         'op.execute("DROP VIEW names")\n'
         'op.alter_column("author", "name", type_=sa.String(80), existing_nullable=False)',
         'AUTHOR["name"].type = sa.Text()', on=("postgresql",)),
    Case("store a document",
         'op.add_column("author", sa.Column("data", sa.JSON))', 'op.drop_column("author", "data")',
         'AUTHOR["data"] = sa.Column("data", sa.JSON)'),
    Case("number rows by a loop",
         _ADD_AGE + '\nfor number, row in enumerate(op.get_bind().execute('
         'sa.text("SELECT id FROM author ORDER BY id")).all()):\n'
         '    op.get_bind().execute(sa.text("UPDATE author SET age = :n WHERE id = :i"), '
         '{"n": number, "i": row.id})', _DROP_AGE, _AGE),
)  # fmt: skip
