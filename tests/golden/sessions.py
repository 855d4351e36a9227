"""Sessions at the command line of a project on SQLite: what is typed, in order.

A step is a line of words for the command line, or a `Models` or a `Write` or a `Delete`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Models:
    """Replace the models by these statements."""

    text: str


@dataclass(frozen=True)
class Write:
    """Write a revision file by hand."""

    identifier: str
    down: str | None
    upgrade: str = "pass"
    downgrade: str = "pass"


@dataclass(frozen=True)
class Delete:
    """Delete the file of a revision."""

    identifier: str


@dataclass(frozen=True)
class Settings:
    """Add lines to the settings that a project starts with."""

    text: str


Step = str | Models | Write | Delete | Settings

BOOK = """
Table("book", metadata, Column("id", Integer, primary_key=True), Column("title", String(10)))
"""
BOOKS = """
Table("book", metadata, Column("id", Integer, primary_key=True), Column("title", String(20)),
      Column("year", Integer, nullable=False), Index("ix_book_year", "year"))
"""
FILLED = """\
op.create_table("book", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
op.bulk_insert(sa.table("book", sa.column("id"), sa.column("a")), [{"id": 1, "a": 5}])
"""

SESSIONS: dict[str, tuple[Step, ...]] = {
    "everyday": (
        "list_templates",
        "list_templates --json",
        "heads",
        "current",
        "history",
        "check",
        Models(BOOK),
        "check",
        "check --offline",
        "revision --autogenerate -m one --rev-id aa01",
        "heads",
        "upgrade head",
        "current",
        "current --verbose",
        "check",
        "check --json",
        Models(BOOKS),
        "check",
        "check --json",
        "revision --autogenerate -m two --rev-id aa02 --fill book.year=1900",
        "upgrade head",
        "check",
        "check --offline",
        "revision --autogenerate -m nothing --rev-id aa99",
        "revision --autogenerate -m nothing --rev-id aa99 --empty",
        Delete("aa99_nothing"),
        "downgrade -1",
        "current",
        "upgrade +1",
        "downgrade base",
        "current --json",
    ),
    "branches": (
        Write("aa01", None),
        Write("aa02", "aa01"),
        "revision -m left --rev-id aa03 --head aa01",
        "revision -m left --rev-id aa03 --head aa01 --splice --branch-label west",
        "heads",
        "heads -v",
        "heads --json",
        "branches",
        "branches -v",
        "branches --json",
        "upgrade head",
        "upgrade west@head",
        "current",
        "upgrade heads",
        "current --verbose",
        "merge -m joined --rev-id aa04 heads",
        "history",
        "history -v",
        "history --json",
        "history --graph",
        "history -i",
        "history -r aa01:aa02",
        "history -r base:aa01",
        "show aa02",
        "show head",
        "show head --json",
        "upgrade head",
        "downgrade aa02",
        "current",
        "current --json",
        "current --check-heads",
        "downgrade west@base",
        "downgrade base",
        "revision -m depending --rev-id aa05 --depends-on aa02 --head aa04",
        "history -v -r aa04:aa05",
        "revision -m apart --rev-id aa06 --head base --branch-label east",
        "heads --resolve-dependencies",
        "upgrade east@head",
        "upgrade aa05",
        "current",
    ),
    "stamps and scripts": (
        Write("aa01", None, FILLED, 'op.drop_table("book")'),
        Write("aa02", "aa01", 'op.execute("UPDATE book SET a = 6")'),
        "ensure_version --sql",
        "ensure_version",
        "stamp aa01",
        "current",
        "stamp heads",
        "current",
        "stamp --purge base",
        "current",
        "stamp head --sql",
        "upgrade head --sql",
        "upgrade aa01:aa02 --sql",
        "downgrade aa02:base --sql",
        "downgrade head --sql",
        "revision --autogenerate --sql -m nothing",
        "stamp nope",
        "upgrade head",
        "upgrade head",
    ),
    "mistakes": (
        "",
        "nope",
        "upgrade",
        "upgrade nope",
        "-n other heads",
        "-c none.ini heads",
        Write("aa01", None, FILLED, 'op.drop_table("book")'),
        "downgrade -5",
        "show nope",
        "revision -m twice --rev-id aa01",
        "revision -m bad --rev-id a-b",
        "merge aa01 --rev-id aa05",
        Models("raise RuntimeError('broken models')"),
        "check",
        "revision --autogenerate -m x --rev-id aa09",
        "edit nope",
        "restore nope",
        "init migrations",
        "init -t nope elsewhere",
        Write("aa02", "aa01", 'op.add_column("nope", sa.Column("x", sa.Integer))'),
        "upgrade head",
        "current",
        Write("aa02", "aa01", 'raise ValueError("out of range")'),
        "upgrade head",
        Write("aa02", "aa01", "this is no Python"),
        "upgrade head",
        "heads",
        Write("aa02", "nope"),
        "heads",
        Write("aa02", "aa02"),
        "heads",
        Delete("aa02"),
        "-q upgrade head",
        Delete("aa01"),
        "current",
        "upgrade head",
    ),
    "loss of data": (
        Write("aa01", None, FILLED, 'op.drop_table("book")'),
        Write("aa02", "aa01", 'op.drop_column("book", "a")',
              'op.add_column("book", sa.Column("a", sa.Integer))'),
        Write("aa03", "aa02", 'op.execute("DELETE FROM book")'),
        "upgrade aa01",
        "upgrade head",
        "current",
        "downgrade base",
        "upgrade aa02 --yes",
        "downgrade base",
        "upgrade head -y",
        "downgrade base",
        "upgrade aa01",
        Settings('data_loss = "refuse"'),
        "upgrade head",
        "upgrade head --yes",
        "downgrade base",
        "upgrade aa01",
        Settings('data_loss = "tell"'),
        "upgrade head",
        "downgrade base",
        "upgrade aa01",
        Settings('data_loss = "off"'),
        "downgrade base",
        Settings('data_loss = "perhaps"'),
        "upgrade head",
    ),
    "drift and missing files": (
        Settings('journal = "keep"'),
        Write("aa01", None, FILLED, 'op.drop_table("book")'),
        Write("aa02", "aa01", 'op.add_column("book", sa.Column("b", sa.Integer))',
              'op.drop_column("book", "b")'),
        "upgrade head",
        Write("aa01", None, FILLED + "# edited", 'op.drop_table("book")'),
        "check",
        "current",
        "upgrade head",
        "restore aa01",
        "restore aa01 --accept",
        Delete("aa02"),
        "current",
        "upgrade head",
        "restore",
        "current",
        Write("aa03", "aa02"),
        "upgrade head",
        Write("aa015", "aa01"),
        "merge heads -m joined --rev-id aa04",
        "upgrade head",
        "upgrade head --include-missing",
        "current",
    ),
    "drafts": (
        Models(BOOK + 'Table("gone", metadata, Column("id", Integer, primary_key=True))\n'),
        "revision --autogenerate -m one --rev-id aa01",
        "upgrade head",
        Models(BOOK.replace("title", "name")),
        "revision --autogenerate -m two --rev-id aa02 --renames error",
        "revision --autogenerate -m two --rev-id aa02 --renames never",
        Delete("aa02_two"),
        "revision --autogenerate -m two --rev-id aa02 --renames guess",
        Delete("aa02_two"),
        "revision --autogenerate -m two --rev-id aa02 --rename book.nope=book.name",
        "revision --autogenerate -m two --rev-id aa02 --rename book.title=book.name",
        "upgrade head --yes",
        "check",
        Models(BOOKS),
        "revision --autogenerate -m three --rev-id aa03",
        "revision --autogenerate -m three --rev-id aa03 --no-rename book.name",
        "revision --autogenerate -m three --rev-id aa03 --fill nonsense",
        Delete("aa03_three"),
        Models("pass"),
        "revision --autogenerate -m four --rev-id aa04",
        "revision --autogenerate -m four --rev-id aa04 --allow-drops",
        "upgrade head -y",
        "check",
    ),
}  # fmt: skip
