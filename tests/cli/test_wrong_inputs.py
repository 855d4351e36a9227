"""Wrong inputs: each error shows what is wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.project_fixture import CliProject, Running

TOML = """\
[tool.limbeck]
script_location = "migrations"
url = "sqlite:///app.db"
metadata = "models:metadata"
"""
MODELS = "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\nsa.Table('t', metadata, sa.Column('id', sa.Integer))\n"
REVISION = """\
from limbeck import op

revision = "{id}"
down_revision = {down}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {body}


def downgrade() -> None:
    pass
"""


@pytest.fixture(scope="module")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return a function that makes a project of two revisions."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("wrong")
        versions = folder / "migrations" / "versions"
        versions.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(TOML)
        (folder / "models.py").write_text(MODELS)
        for id_, down in (("aaa111", None), ("bbb222", "aaa111")):
            text = REVISION.format(id=id_, down=repr(down), body="pass")
            (versions / f"{id_}_x.py").write_text(text)
        return folder

    return make


@dataclass(frozen=True)
class Wrong:
    """A wrong input.

    Args:
        name: what it is.
        words: the command.
        what: a part of the message.
        next: a part of what is proposed.
        where: a part of the place; empty where the command line itself is the place.
        code: the exit code.
        edit: what is done to the project before: a file, and a replacement in it.
    """

    name: str
    words: tuple[str, ...]
    what: str
    next: str
    where: str = ""
    code: int = 255
    edit: tuple[str, str, str] | None = None


def toml(
    name: str, old: str, new: str, what: str, next_: str, *words: str, where: str = ""
) -> Wrong:
    return Wrong(name, words or ("upgrade",), what, next_, where, edit=("pyproject.toml", old, new))


URL = "sqlite:///app.db"
FILE = "migrations/versions/bbb222_x.py"
CASES = [
    # the command line
    Wrong("command", ("upgrad",), "invalid choice: 'upgrad'", "did you mean upgrade?", code=2),
    Wrong("command of Django", ("migrate",), "invalid choice: 'migrate'", "did you mean upgrade?", code=2),
    Wrong("option", ("revision", "--autogenrate"), "unrecognized arguments", "did you mean --autogenerate?", code=2),
    Wrong("option's value", ("revision", "--file-type", "sq"), "invalid choice: 'sq'", "did you mean sql?", code=2),
    Wrong("number", ("upgrade", "--lock-timeout", "soon"), "'soon' is not a number of seconds", "usage: ", code=2),
    Wrong("value as an option", ("init", "--native"), "unrecognized arguments: --native", "did you mean --style native?", code=2),
    Wrong("style", ("init", "--style", "nativ"), "invalid choice: 'nativ'", "did you mean native?", code=2),
    Wrong("template", ("init", "-t", "declard", "x"), "No such template 'declard'", "There are "),
    Wrong("folder of init", ("init", "migrations"), "already exists and is not empty", "Choose another folder", "migrations"),
    Wrong("no folder", ("init",), "required: directory", "`limbeck init --style native` sets up", code=2),
    Wrong("--sql with --autogenerate", ("revision", "--sql", "--autogenerate"), "does not make any sense", "Omit one"),
    Wrong("--offline alone", ("revision", "--offline"), "has no effect without --autogenerate", "Add --autogenerate"),
    Wrong("configuration file", ("-c", "no.ini", "heads"), "no.ini", "next:"),
    # revisions
    Wrong("revision", ("upgrade", "bbb223"), "Can't locate revision identified by 'bbb223'", "did you mean bbb222?"),
    Wrong("revision to show", ("show", "aab111"), "Can't locate revision", "did you mean aaa111?"),
    Wrong("steps", ("upgrade", "+9"), "9", "next:"),
    Wrong("head of a revision", ("revision", "-m", "x", "--head", "aaa111"), "is not a head", "follow the current head"),
    Wrong("identifier", ("revision", "-m", "x", "--rev-id", "a-b"), "not allowed", "next:"),
    Wrong("dependency", ("revision", "-m", "x", "--depends-on", "nothing"), "nothing", "next:"),
    Wrong("word of ini files", ("upgrade", "a:b:c"), "a:b:c", "next:"),
    # settings
    toml("setting", "metadata", "metdata", "no setting 'metdata'", "did you mean metadata?", where="pyproject.toml"),
    toml("script_location", '"migrations"', '"migratoins"', "migratoins", "next:", "revision", "-m", "x"),
    toml("TOML", "[tool.limbeck]", "[tool.limbeck", "not valid TOML", "Correct the line", where="pyproject.toml"),
    toml("number in a setting", "url", 'lock_timeout = "soon"\nurl', "lock_timeout", "next:"),
    toml("choice in a setting", "url", 'detect = "some"\nurl', "detect", "next:"),
    toml("hook", "url", 'render_item = "models:nope"\nurl', "render_item = 'models:nope' cannot be imported", "package.module:function"),
    toml("hook that is no function", "url", 'render_item = "models"\nurl', "is not a function", "package.module:function"),
    toml("models", "models:metadata", "model:metadata", "metadata = 'model:metadata' cannot be imported", "prepend_sys_path", "revision", "--autogenerate", "--offline"),
    toml("models' name", "models:metadata", "models:meta", "cannot be imported", "package.module:Base.metadata", "revision", "--autogenerate", "--offline"),
    toml("logging", "url", 'logging = "LOUD"\nurl', "logging cannot be set up", "Write a level", where="pyproject.toml"),
    toml("databases", "url", 'databases.one = "sqlite://"\nurl', "databases.one", "[tool.limbeck.databases.one]", where="pyproject.toml"),
    Wrong("environment", ("upgrade", "--env", "prod"), "no environment 'prod'", "[tool.limbeck.env.prod]", "pyproject.toml"),
    # databases
    toml("variable", URL, "${NOT_SET_ANYWHERE}", "NOT_SET_ANYWHERE", "export NOT_SET_ANYWHERE="),
    toml("no database", 'url = "sqlite:///app.db"\n', "", "names no database", "Set `url`"),
    toml("address", URL, "app.db", "cannot be read as a SQLAlchemy URL", "postgresql+psycopg://"),
    toml("port", URL, "postgresql+psycopg://u@h:port/d", "port", "%40"),
    Wrong("postgres://", ("upgrade", "--url", "postgres://h/d"), "postgres", "postgresql://", code=1),
    Wrong("placeholder of the template", ("upgrade", "--url", "driver://user:pass@localhost/dbname"), "driver", "still the placeholder", code=1),
    Wrong("dialect", ("upgrade", "--url", "postgressql://h/d"), "postgressql", "did you mean postgresql://", code=1),
    Wrong("driver", ("upgrade", "--url", "postgresql+psycopgg://h/d"), "psycopgg", "did you mean postgresql+psycopg://", code=1),
    Wrong("driver's package", ("upgrade", "--url", "postgresql+pg8000://h/d"), "pg8000", "pip install pg8000", code=1),
    Wrong("folder of a file", ("upgrade", "--url", "sqlite:////no/such/folder/app.db"), "unable to open", "folder", code=1),
    Wrong("server", ("upgrade", "--url", "postgresql+psycopg://u@127.0.0.1:1/d"), "127.0.0.1", "check that the server runs", code=1),
    # files
    Wrong("operation", ("upgrade",), "creat_table", "did you mean create_table?", FILE, 1, (FILE, "    pass\n\n\ndef d", "    op.creat_table('t')\n\n\ndef d")),
    Wrong("argument of an operation", ("upgrade",), "nulable", "next:", FILE, 255, (FILE, "    pass\n\n\ndef d", "    op.alter_column('t', 'id', nulable=True)\n\n\ndef d")),
    Wrong("SQL", ("upgrade",), "syntax error", "Fix the cause", FILE, 1, (FILE, "    pass\n\n\ndef d", "    op.execute('CREATE TABEL t')\n\n\ndef d")),
    Wrong("Python", ("upgrade",), "", "next:", FILE, 255, (FILE, "revision =", "revision ==")),
    Wrong("parent", ("heads",), "aaa112", "next:", "", 255, (FILE, "'aaa111'", "'aaa112'")),
    # mistakes of new users
    Wrong("makemigrations", ("makemigrations",), "invalid choice", "did you mean revision --autogenerate?", code=2),
    Wrong("rollback", ("rollback",), "invalid choice", "did you mean downgrade -1?", code=2),
    Wrong("help as a command", ("help",), "invalid choice: 'help'", "did you mean --help?", code=2),
    Wrong("version as a command", ("version",), "invalid choice", "did you mean --version?", code=2),
    Wrong("downgrade to nothing", ("downgrade",), "required: revision", "`limbeck downgrade --help`", code=2),
    Wrong("downgrade to the head", ("downgrade", "head"), "not a valid downgrade target", "choose a revision below"),
    Wrong("steps back with upgrade", ("upgrade", "-1"), "-1", "`current` shows"),
    Wrong("ambiguous word", ("upgrade", "zz9"), "'zz9'", "`heads` and `history` list"),
    Wrong("empty revision", ("upgrade", ""), "''", "`heads` and `history` list"),
    Wrong("two destinations", ("upgrade", "head", "extra"), "unrecognized arguments: extra", "--help", code=2),
    Wrong("range the wrong way", ("history", "-r", "bbb222:aaa111"), "is not an ancestor", "Exchange the two ends"),
    Wrong("one revision as a range", ("history", "-r", "aaa111"), "not a range", "For one revision, use `show`"),
    Wrong("restore of nothing", ("restore", "zzz"), "no source of zzz", "Use the full identifier"),
    Wrong("squash of one revision", ("squash", "aaa111"), "not a range of revisions", "Write start:end"),
    Wrong("snapshot that does not exist", ("snapshot", "--check"), "has no snapshot", "`snapshot` writes one"),
    Wrong("fleet without tenants", ("fleet", "status"), "which tenants the fleet has", "[tool.limbeck.fleet]"),
    Wrong("phase", ("upgrade", "--phase", "later"), "invalid choice: 'later'", "did you mean after?", code=2),
    Wrong("stamp of nothing", ("stamp",), "required: revisions", "`limbeck stamp --help`", code=2),
    Wrong("stamp", ("stamp", "nowhere"), "'nowhere'", "`heads` and `history` list"),
    Wrong("message without text", ("revision", "--message"), "expected one argument", "--help", code=2),
    Wrong("folder of a version", ("revision", "-m", "x", "--version-path", "/nowhere"), "/nowhere", "version_locations"),
    Wrong("identifier in use", ("revision", "-m", "x", "--rev-id", "aaa111"), "'aaa111' is in use", "Choose another --rev-id", "aaa111_x.py"),
    Wrong("empty identifier", ("revision", "-m", "x", "--rev-id", ""), "The revision identifier is empty", "Use letters, digits"),
    Wrong("merge of one", ("merge", "aaa111"), "nothing to merge: only aaa111 is named", "`heads` lists"),
    Wrong("merge of one head", ("merge", "heads"), "nothing to merge", "`heads` lists"),
    Wrong("option of the program after the command", ("heads", "-q"), "unrecognized arguments: -q", "did you mean -q before the command?", code=2),
    toml("one URL for several databases", 'url = "sqlite:///app.db"', "databases.one.url = 'sqlite:///a.db'\ndatabases.two.url = 'sqlite:///b.db'", "several databases: one, two", "the url of each", "upgrade", "--url", "sqlite:///c.db"),
    Wrong("merge of nothing", ("merge",), "required: revisions", "--help", code=2),
    Wrong("rebase", ("rebase", "nowhere", "--onto", "aaa111"), "'nowhere'", "`heads` and `history` list"),
    Wrong("squash of one", ("squash", "aaa111"), "is not a range", "start:end"),
    Wrong("negative time", ("upgrade", "--lock-timeout", "-5"), "'-5' is not a number of seconds", "--help", code=2),
    Wrong("nothing to restore", ("restore",), "Nothing to restore", "Name a revision"),
    Wrong("two choices", ("recover", "--undo", "--forget"), "exclude each other", "Use one of them"),
    Wrong("rows of a snapshot", ("snapshot", "--max-rows", "-1"), "'-1' is not a whole number of 0 or more", "--help", code=2),
    Wrong("negative rows of verify", ("verify", "--rows", "-1"), "'-1' is not a whole number of 0 or more", "--help", code=2),
    Wrong("time of verify", ("verify", "--time-limit", "nan"), "'nan' is not a number of seconds", "--help", code=2),
    Wrong("rows of verify", ("verify", "--rows", "x"), "'x' is not a whole number of 0 or more", "--help", code=2),
    Wrong("format of lint", ("lint", "--format", "xml"), "invalid choice: 'xml'", "next:", code=2),
    Wrong("database to create", ("testdb", "create"), "required: NAME", "usage: limbeck testdb create", code=2),
    Wrong("upgrade of a fleet without tenants", ("fleet", "upgrade"), "which tenants", "[tool.limbeck.fleet]", "pyproject.toml"),
    Wrong("configuration is code", ("-c", "models.py", "heads"), "not a valid ini file", "[section]", "models.py:1"),
    Wrong("configuration is a folder", ("-c", "migrations", "heads"), "script_location", "name the file with -c", "migrations is a folder"),
    Wrong("init a second time", ("init", "--style", "native"), "already exists", "Choose another folder", "migrations"),
    Wrong("shell", ("completion", "bashh"), "invalid choice: 'bashh'", "did you mean bash?", code=2),
    Wrong("name of a dialect", ("schema", "--dialect", "nothing"), "not a dialect that SQLAlchemy knows", "postgresql, mysql"),
    Wrong("range online", ("upgrade", "aaa111:bbb222"), "is a range", "--sql"),
    Wrong("script down the wrong way", ("downgrade", "--sql", "aaa111:bbb222"), "not a valid downgrade target", "choose a revision below"),
    Wrong("database is a folder", ("upgrade", "--url", "sqlite:////tmp"), "unable to open", "the folder of the database", code=1),
    Wrong("option without value", ("current", "--env"), "expected one argument", "--help", code=2),
    Wrong("check of a new database", ("check", "--url", "sqlite:///new.db"), "Target database is not up to date", "Run `upgrade head` first"),
    Wrong("two of one name", ("heads",), "aaa111", "next:", "", 255, (FILE, '"bbb222"', '"aaa111"')),
]  # fmt: skip


def test_there_are_eighty_cases() -> None:
    assert len(CASES) >= 80
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_an_error_shows_what_where_and_the_next_step(
    case: Wrong, make_project: Callable[[], Path]
) -> None:
    folder = make_project()
    if case.edit is not None:
        name, old, new = case.edit
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
    process = Running(folder, case.words, {})
    out, err = process.communicate(60)
    shown = out + err
    assert process.returncode == case.code, shown
    assert case.what in shown
    assert case.next in shown
    assert case.where in shown
    assert "Traceback" not in shown
    assert "FAILED: " in out or "error: " in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("upgrade", "zzz"),
        ("upgrade", "a1:zzz"),
        ("upgrade", "zzz:a1"),
        ("upgrade", "+9"),
        ("downgrade", "a1:zzz"),
        ("downgrade", "a1:-7"),
        ("stamp", "zzz"),
    ],
    ids=" ".join,
)
def test_a_script_of_a_wrong_revision_is_empty(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """A client that reads standard output would otherwise be left in a transaction."""
    project = CliProject(tmp_path / "project", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    project.write("a1")
    done = project.run(*arguments, "--sql")
    assert done.code == 255, done.text
    assert "BEGIN" not in done.out
    assert done.out.startswith("FAILED:"), done.out
    assert project.check_output("upgrade", "a1", "--sql").startswith("BEGIN;\n\nCREATE TABLE")
