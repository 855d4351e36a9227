"""Spellings of secrets, and texts that are similar to them."""

from __future__ import annotations

import ast
import time

import pytest

from limbeck.sql import mask_secrets, mask_source

# every spelling contains the secret `s3cr`, which has to be masked
SPELLINGS = [
    # URLs
    "postgresql://u:s3cr@h/db",
    "postgresql+psycopg://u:s3cr:x/y@h:5432/db",
    "postgresql://u:p@s3cr@h/db",
    "postgresql://u:it's3cr@h/db",
    'postgresql://u:a"s3cr@h/db',
    "postgresql://u:pa s3cr@h/db",
    "could not connect to mysql+pymysql://root:s3cr%40@127.0.0.1:3306/x: no",
    "postgresql://:s3cr@h/db",
    "postgresql://u:5432/s3cr@h/db",
    "postgresql://h/db?user=u&password=s3cr&x=1",
    "postgresql://h/db?sslpassword=s3cr",
    "mysql://h/db?passwd=s3cr#x",
    "snowflake://h/?token=s3cr",
    "databricks://h?access_token=s3cr&http_path=/x",
    "bigquery://p?api_key=s3cr",
    # settings and connection strings
    "host=h user=u password=s3cr dbname=d",
    "host=h password='s3cr x' dbname=d",
    "host=h password = 's3cr''s3cr' dbname=d",
    "Driver={ODBC};UID=u;PWD=s3cr;Server=h",
    "{'user': 'u', 'password': 's3cr', 'host': 'h'}",
    '{"password": "s3cr"}',
    "connect(password='s3cr')",
    "connect(user='u', passwd=\"s3cr\")",
    "PGPASSWORD=s3cr",
    "client_secret=s3cr",
    "AWS_SECRET_ACCESS_KEY=s3cr",
    "Authorization-Token: s3cr",
    # SQL
    "CREATE ROLE r LOGIN PASSWORD 's3cr'",
    "CREATE USER r WITH ENCRYPTED PASSWORD 'a''s3cr'",
    "ALTER ROLE r PASSWORD E'a\\'s3cr'",
    "ALTER ROLE r PASSWORD 'a\\'s3cr'",
    "ALTER ROLE r PASSWORD $$s3cr$$",
    "ALTER ROLE r PASSWORD $x$s3cr'$x$ VALID UNTIL 'infinity'",
    "ALTER ROLE r PASSWORD U&'s3cr'",
    "ALTER USER u\nPASSWORD\n's3cr'",
    "SET PASSWORD FOR u = 's3cr'",
    "SET PASSWORD FOR 'u'@'%' = PASSWORD('s3cr')",
    "CREATE USER u IDENTIFIED BY 's3cr'",
    "CREATE USER u IDENTIFIED BY PASSWORD '*s3cr'",
    'CREATE USER u IDENTIFIED BY "s3cr"',
    "CREATE USER u IDENTIFIED WITH caching_sha2_password BY 's3cr'",
    "CREATE USER u IDENTIFIED WITH mysql_native_password AS '*s3cr'",
    "CREATE USER u IDENTIFIED VIA mysql_native_password USING '*s3cr'",
    "CREATE USER u IDENTIFIED VIA mysql_native_password USING PASSWORD('s3cr')",
    "create user u identified by s3cr",
    "SET PASSWORD FOR u = PASSWORD('s3cr')",
    "SET PASSWORD = 's3cr'",
    "SELECT PASSWORD( 's3cr' )",
    "CREATE LOGIN l WITH PASSWORD = N's3cr'",
    "CREATE CREDENTIAL c WITH IDENTITY = 'i', SECRET = 's3cr'",
    "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password 's3cr')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=s3cr' PUBLICATION p",
    "SELECT dblink_connect('host=h password=s3cr dbname=d')",
    "CHANGE MASTER TO MASTER_USER='u', MASTER_PASSWORD='s3cr'",
    "UPDATE t SET x = pgp_sym_encrypt(y, 's3cr')",
    "SELECT AES_DECRYPT(a, 's3cr')",
    # cut short, escaped, with values below
    "ALTER ROLE r PASSWORD 's3cr and so ...",
    repr("ALTER ROLE r PASSWORD 's3cr'"),
    repr("it's: ALTER ROLE r PASSWORD 's3cr'"),
    "(X) no\n[SQL: ALTER ROLE r PASSWORD %(p)s]\n[parameters: {'p': 's3cr'}]\n(Background)",
    "[SQL: CREATE USER u IDENTIFIED BY ?]\n[parameters: ('s3cr',)]",
]


SPELLINGS += (
    "SELECT set_config('app.secret', 's3cr', false)",
    "SELECT pg_catalog.set_config('my.api_token', E's3\\'s3cr', true), nope()",
    "INSERT INTO users (name, password) VALUES ('a', 's3cr')",
    "INSERT INTO users (id, api_key, at) VALUES (1, 's3cr', now()), (2, 's3cr2', lower('X'))",
    "REPLACE INTO `s`.users (`password`) VALUES ('it''s s3cr",
    "LINE 1: INSERT INTO t (passwd) VALUES ('s3cr')",
    "failed to resolve host 's3cr@127.0.0.1': unknown",
    'could not translate host name "s3cr@h" to address',
    "Can't connect to MySQL server on 's3cr@h' ([Errno -2])",
    'connection to server at "a@s3cr@h", port 5432 failed',
)


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_secret_is_masked(text: str) -> None:
    assert "s3cr" not in mask_secrets(text)
    assert "***" in mask_secrets(text)
    assert mask_secrets(mask_secrets(text)) == mask_secrets(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("postgresql://u:s3cr@h:5432/db", "postgresql://u:***@h:5432/db"),
        ("h?password=s3cr&sslmode=require", "h?password=***&sslmode=require"),
        (
            "ALTER ROLE r PASSWORD 's3cr' VALID UNTIL 'x'",
            "ALTER ROLE r PASSWORD *** VALID UNTIL 'x'",
        ),
        ("PASSWORD $x$s3cr$x$ LOGIN", "PASSWORD *** LOGIN"),
        (
            "IDENTIFIED VIA p USING PASSWORD('s3cr') REQUIRE SSL",
            "IDENTIFIED VIA p USING PASSWORD(***) REQUIRE SSL",
        ),
    ],
)
def test_text_around_a_secret_is_not_changed(text: str, left: str) -> None:
    assert mask_secrets(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Can't locate revision identified by 'nope'",
        "http://localhost:8080/path",
        "sqlite:///x.db",
        "postgresql://u@h/db",
        "ALTER TABLE t ADD COLUMN password VARCHAR(50)",
        "CREATE INDEX ix ON users (password)",
        "INSERT INTO users (name) VALUES ('password')",
        "SELECT set_config('search_path', '', false)",
        'connection to server at "h", port 5432 failed',
        "ALTER ROLE r PASSWORD NULL",
        "the user of the database lacks a right",
        "Access denied for user 'u'@'h' (using password: YES)",
        "UPDATE users SET token = gen_random_uuid() WHERE token IS NULL",
    ],
)
def test_text_without_secrets_is_not_changed(text: str) -> None:
    assert mask_secrets(text) == text


SOURCE = '''
from app import make_token

password = "s3cr"
token = make_token()
TOKENS = {"api_key": 's3cr', "other": 1}


def upgrade():
    op.execute("CREATE ROLE r PASSWORD 's3cr'")
    op.execute("""ALTER USER u IDENTIFIED BY 's3cr'""")
    op.add_column("users", sa.Column("password", sa.String(50)))
    create_engine("postgresql://u:s3cr@h/db")
    op.execute("SELECT dblink('host=h password=s3cr dbname=d')")
    connect(user=u, password=word)
    op.execute(sa.text("CREATE ROLE r LOGIN PASSWORD :p").bindparams(p="s3cr"))
    bind.execute(sa.text("ALTER USER u IDENTIFIED BY :w"), {"w": 's3cr', "name": "shown"})
    bind.exec_driver_sql("SET PASSWORD = PASSWORD(%(key)s)", dict(key="s3cr"))
'''


def test_masked_source_is_still_python() -> None:
    masked = mask_source(SOURCE)
    assert "s3cr" not in masked
    ast.parse(masked)
    assert "token = make_token()" in masked
    assert 'sa.Column("password", sa.String(50))' in masked
    assert '"name": "shown"' in masked
    assert mask_source("x = 1\n") == "x = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t (password, " + "a" * 50_000,
        "INSERT INTO t (password) VALUES (" + "'a''a'," * 5_000 + " f(g(h('x'))))",
        "insert " * 20_000 + "password",
        "a://b:" * 20_000,
        "set password for " * 20_000,
        "password Duplicate entry '" * 10_000,
        "password Key (password)=(" * 10_000,
    ],
    ids=["long word", "unbalanced", "repeated", "URLs", "SET PASSWORD", "entries", "keys"],
)
def test_a_long_text_is_masked_quickly(text: str) -> None:
    started = time.process_time()
    mask_secrets(text)
    assert time.process_time() - started < 3


# a secret is found by its use, wherever it is written
SOURCES = [
    'PW = "s3cr"\nop.execute(f"ALTER ROLE r PASSWORD \'{PW}\'")',
    'PW = ["s3cr", "x"]\nop.execute("ALTER ROLE r PASSWORD \'{}\'".format(PW[0]))',
    'op.execute("ALTER ROLE r PASSWORD \'%s\'" % "s3cr")',
    'op.execute("ALTER ROLE %(r)s PASSWORD \'%(p)s\'" % {"r": "a", "p": "s3cr"})',
    'op.execute("ALTER ROLE r PASSWORD \'" + "s3cr" + "\'")',
    'op.execute("ALTER ROLE r PASSWORD " + quote("s3cr") + " LOGIN")',
    'op.execute("ALTER ROLE r PASSWORD "\n           "\'s3cr\'"\n           " LOGIN")',
    "op.execute('ALTER ROLE r PASSWORD \\'s3cr\\'')",
    "op.execute(f\"ALTER ROLE {name} PASSWORD 's3cr' {rest}\")",
    'PASSWORDS = ["s3cr"]',
    'password: str = ("s3cr"\n    "s3cr")',
    'password = """s3cr\ns3cr"""\n',
    'user, password = "u", "s3cr"',
    'config["api_key"] = b"s3cr"',
    'os.environ.setdefault("PGPASSWORD", "s3cr")',
    'def connect(user, password="s3cr", *, token="s3cr"): pass',
    "# password: s3cr\nx = 1",
    'for p in ["s3cr"]:\n    bind.execute(sa.text("ALTER USER u IDENTIFIED BY :p"), {"p": p})',
    'bind.execute(sa.text("INSERT INTO u (password) VALUES (:v)"), [{"v": "s3cr"}])',
    'raise RuntimeError("no connection: host=h password=s3cr")',
    'secret = "s3cr"',  # without a line break at the end
    "-- a revision in SQL\nALTER ROLE r PASSWORD 's3cr';",
]


@pytest.mark.parametrize("source", SOURCES, ids=range(len(SOURCES)))
def test_a_secret_in_source_is_found_by_its_use(source: str) -> None:
    masked = mask_source(source)
    assert "s3cr" not in masked
    assert "***" in masked
    assert masked.count("\n") == source.count("\n")
    if not source.startswith("--"):
        ast.parse(masked)


@pytest.mark.parametrize(
    "source",
    [
        'tokens = sa.table("tokens", sa.column("id"))',
        'password = sa.Column("password", sa.String(50))',
        'op.create_table("users", sa.Column("password", sa.String(60), nullable=False))',
        'op.create_index("ix_token", "users", ["token"])',
        "password = getpass()\nconnect(password=password)",
        'op.execute("UPDATE users SET token_count = 0")',
        'op.bulk_insert(rows, [{"name": "a"}])  # no token',
        'op.execute(f"ALTER ROLE {role} PASSWORD {password!r}")',
    ],
)
def test_source_without_literal_secrets_stays(source: str) -> None:
    assert mask_source(source) == source


STATEMENT = "CREATE ROLE r PASSWORD 's3cr''s3cr' LOGIN NOT"


@pytest.mark.parametrize(
    "message",
    [
        "syntax error at or near \"NOT\"\nLINE 1: CREATE ROLE r PASSWORD 's3cr''s3cr' LOGIN NOT",
        "syntax error\nLINE 1: ...D 's3cr''s3...\n              ^",
        "syntax error\nLINE 1: ...s3cr' LOGIN NOT\n              ^",
        "near 's3cr' LOGIN NOT' at line 1",
        'unrecognized role option "s3cr"',
        "Duplicate entry 's3cr' for key 'r.name'",
    ],
)
def test_what_a_server_quotes_of_a_statement_is_masked(message: str) -> None:
    assert "s3c" not in mask_secrets(message, about=STATEMENT)


def test_what_a_server_quotes_of_rows_is_masked() -> None:
    about = "INSERT INTO users (id, password) VALUES (%s, %s)"
    for message in (
        "DETAIL:  Key (password)=(s3cr) already exists.",
        "null value\nDETAIL:  Failing row contains (1, s3cr, null).",
        "Duplicate entry 's3cr' for key 'users.password'",
        "Incorrect string value: 's3cr' for column `d`.`users`.`password` at row 1",
        f"[SQL: {about}]\n[parameters: (1, 's3cr')]",
    ):
        assert "s3cr" not in mask_secrets(message, about=about), message
    shown = "DETAIL:  Key (id)=(1) already exists."
    assert mask_secrets(shown, about=about) == shown
