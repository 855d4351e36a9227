"""Ways in which a migration holds a secret: SQL, parameters, and errors of Python.

A secret has two parts, `<A>` and `<B>`, with the characters between them that make its spelling
difficult. `<R>` is a name that no other test uses. `<F>` makes the statement one that no server
accepts, or nothing. In the text of a spelling, a backslash is what the revision file contains.
"""

from __future__ import annotations

from dataclasses import dataclass

POSTGRESQL = frozenset({"postgresql"})
MARIADB = frozenset({"mariadb"})
SERVERS = POSTGRESQL | MARIADB
ALL = SERVERS | {"sqlite"}
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Spelling:
    """A revision that holds a secret.

    Args:
        name: what it is.
        body: the Python source of `upgrade`.
        runs_on: the databases on which it succeeds; it fails on all others.
        top: Python source before `upgrade`.
    """

    name: str
    body: str
    runs_on: frozenset[str] = NONE
    top: str = ""


def _sql(name: str, *statements: str, on: frozenset[str] = NONE) -> Spelling:
    """Return a spelling of SQL; the first statement that has `<A>` fails where one has to."""
    lines = []
    for one in statements:
        end = "<F>" if "<A>" in one else ""
        lines.append(f'op.execute(r"""{one}{end} """)')
    return Spelling(name, "\n".join(lines), on)


def _role(name: str, password: str) -> Spelling:
    return _sql(
        name, f"CREATE ROLE <R> PASSWORD {password}", "DROP ROLE <R>", on=POSTGRESQL
    )  # fmt: skip


def _user(name: str, identified: str, *, on: frozenset[str] = MARIADB) -> Spelling:
    return _sql(name, f"CREATE USER <R> IDENTIFIED {identified}", "DROP USER <R>", on=on)


def _raise(name: str, error: str, *, top: str = "") -> Spelling:
    return Spelling(name, f"raise {error}", top=top)


USERS = (
    'users = op.create_table("users_<R>", sa.Column("id", sa.Integer, primary_key=True), '
    'sa.Column("password", sa.String(60), unique=True))\n'
)
# a row that is already there makes the statement fail
TWICE = "for _ in range(<N>):\n    "

SPELLINGS = (
    # roles of PostgreSQL
    _role("literal", "'<A>-<B>'"),
    _role("literal with a doubled quote", "'<A>''<B>'"),
    _role("literal with a percent sign", "'<A>%<B>'"),
    _role("literal with a space and a semicolon", "'<A>; <B>'"),
    _role("literal of two lines", "'<A>\n<B>'"),
    _role("literal continued on the next line", "'<A>'\n'<B>'"),
    _role("literal with escapes", r"E'<A>\'<B>'"),
    _role("literal with an escaped backslash", r"E'<A>\\<B>'"),
    _role("literal with Unicode escapes", r"U&'<A>\0041<B>'"),
    _role("dollar quotes", "$$<A>'<B>$$"),
    _role("dollar quotes with a tag", "$x$<A>$y$'<B>$x$"),
    _role("a comment before the literal", "/* new */ '<A><B>'"),
    _sql("encrypted password of ALTER ROLE", "CREATE ROLE <R>",
         "ALTER ROLE <R> WITH ENCRYPTED PASSWORD '<A><B>' VALID UNTIL 'infinity'",
         "DROP ROLE <R>", on=POSTGRESQL),
    _sql("a quote that is not doubled", "CREATE ROLE <R> PASSWORD '<A>'<B>'"),
    _sql("a literal that does not end", "CREATE ROLE <R> PASSWORD '<A> <B>"),
    # users of MariaDB
    _user("identified by a literal", "BY '<A>-<B>'"),
    _user("identified by double quotes", 'BY "<A>\'<B>"'),
    _user("identified by doubled quotes", "BY '<A>''<B>'"),
    _user("identified by an escaped quote", r"BY '<A>\'<B>'"),
    _user("identified with AS", "WITH mysql_native_password AS '<A><B>'", on=NONE),
    _user("identified by a hash", "BY PASSWORD '<A><B>'", on=NONE),
    _user("identified via a plugin", "VIA mysql_native_password USING PASSWORD('<A>\"<B>')"),
    _user("identified by a literal in upper case of Oracle", "BY <A>_<B>", on=NONE),
    _user("identified with a typing error", "BYY '<A><B>'", on=NONE),
    _sql("two users", "CREATE USER <R> IDENTIFIED BY '<A>', <R>2 IDENTIFIED BY '<B>'",
         "DROP USER <R>, <R>2", on=MARIADB),
    _sql("grant to a user", "CREATE USER <R>", "GRANT SELECT ON *.* TO <R> IDENTIFIED BY '<A><B>'",
         "DROP USER <R>", on=MARIADB),
    _sql("set password", "CREATE USER <R>", "SET PASSWORD FOR <R> = PASSWORD('<A>''<B>')",
         "DROP USER <R>", on=MARIADB),
    _sql("set password in double quotes", "CREATE USER <R>",
         'SET PASSWORD FOR <R> = PASSWORD("<A>""<B>")', "DROP USER <R>", on=MARIADB),
    _sql("set own password to a hash", "SET PASSWORD = '<A><B>'"),
    _sql("server of MariaDB", "CREATE SERVER <R> FOREIGN DATA WRAPPER mysql OPTIONS "
         "(HOST 'h', USER 'u', PASSWORD '<A>-<B>')", "DROP SERVER <R>", on=MARIADB),
    _sql("password of a replica", "CHANGE MASTER TO MASTER_USER='u', MASTER_PASSWORD='<A><B>'"),
    # connection strings in SQL
    _sql("user mapping", "CREATE FOREIGN DATA WRAPPER <R>",
         "CREATE SERVER <R> FOREIGN DATA WRAPPER <R>",
         "CREATE USER MAPPING FOR PUBLIC SERVER <R> OPTIONS (user 'u', password '<A>''<B>')",
         "DROP FOREIGN DATA WRAPPER <R> CASCADE", on=POSTGRESQL),
    _sql("changed user mapping",
         "ALTER USER MAPPING FOR u SERVER s OPTIONS (SET password '<A>', ADD sslpassword '<B>')"),
    _sql("subscription", "CREATE SUBSCRIPTION <R> CONNECTION 'host=h password=<A><B> dbname=d' "
         "PUBLICATION p WITH (connect = false, slot_name = NONE)", "DROP SUBSCRIPTION <R>",
         on=POSTGRESQL),
    _sql("subscription with quotes in the connection string",
         "CREATE SUBSCRIPTION <R> CONNECTION 'host=h password=''<A> <B>'' dbname=d' "
         "PUBLICATION p WITH (connect = false, slot_name = NONE)", "DROP SUBSCRIPTION <R>",
         on=POSTGRESQL),
    _sql("subscription with a URL",
         "CREATE SUBSCRIPTION <R> CONNECTION 'postgresql://u:<A>%40<B>@h/d' "
         "PUBLICATION p WITH (connect = false, slot_name = NONE)", "DROP SUBSCRIPTION <R>",
         on=POSTGRESQL),
    _sql("dblink", "SELECT dblink_connect('host=h user=u password=<A><B>')"),
    _sql("dblink with a URL", "SELECT dblink('postgresql://u:<A>@<B>@h/d', 'SELECT 1')"),
    _sql("setting of a database", "ALTER DATABASE d SET app.api_key TO '<A><B>'"),
    _sql("setting of a session", "SET app.secret TO '<A>''<B>'", on=POSTGRESQL),
    _sql("set_config", "SELECT set_config('app.token', '<A><B>', true)", on=POSTGRESQL),
    # values
    _sql("hash of a password", "UPDATE u SET password = crypt('<A><B>', gen_salt('bf'))"),
    _sql("md5 of a password", "UPDATE u SET password = md5('<A>' || '<B>') WHERE id = 1"),
    _sql("concatenated password", "UPDATE u SET passwd = '<A>' || '<B>' WHERE id = 1"),
    _sql("inserted rows", "INSERT INTO u (id, password) VALUES (1, 'x'), (2, '<A>''<B>')"),
    _sql("inserted query", "INSERT INTO u (id, password) SELECT 1, '<A>-<B>'"),
    _sql("literal in a comment", "SELECT 1 /* password='<A><B>' */", on=ALL),
    _sql("setting in a comment", "SELECT 1 -- password=<A><B>\n", on=ALL),
    _sql("program of COPY", "COPY t FROM PROGRAM 'PGPASSWORD=<A><B> psql -c TABLE'"),
    _sql("option of a program", "COPY t FROM PROGRAM 'export --password <A><B> --all'"),
    _sql("user of a program", "COPY t FROM PROGRAM 'curl -u me:<A><B> https://h/x'"),
    _sql("header of a program",
         "COPY t FROM PROGRAM 'curl -H \"Authorization: Bearer <A>.<B>\" https://h/x'"),
    # parameters and Python
    Spelling("bind parameter", 'op.execute(sa.text("ALTER USER <R> IDENTIFIED BY :secret<F>")'
             '.bindparams(secret="<A>\'<B>"))'),
    Spelling("bind parameter of a connection", "op.get_bind().execute(sa.text("
             '"CREATE ROLE <R> PASSWORD :p<F>"), {"p": "<A><B>"})'),
    Spelling("bind parameter with a harmless name", "op.get_bind().execute(sa.text("
             '"SELECT :word AS password<F>"), {"word": "<A><B>"})', ALL),
    Spelling("inserted parameters", USERS + TWICE + "op.bulk_insert(users, "
             '[{"id": 1, "password": "<A><B>"}])\nop.drop_table("users_<R>")', ALL),
    Spelling("value in an f-string", "op.execute(f\"CREATE ROLE <R> PASSWORD '{WORD}'<F>\")\n"
             'op.execute("DROP ROLE <R>")', POSTGRESQL, top='WORD = "<A>-<B>"'),
    Spelling("value in a format", "op.execute(\"CREATE ROLE {} PASSWORD '{}'<F>\".format("
             '"<R>", WORDS[0]))\nop.execute("DROP ROLE <R>")', POSTGRESQL,
             top='WORDS = ("<A>-<B>", "x")'),
    Spelling("value by the percent operator", "op.execute(\"CREATE ROLE <R> PASSWORD '%s'<F>\" % "
             '("<A><B>",))\nop.execute("DROP ROLE <R>")', POSTGRESQL),
    Spelling("concatenated statement", "op.execute(\"CREATE ROLE <R> PASSWORD '\" + \"<A>\" \"<B>\""
             " + \"'<F>\")\nop.execute(\"DROP ROLE <R>\")", POSTGRESQL),
    Spelling("statement of adjacent strings", 'op.execute(\n    "CREATE ROLE <R> PASSWORD "\n'
             "    \"'<A><B>'<F>\"\n)\nop.execute(\"DROP ROLE <R>\")", POSTGRESQL),
    Spelling("variable with a name of a secret", 'op.execute("SELECT 1<F>")', ALL,
             top='password: str = ("<A>"\n            "<B>")'),
    Spelling("list of secrets", 'op.execute("SELECT 1<F>")', ALL, top='TOKENS = ["<A>", "<B>"]'),
    Spelling("environment variable", 'op.execute("SELECT 1<F>")', ALL,
             top='import os\nos.environ.setdefault("PG_PASSWORD", "<A><B>")\n'
             'os.environ["PG_PASSWORD"] = "<A>-<B>"'),
    _raise("URL in an error", "RuntimeError('cannot reach postgresql://u:<A>@<B>@h/d')"),
    _raise("URL as value of an error", "RuntimeError({'url': 'mysql://u:<A>%2F<B>@h/d'})"),
    _raise("query parameter in an error", "ValueError('https://h/x?token=<A>%26<B>&a=1')"),
    _raise("setting in an error", "ValueError('no connection: host=h password=<A><B>')"),
    _raise("quoted setting in an error", "ValueError('password=\"<A> <B>\" is wrong')"),
    _raise("options in an error", "RuntimeError([{'user': 'u', 'passwd': \"<A>'<B>\"}])"),
    _raise("JSON in an error", r"""RuntimeError('{"api_key": "<A>\\"<B>"}')"""),
    _raise("statement in an error", "RuntimeError(\"ALTER ROLE r PASSWORD '<A>''<B>'\")"),
    _raise("command line in an error", "RuntimeError(['pg_dump', '--password=<A><B>', 'd'])"),
    _raise("cause of an error",
           "RuntimeError('no') from ValueError('secret_key = \"<A><B>\"')"),
    Spelling("context of an error", "try:\n    raise KeyError('password=<A><B>')\n"
             "except KeyError:\n    raise RuntimeError('no')"),
    Spelling("group of errors", "import sys\nif sys.version_info < (3, 11):\n"
             "    raise ValueError('token: <A><B>')\n"
             "raise ExceptionGroup('several', [ValueError('token: <A><B>')])"),
    Spelling("warning", "import warnings\nwarnings.warn('password=<A><B> is weak')\n"
             'op.execute("SELECT 1<F>")', ALL),
    Spelling(
        "logged error",
        "import logging\ntry:\n    raise ValueError('api_key=<A><B>')\nexcept ValueError:\n"
        "    logging.getLogger('app').exception('no', stack_info=True)\n"
        'op.execute("SELECT 1<F>")',
        ALL,
    ),
    Spelling("logged statement", "import logging\nlogging.getLogger('app').warning("
             "'connect to %s', 'postgresql://u:<A><B>@h/d')\n"
             'op.execute("SELECT 1<F>")', ALL),
)  # fmt: skip
