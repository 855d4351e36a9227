"""Revisions as programs: operations, loops, queries, batches of rows, rebuilds of tables.

Each case is the body of `upgrade` with the dangers of all its statements, the strongest lock and
the tables that it locks. The schemas are those of `postgresql_forms`, `mariadb_forms` and
`sqlite_forms`.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class ProgramCase:
    """One case.

    Args:
        kind: the database.
        body: the body of `upgrade`.
        dangers: names of dangers; none for a harmless revision.
        lock: the strongest lock, None for none.
        tables: the tables that it locks.
    """

    kind: str
    body: str
    dangers: frozenset[str]
    lock: str | None
    tables: frozenset[str]


_LOCKS = {
    "AE": "ACCESS EXCLUSIVE",
    "SRE": "SHARE ROW EXCLUSIVE",
    "S": "SHARE",
    "SUE": "SHARE UPDATE EXCLUSIVE",
    "RX": "ROW EXCLUSIVE",
    "AS": "ACCESS SHARE",
    "": None,
}


def _case(kind: str, dangers: str, lock: str, tables: str, body: str) -> ProgramCase:
    return ProgramCase(
        kind,
        dedent(body).strip("\n"),
        frozenset(dangers.split()),
        _LOCKS.get(lock, lock),
        frozenset(tables.split()),
    )


POSTGRESQL = (
    _case("postgresql", "", "AE", "member", """
        op.add_column("member", sa.Column("a", sa.Integer, nullable=True))
    """),
    _case("postgresql", "fails-on-rows breaks", "AE", "member", """
        op.add_column("member", sa.Column("a", sa.Integer, nullable=False))
    """),
    _case("postgresql", "", "AE", "member", """
        op.add_column("member", sa.Column("a", sa.Integer, server_default="0", nullable=False))
    """),
    _case("postgresql", "", "AE", "member team", """
        for table in ("member", "team"):
            op.add_column(table, sa.Column("a", sa.Integer))
    """),
    _case("postgresql", "writes-long", "S", "member badge", """
        for table, column in (("member", "hours"), ("badge", "rank")):
            op.create_index(f"{table}_{column}", table, [column])
    """),
    _case("postgresql", "", "SUE", "member", """
        with op.get_context().autocommit_block():
            op.create_index("i", "member", ["hours"], postgresql_concurrently=True)
    """),
    _case("postgresql", "", "SUE", "member", """
        op.create_index("i", "member", ["hours"], postgresql_concurrently=True)
    """),
    _case("postgresql", "fails-on-rows breaks reads-long", "AE", "member", """
        op.alter_column("member", "hours", nullable=False)
    """),
    _case("postgresql", "rewrite reads-long", "AE", "badge", """
        op.alter_column("badge", "rank", type_=sa.BigInteger())
    """),
    _case("postgresql", "", "AE", "member", """
        op.alter_column("member", "phone", type_=sa.String(50))
    """),
    _case("postgresql", "breaks", "AE", "badge", """
        op.alter_column("badge", "title", new_column_name="label")
    """),
    _case("postgresql", "fails-on-rows writes-long", "SRE", "badge member", """
        op.create_foreign_key("f", "badge", "member", ["member_id"], ["id"])
    """),
    _case("postgresql", "", "SRE", "badge member", """
        op.create_foreign_key(
            "f", "badge", "member", ["member_id"], ["id"], postgresql_not_valid=True)
    """),
    _case("postgresql", "fails-on-rows reads-long", "AE", "badge", """
        op.create_unique_constraint("u", "badge", ["member_id", "title"])
    """),
    _case("postgresql", "", "", "", """
        op.create_table("fresh", sa.Column("id", sa.Integer, primary_key=True))
        op.create_index("i", "fresh", ["id"])
        op.bulk_insert(sa.table("fresh", sa.column("id")), [{"id": n} for n in range(500)])
    """),
    _case("postgresql", "loses breaks", "AE", "badge", """
        op.drop_table("badge")
    """),
    _case("postgresql", "loses breaks", "AE", "badge", """
        with op.batch_alter_table("badge") as batch:
            batch.drop_column("rank")
    """),
    _case("postgresql", "updates-long", "RX", "badge", """
        badge = sa.table("badge", sa.column("title"))
        op.execute(badge.update().values(title="x"))
    """),
    _case("postgresql", "reads-long", "AE", "badge", """
        op.add_column("badge", sa.Column("a", sa.Integer))
        op.execute("UPDATE badge SET a = 1")
    """),
    _case("postgresql", "", "AS", "team", """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM team LIMIT 3")).all():
            bind.execute(sa.text("SELECT :id"), {"id": row[0]})
    """),
    _case("postgresql", "", "RX", "team", """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM team ORDER BY id LIMIT 3")).all():
            bind.execute(sa.text("UPDATE team SET lead = 1 WHERE id = :id"), {"id": row[0]})
    """),
    _case("postgresql", "updates-long", "RX", "team", """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM team")).all():
            bind.execute(sa.text("UPDATE team SET lead = 1 WHERE id = :id"), {"id": row[0]})
    """),
    _case("postgresql", "", "AE", "team", """
        if "extra" not in {one["name"] for one in sa.inspect(op.get_bind()).get_columns("team")}:
            op.add_column("team", sa.Column("extra", sa.Integer))
    """),
    _case("postgresql", "", "RX", "member", """
        op.backfill("member", "phone = 'x'", where="phone IS NULL")
    """),
    _case("postgresql", "updates-long", "RX", "member", """
        bind = op.get_bind()
        last = 0
        while True:
            rows = bind.execute(
                sa.text("SELECT id FROM member WHERE id > :last ORDER BY id LIMIT 50"),
                {"last": last}).scalars().all()
            if not rows:
                break
            bind.execute(
                sa.text("UPDATE member SET nick = nick WHERE id = ANY (:ids)"), {"ids": rows})
            last = rows[-1]
    """),
    _case("postgresql", "", "AE", "badge member", """
        op.add_column("badge", sa.Column("a", sa.Integer))
        op.backfill("member", "phone = 'x'", where="phone IS NULL")
    """),
    _case("postgresql", "", "RX", "member", """
        with op.get_context().autocommit_block():
            bind = op.get_bind()
            last = 0
            while True:
                rows = bind.execute(
                    sa.text("SELECT id FROM member WHERE id > :last ORDER BY id LIMIT 50"),
                    {"last": last}).scalars().all()
                if not rows:
                    break
                bind.execute(
                    sa.text("UPDATE member SET nick = nick WHERE id = ANY (:ids)"), {"ids": rows})
                last = rows[-1]
    """),
    _case("postgresql", "", "AE", "badge", """
        op.create_check_constraint("c", "badge", "rank > 0", postgresql_not_valid=True)
    """),
    _case("postgresql", "breaks", "", "", """
        op.execute("DROP VIEW cheap_teams")
    """),
    _case("postgresql", "", "SUE", "badge", """
        op.create_table_comment("badge", "what was won")
    """),
)  # fmt: skip

MARIADB = (
    _case("mariadb", "", "NONE", "member", """
        op.add_column("member", sa.Column("a", sa.Integer))
    """),
    _case("mariadb", "breaks", "NONE", "member", """
        op.add_column("member", sa.Column("a", sa.Integer, nullable=False))
    """),
    _case("mariadb", "", "NONE", "member", """
        op.create_index("i", "member", ["since"])
    """),
    _case("mariadb", "rewrite writes-long", "SHARED", "team", """
        op.alter_column("team", "tally", type_=sa.BigInteger(), existing_type=sa.Integer(),
                        existing_nullable=False, existing_server_default="0")
    """),
    _case("mariadb", "breaks", "NONE", "team", """
        op.alter_column("team", "tally", existing_type=sa.Integer(), existing_nullable=False,
                        server_default=None)
    """),
    _case("mariadb", "fails-on-rows breaks rewrite", "NONE", "place", """
        op.alter_column("place", "label", nullable=False, existing_type=sa.Text())
    """),
    _case("mariadb", "breaks", "NONE", "member", """
        op.alter_column("member", "nick", new_column_name="handle", existing_type=sa.String(60))
    """),
    _case("mariadb", "loses breaks", "NONE", "member", """
        op.drop_column("member", "phone")
    """),
    _case("mariadb", "rewrite writes-long", "SHARED", "member team", """
        op.add_column("member", sa.Column("a", sa.Integer))
        op.create_foreign_key("f", "member", "team", ["a"], ["id"])
    """),
    _case("mariadb", "writes-long", "ROWS", "member", """
        op.execute(sa.table("member", sa.column("nick")).update().values(nick="x"))
    """),
    _case("mariadb", "", "ROWS", "member", """
        op.backfill("member", "nick = 'x'", where="nick IS NULL")
    """),
    _case("mariadb", "", "NONE", "member team", """
        for table in ("member", "team"):
            op.add_column(table, sa.Column("a", sa.Integer))
    """),
    _case("mariadb", "", "ROWS", "member", """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM member LIMIT 3")).all():
            bind.execute(sa.text("UPDATE member SET nick = 'x' WHERE id = :id"), {"id": row[0]})
    """),
    _case("mariadb", "", "", "", """
        op.create_table("fresh", sa.Column("id", sa.Integer, primary_key=True))
        op.create_index("i", "fresh", ["id"])
    """),
)  # fmt: skip

SQLITE = (
    _case("sqlite", "", "EXCLUSIVE", "team", """
        op.add_column("team", sa.Column("a", sa.Integer))
    """),
    _case("sqlite", "fails-on-rows breaks", "EXCLUSIVE", "team", """
        op.add_column("team", sa.Column("a", sa.Integer, nullable=False))
    """),
    _case("sqlite", "fails-on-rows breaks", "EXCLUSIVE", "badge", """
        with op.batch_alter_table("badge", recreate="always") as batch:
            batch.add_column(sa.Column("a", sa.Integer, nullable=False))
    """),
    _case("sqlite", "fails-on-rows breaks rewrite writes-long", "EXCLUSIVE", "badge", """
        with op.batch_alter_table("badge") as batch:
            batch.alter_column("rank", nullable=False)
    """),
    _case("sqlite", "rewrite writes-long", "EXCLUSIVE", "badge", """
        with op.batch_alter_table("badge") as batch:
            batch.alter_column("rank", type_=sa.BigInteger())
    """),
    _case("sqlite", "rewrite writes-long", "EXCLUSIVE", "team", """
        with op.batch_alter_table("team") as batch:
            batch.alter_column("slug", type_=sa.String(50))
    """),
    _case("sqlite", "fails-on-rows rewrite writes-long", "EXCLUSIVE", "badge", """
        with op.batch_alter_table("badge") as batch:
            batch.create_unique_constraint("u", ["member_id"])
    """),
    _case("sqlite", "loses breaks rewrite writes-long", "EXCLUSIVE", "badge", """
        with op.batch_alter_table("badge") as batch:
            batch.drop_column("rank")
    """),
    _case("sqlite", "writes-long", "EXCLUSIVE", "member", """
        op.create_index("i", "member", ["nick"])
    """),
    _case("sqlite", "writes-long", "EXCLUSIVE", "badge", """
        op.execute(sa.table("badge", sa.column("title")).update().values(title="x"))
    """),
    _case("sqlite", "", "EXCLUSIVE", "member", """
        op.backfill("member", "phone = 'x'", where="phone IS NULL")
    """),
    _case("sqlite", "", "EXCLUSIVE", "member team", """
        for table in ("member", "team"):
            op.add_column(table, sa.Column("a", sa.Integer))
    """),
    _case("sqlite", "", "", "", """
        op.create_table("fresh", sa.Column("id", sa.Integer, primary_key=True))
        op.create_index("i", "fresh", ["id"])
    """),
    _case("sqlite", "drops-objects rewrite writes-long", "EXCLUSIVE", "member", """
        op.execute("CREATE TABLE member_new AS SELECT * FROM member")
        op.execute("DROP TABLE member")
        op.execute("ALTER TABLE member_new RENAME TO member")
    """),
)  # fmt: skip

UNSEEN = (
    _case("postgresql", "fails-on-rows reads-long", "AE", "badge", """
        op.alter_column("badge", "title", nullable=False, server_default="x")
    """),
    _case("postgresql", "reads-long", "AE", "member team", """
        op.drop_constraint("member_team_id_fkey", "member", type_="foreignkey")
        op.create_foreign_key("fk2", "member", "team", ["team_id"], ["id"], ondelete="CASCADE")
    """),
    _case("postgresql", "", "RX", "badge", """
        op.execute(sa.text("UPDATE badge SET rank = :r WHERE member_id = :m").bindparams(r=1, m=2))
    """),
    _case("postgresql", "breaks", "AE", "badge", """
        op.rename_table("badge", "medal")
    """),
    _case("postgresql", "reads-long", "AE", "member", """
        with op.batch_alter_table("member") as batch:
            batch.add_column(sa.Column("x", sa.Integer))
            batch.create_index("ix_x", ["x"])
    """),
    _case("postgresql", "", "RX", "badge", """
        badge = sa.table("badge", sa.column("member_id"), sa.column("title"))
        op.bulk_insert(badge, [{"member_id": 1, "title": "a"}] * 3)
    """),
    _case("postgresql", "loses breaks", "AE", "badge", """
        for column in sa.inspect(op.get_bind()).get_columns("badge"):
            if column["name"] == "rank":
                op.drop_column("badge", column["name"])
    """),
    _case("postgresql", "breaks rewrite reads-long", "AE", "badge", """
        op.execute("ALTER TABLE badge ADD COLUMN a integer; ALTER TABLE badge ADD COLUMN b serial;"
                   " ALTER TABLE badge ALTER COLUMN b DROP NOT NULL")
    """),
    _case("postgresql", "fails-on-rows updates-long", "RX", "member badge", """
        with op.get_context().autocommit_block():
            op.execute("UPDATE member SET phone = b.title FROM badge b WHERE b.member_id = member.id")
    """),
    _case("postgresql", "", "SRE", "team", """
        op.create_table(
            "fresh",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id")),
        )
    """),
    _case("mariadb", "", "NONE", "member", """
        op.alter_column("member", "phone", existing_type=sa.String(20), type_=sa.String(40))
    """),
    _case("mariadb", "fails-on-rows", "NONE", "member", """
        with op.batch_alter_table("member") as batch:
            batch.create_unique_constraint("u", ["phone"])
    """),
    _case("mariadb", "loses breaks", "EXCLUSIVE", "member place", """
        op.add_column("member", sa.Column("a", sa.Integer))
        op.drop_table("place")
    """),
    _case("mariadb", "fails-on-rows rewrite writes-long", "SHARED", "member", """
        op.create_check_constraint("c", "member", "length(phone) > 5")
    """),
    _case("sqlite", "loses breaks drops-objects rewrite writes-long", "EXCLUSIVE", "member", """
        with op.batch_alter_table("member") as batch:
            batch.drop_column("since")
    """),
    _case("sqlite", "fails-on-rows breaks rewrite writes-long", "EXCLUSIVE", "badge", """
        with op.batch_alter_table("badge") as batch:
            batch.alter_column("title", nullable=False, existing_type=sa.Text())
    """),
    _case("sqlite", "rewrite writes-long", "EXCLUSIVE", "member", """
        with op.batch_alter_table("member") as batch:
            batch.create_foreign_key("f", "badge", ["boss"], ["member_id"])
    """),
    _case("sqlite", "", "EXCLUSIVE", "team", """
        bind = op.get_bind()
        bind.execute(sa.text("UPDATE team SET slug = :s WHERE id = :i"), [{"s": "a", "i": 1}])
    """),
)  # fmt: skip

CASES = (*POSTGRESQL, *MARIADB, *SQLITE, *UNSEEN)
