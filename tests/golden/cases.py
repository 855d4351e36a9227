"""Revisions of what limbeck's `op` adds to Alembic's; each case is a revision file."""

from __future__ import annotations

from tests.compat.script_cases import ALL, Case

_PG = frozenset({"postgresql"})
_SEQUENCES = frozenset({"postgresql", "mssql", "oracle"})

OF_LIMBECK = (
    Case(
        "schemas",
        'op.create_schema("hotel")\nop.create_schema("annex", if_not_exists=True)',
        'op.drop_schema("annex", if_exists=True, cascade=True)\nop.drop_schema("hotel")',
        _PG,
    ),
    Case(
        "sequences",
        """
op.create_sequence("plain")
op.create_sequence("rich", start=100, increment=5, minvalue=10, maxvalue=900, cycle=True, cache=3)
op.alter_sequence("rich", increment=2, existing={"increment": 5})
""",
        'op.drop_sequence("rich")\nop.drop_sequence("plain")',
        _SEQUENCES,
    ),
    Case(
        "enums",
        """
op.create_enum("mood", ["sad", "it's"])
op.alter_enum("mood", ["sad", "fine", "it's"], existing_values=["sad", "it's"])
op.alter_enum("mood", ["sad", "well", "it's"], existing_values=["sad", "fine", "it's"],
              renames={"fine": "well"})
""",
        'op.drop_enum("mood")',
        _PG,
    ),
    Case(
        "exclude_constraint",
        """
op.create_exclude_constraint(
    "ex_stay", "stay", (sa.column("during"), "&&"), (sa.column("room"), "="), where="room > 3",
    using="gist", deferrable=True,
)
""",
        'op.drop_constraint("ex_stay", "stay")',
        _PG,
    ),
    Case(
        "backfill",
        """
book = sa.Table(
    "book", sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("pages", sa.Integer),
    sa.Column("size", sa.String(9)),
)
page = sa.Table(
    "page", sa.MetaData(),
    sa.Column("book_id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("words", sa.Integer),
    schema="shop",
)
op.add_column("book", sa.Column("size", sa.String(9)))
op.backfill(
    book, "size = CASE WHEN pages > 9 THEN 'long: 100%' ELSE 'short' END", where="size IS NULL"
)
op.backfill(page, {"words": page.c.words + 1}, batch=500, pause=0.1)
op.alter_column("book", "size", nullable=False, existing_type=sa.String(9))
""",
        'op.drop_column("book", "size")',
        ALL - {"sqlite"},
    ),
    Case(
        "data",
        """
book = sa.table("book", sa.column("title", sa.String), sa.column("year", sa.Integer))
op.bulk_insert(book, [{"title": "Solaris", "year": 1961}, {"title": "it's 100% :sure", "year": 1}])
op.execute(book.update().where(book.c.year < 1900).values(title="old"))
op.execute(sa.text("UPDATE book SET year = :y").bindparams(y=2000))
""",
        'op.execute("DELETE FROM book")',
        ALL,
    ),
)
