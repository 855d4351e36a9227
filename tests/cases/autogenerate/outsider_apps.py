"""Applications as outsiders write them: what they have, and what their next release has."""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects import postgresql

from tests.cases.autogenerate.builders import NOT_MARIA, PG, models, pair

NAMES = {
    "pk": "%(table_name)s_pk", "fk": "%(table_name)s_%(column_0_N_name)s_to_%(referred_table_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_uniq", "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}  # fmt: skip


def key(kind: Any = Integer, name: str = "id") -> Column[Any]:
    """Return a primary key."""
    return Column(name, kind, primary_key=True)


def ref(name: str, target: str, **options: Any) -> Column[Any]:
    """Return a column with a foreign key."""
    words = {word: options.pop(word) for word in ("ondelete", "onupdate") if word in options}
    return Column(name, ForeignKey(target, **words), **options)


def app(*pairs: Any, **options: Any) -> None:
    """Note down two releases of an application."""
    name, before, after, *on = pairs
    options.setdefault("rows", {})
    pair(f"app: {name}", before, after, *(on or [NOT_MARIA]), **options)


# ── bookings: times, overlaps, soft deletion ──────────────────────────────

app("bookings get soft deletion and a partial unique index",
    models(("room", key(), Column("name", String(30), unique=True)),
           ("booking", key(), ref("room_id", "room.id"), Column("day", Date), Column("at", Time),
            UniqueConstraint("room_id", "day", "at", name="uq_slot"))),
    models(("room", key(), Column("name", String(30), unique=True)),
           ("booking", key(), ref("room_id", "room.id", ondelete="CASCADE"), Column("day", Date),
            Column("at", Time), Column("gone_at", DateTime),
            Index("uq_slot", "room_id", "day", "at", unique=True,
                  sqlite_where=text("gone_at IS NULL"),
                  postgresql_where=text("gone_at IS NULL")))))  # fmt: skip

# ── tenants: composite keys everywhere ────────────────────────────────────


def tenants(*, is_later: bool) -> MetaData:
    """Return models in which every key begins with the tenant."""
    return models(
        ("tenant", key(String(12), "code"), Column("plan", String(10), server_default="free")),
        ("project", Column("tenant", String(12), ForeignKey("tenant.code"), primary_key=True),
         Column("number", Integer, primary_key=True, autoincrement=False),
         Column("title", String(60 if is_later else 40), nullable=False)),
        ("task", Column("tenant", String(12)), Column("project", Integer), Column("n", Integer),
         *([Column("parent", Integer)] if is_later else []),
         PrimaryKeyConstraint("tenant", "project", "n", name="pk_task"),
         ForeignKeyConstraint(["tenant", "project"], ["project.tenant", "project.number"],
                              name="fk_task_project", ondelete="CASCADE" if is_later else None),
         *([ForeignKeyConstraint(["tenant", "project", "parent"],
                                 ["task.tenant", "task.project", "task.n"], name="fk_parent"),
            CheckConstraint("parent <> n", name="ck_parent")] if is_later else [])),
    )  # fmt: skip


app("tenants: tasks become a tree over composite keys", tenants(is_later=False),
    tenants(is_later=True), rows_back={"task": []})  # fmt: skip

# ── inventory: generated columns, checks over several columns ─────────────


def inventory(release: int) -> MetaData:
    """Return models of a warehouse."""
    m = MetaData(naming_convention=NAMES)
    Table("supplier", m, key(), Column("name", String(50), nullable=False),
          *([Column("country", String(2), server_default=text("'DE'"), nullable=False)]
            if release > 1 else []))  # fmt: skip
    Table("item", m, key(BigInteger().with_variant(Integer, "sqlite")),
          ref("supplier_id", "supplier.id", index=True), Column("sku", String(20), unique=True),
          Column("net", Numeric(10, 2), nullable=False),
          Column("vat", Numeric(4, 2), nullable=False, server_default=text("0.19")),
          Column("gross", Numeric(12, 2), Computed("net * (1 + vat)", persisted=True))
          if release == 1 else Column("gross", Numeric(12, 2), Computed(
              "round(net * (1 + vat), 2)", persisted=True)),
          CheckConstraint("net >= 0", name="net"),
          *([CheckConstraint("vat BETWEEN 0 AND 1", name="vat"), Index(None, "supplier_id", "sku")]
            if release > 1 else []))  # fmt: skip
    return m


app(
    "inventory: a formula, checks and an index by convention",
    inventory(1),
    inventory(2),
    rows={"item": [{"id": 1, "net": 2, "sku": "a"}]},
    rows_back={"item": [{"id": 1, "net": 2, "sku": "a"}]},
)

# ── identity and uuid keys ────────────────────────────────────────────────

app("users get a uuid in addition to the number",
    models(("user", key(), Column("mail", String(80), nullable=False))),
    models(("user", key(), Column("mail", String(80), nullable=False, unique=True),
            Column("public_id", Uuid, index=True), Column("data", JSON))))  # fmt: skip
app("an identity column becomes an ordinary key",
    models(("doc", Column("id", Integer, Identity(start=100), primary_key=True), Column("t", Text))),
    models(("doc", Column("id", Integer, primary_key=True, autoincrement=False),
            Column("t", Text))), PG)  # fmt: skip
app("identity: always, with a step and a cache",
    models(("ev", Column("id", BigInteger, Identity(always=True), primary_key=True),
            Column("n", Integer))),
    models(("ev", Column("id", BigInteger, Identity(always=False, start=5, increment=5, cache=10),
                         primary_key=True), Column("n", SmallInteger))), PG,
    rows={"ev": []}, rows_back={"ev": []})  # fmt: skip

# ── enums ─────────────────────────────────────────────────────────────────


class Role(enum.Enum):
    """Roles of a first release."""

    user = 1
    admin = 2


class Roles(enum.Enum):
    """Roles of a second release."""

    guest = 0
    user = 1
    admin = 2
    owner = 3


def accounts(kind: Any, **options: Any) -> MetaData:
    """Return models of accounts with a role."""
    role = Enum(kind, name="role", **options)
    return models(("account", key(), Column("role", role, nullable=False, server_default="user")),
                  ("invite", key(), Column("role", role), ref("by", "account.id")))  # fmt: skip


app("roles of a Python enum grow", accounts(Role), accounts(Roles),
    rows_back={"account": [{"id": 1, "role": Roles.user}], "invite": []})  # fmt: skip
app("roles that are kept as text with a check grow",
    accounts(Role, native_enum=False, create_constraint=True, length=10),
    accounts(Roles, native_enum=False, create_constraint=True, length=10),
    rows_back={"account": [{"id": 1, "role": Roles.user}], "invite": []})  # fmt: skip
app("text becomes an enum",
    models(("ticket", key(), Column("state", String(10), server_default="open"))),
    models(("ticket", key(), Column("state", Enum("open", "shut", name="state"),
                                    server_default="open"))), PG,
    rows={"ticket": [{"id": 1, "state": "open"}, {"id": 2, "state": "shut"}]})  # fmt: skip
app("an array of enums next to an enum",
    models(("shift", key(), Column("day", Enum("mon", "tue", name="day")))),
    models(("shift", key(), Column("day", Enum("mon", "tue", "wed", name="day")), Column(
        "days", postgresql.ARRAY(Enum("mon", "tue", "wed", name="day")),
        server_default=text("'{mon}'")))), PG, rows_back={"shift": [{"id": 1, "day": "mon"}]})  # fmt: skip

# ── inheritance of mapped classes ─────────────────────────────────────────


def staff(*, is_joined: bool) -> MetaData:
    """Return models of joined or single table inheritance."""
    if not is_joined:
        return models(("person", key(), Column("kind", String(20), nullable=False),
                       Column("wage", Integer), Column("stack", String(40))))  # fmt: skip
    return models(
        ("person", key(), Column("kind", String(20), nullable=False)),
        ("manager", Column("id", Integer, ForeignKey("person.id", ondelete="CASCADE"),
                           primary_key=True), Column("wage", Integer)),
        ("engineer", Column("id", Integer, ForeignKey("person.id"), primary_key=True),
         Column("stack", String(40), index=True)))  # fmt: skip


app("single table inheritance becomes joined", staff(is_joined=False), staff(is_joined=True))

# ── many to many, association with payload, self reference ────────────────


def social(release: int) -> MetaData:
    """Return models of friends and likes."""
    m = MetaData()
    Table("member", m, key(), Column("nick", String(20), nullable=False),
          UniqueConstraint("nick", name="nick_once"),
          sqlite_autoincrement=release > 1)  # fmt: skip
    Table("friend", m, ref("a", "member.id", primary_key=True), ref("b", "member.id",
          primary_key=True), *([Column("since", DateTime, server_default=func.now()),
          CheckConstraint("a < b", name="ordered")] if release > 1 else []))  # fmt: skip
    if release > 1:
        Table("like", m, key(), ref("member", "member.id", ondelete="SET NULL"),
              Column("target_type", String(20)), Column("target", Integer),
              Index("ix_like_target", "target_type", "target"))  # fmt: skip
    return m


app("friends get an order, likes come, numbers are not used again", social(1), social(2),
    rows={"friend": [], "member": [{"id": 1, "nick": "a"}]},
    rows_back={"friend": [], "like": [], "member": [{"id": 1, "nick": "a"}]})  # fmt: skip

# ── renames together with other changes ───────────────────────────────────

app("a table and two columns are renamed and indexed",
    models(("emp", key(name="empno"), Column("ename", String(20)), Column("sal", Integer))),
    models(("employee", key(name="id"), Column("name", String(40), index=True),
            Column("salary", Integer, CheckConstraint("salary > 0", name="paid")))),
    renames=("emp=employee", "emp.empno=employee.id", "emp.ename=employee.name",
             "emp.sal=employee.salary"))  # fmt: skip
app("the column of a foreign key and its target are renamed",
    models(("country", key(String(2), "iso"), Column("n", String(9))),
           ("city", key(), ref("country", "country.iso", nullable=False))),
    models(("land", key(String(2), "code"), Column("n", String(9))),
           ("city", key(), ref("land", "land.code", nullable=False, ondelete="CASCADE"))),
    renames=("country=land", "country.iso=land.code", "city.country=city.land"))  # fmt: skip
app("a renamed column becomes NOT NULL with a default",
    models(("post", key(), Column("txt", Text), Column("up", Integer))),
    models(("post", key(), Column("body", Text, nullable=False, server_default=""),
            Column("votes", BigInteger, nullable=False, server_default=text("0")))),
    renames=("post.txt=post.body", "post.up=post.votes"),
    rows={"post": [{"id": 1, "txt": "x", "up": 1}]},
    rows_back={"post": [{"id": 1, "body": "x", "votes": 1}]})  # fmt: skip

# ── time series, archives, settings ───────────────────────────────────────

app("readings get a wider key and a covering index",
    models(("sensor", key(SmallInteger), Column("unit", String(4))),
           ("reading", ref("sensor", "sensor.id", primary_key=True),
            Column("at", DateTime, primary_key=True), Column("v", Numeric(6, 2)))),
    models(("sensor", key(Integer), Column("unit", String(8), nullable=False,
                                           server_default="K")),
           ("reading", ref("sensor", "sensor.id", primary_key=True),
            Column("at", DateTime, primary_key=True), Column("v", Numeric(8, 3)),
            Index("ix_at", "at", postgresql_include=["v"]))))  # fmt: skip
app("settings: a key of text, without rowid",
    models(("setting", key(String(30), "name"), Column("value", Text))),
    models(("setting", key(String(30), "name"), Column("value", JSON),
            Column("changed", DateTime, server_default=func.now()),
            {"sqlite_with_rowid": False})), rows={"setting": []},
    rows_back={"setting": []})  # fmt: skip
app("an archive takes over a table's columns",
    models(("mail", key(), Column("subject", String(80)), Column("raw", LargeBinary))),
    models(("mail", key(), Column("subject", String(80), nullable=False, server_default="?")),
           ("mail_raw", Column("id", Integer, ForeignKey("mail.id", ondelete="CASCADE"),
                               primary_key=True), Column("raw", LargeBinary))))  # fmt: skip

# ── constraints by convention come and go ─────────────────────────────────


def ledger(*, named: bool, is_later: bool) -> MetaData:
    """Return models of accounts and entries."""
    m = MetaData(naming_convention=NAMES) if named else MetaData()
    Table("acc", m, key(), Column("iban", String(34), unique=True), Column("open", Boolean))
    Table("entry", m, key(), ref("debit", "acc.id", nullable=False), ref("credit", "acc.id"),
          Column("cents", BigInteger, nullable=False), Column("memo", String(99), index=is_later),
          CheckConstraint("cents > 0", name="positive"),
          *([CheckConstraint("debit <> credit", name="other"),
             UniqueConstraint("debit", "credit", "memo")] if is_later else []))  # fmt: skip
    return m


app("a ledger gets a naming convention", ledger(named=False, is_later=False),
    ledger(named=True, is_later=False))  # fmt: skip
app("a ledger gets a naming convention and constraints", ledger(named=False, is_later=False),
    ledger(named=True, is_later=True), rows={"entry": []}, rows_back={"entry": []})  # fmt: skip

# ── expressions and collations ────────────────────────────────────────────


def search(release: int) -> MetaData:
    """Return models with indexes on expressions."""
    m = MetaData()
    t = Table("page", m, key(), Column("title", String(80), nullable=False),
              Column("lang", String(2), server_default="en"), Column("size", Integer),
              Column("live", Boolean, server_default=sa.false(), nullable=False))  # fmt: skip
    if release == 1:
        Index("ix_title", func.lower(t.c.title))
    else:
        Index("ix_title", func.lower(t.c.title), t.c.lang, unique=True)
        Index("ix_live", t.c.lang, t.c.size.desc(), sqlite_where=t.c.live,
              postgresql_where=t.c.live)  # fmt: skip
        Index("ix_sum", (t.c.size + 1), func.coalesce(t.c.lang, "xx"))
    return m


app("pages: expressions in indexes", search(1), search(2))
app("documents: jsonb, arrays, full text",
    models(("d", key(), Column("body", Text), Column("meta", postgresql.JSON))),
    models(("d", key(), Column("body", Text), Column("meta", postgresql.JSONB),
            Column("tags", postgresql.ARRAY(String(10)), server_default=text("'{}'")),
            Column("v", postgresql.TSVECTOR, Computed("to_tsvector('simple', body)",
                                                      persisted=True)),
            Index("ix_v", "v", postgresql_using="gin"),
            Index("ix_meta", "meta", postgresql_using="gin",
                  postgresql_ops={"meta": "jsonb_path_ops"}))), PG)  # fmt: skip

# ── cycles, several schemas, comments ─────────────────────────────────────


def team(*, is_later: bool) -> MetaData:
    """Return models of teams with a lead, who is a member of a team."""
    m = MetaData()
    Table("team", m, key(), Column("name", String(20)), *([Column("lead_id", Integer, ForeignKey(
        "worker.id", use_alter=True, name="fk_lead", ondelete="SET NULL"))] if is_later else []))  # fmt: skip
    Table("worker", m, key(), ref("team_id", "team.id", nullable=not is_later),
          *([ref("boss", "worker.id")] if is_later else [Column("title", String(9))]))  # fmt: skip
    return m


app("teams get a lead: a cycle of keys", team(is_later=False), team(is_later=True),
    rows={"team": [{"id": 1, "name": "a"}], "worker": [{"id": 1, "team_id": 1}]},
    rows_back={"team": [{"id": 1, "name": "a"}],
               "worker": [{"id": 1, "team_id": 1}]})  # fmt: skip
app("two schemas: a table moves its reference",
    models(("a", key(), {"schema": "crm"}), ("b", key(), {"schema": "erp"}),
           ("c", key(), ref("a_id", "crm.a.id", index=True))),
    models(("a", key(), Column("note", Text, comment="why"), {"schema": "crm"}),
           ("b", key(), {"schema": "erp", "comment": "the other"}),
           ("c", key(), ref("b_id", "erp.b.id", index=True, comment="new"))), PG,
    schemas=("crm", "erp"), rows={"c": []}, rows_back={"c": []})  # fmt: skip
app("everything is deferred",
    models(("n", key(), Column("next", Integer, ForeignKey("n.id", name="fk_next")),
            Column("pos", Integer, unique=True))),
    models(("n", key(), Column("next", Integer, ForeignKey(
        "n.id", name="fk_next", deferrable=True, initially="DEFERRED")), Column("pos", Integer),
        UniqueConstraint("pos", name="uq_pos", deferrable=True, initially="DEFERRED"))),
    PG)  # fmt: skip

# ── many small things at once ─────────────────────────────────────────────


def course(release: int) -> MetaData:
    """Return models of courses."""
    late = release > 1
    return models(
        ("student", key(), Column("born", Date if late else String(10)),
         Column("mail", String(120 if late else 60), nullable=not late, server_default="")),
        *([("course", key(), Column("title", String(50)), Column("ects", SmallInteger))]
          if not late else
          [("module", key(), Column("title", String(50), unique=True),
            Column("ects", Numeric(3, 1), server_default="5.0"))]),
        ("enrol", ref("student", "student.id", primary_key=True),
         ref("course" if not late else "module", "module.id" if late else "course.id",
             primary_key=True), Column("grade", Numeric(2, 1)),
         *([CheckConstraint("grade BETWEEN 1 AND 5", name="scale")] if late else [])),
    )  # fmt: skip


app("courses become modules while types change", course(1), course(2),
    renames=("course=module", "enrol.course=enrol.module"),
    rows={"student": [{"id": 1, "born": "2001-02-03"}], "course": [{"id": 1, "ects": 5}],
          "enrol": [{"student": 1, "course": 1}]},
    rows_back={"student": [], "module": [{"id": 1, "ects": 5}], "enrol": []})  # fmt: skip
app("columns swap their types and defaults",
    models(("x", key(), Column("a", String(20), server_default="1"), Column("b", Integer,
            server_default=text("2")), Column("c", Boolean, server_default=sa.true()))),
    models(("x", key(), Column("a", Integer, server_default=text("2")), Column("b", String(20),
            server_default="1"), Column("c", Integer, server_default=text("1")))),
    rows={"x": [{"id": 1, "a": "7", "b": 8, "c": True}]},
    rows_back={"x": [{"id": 1, "a": 7, "b": "8", "c": 1}]})  # fmt: skip
app("a key becomes composite while a unique constraint takes its place",
    models(("part", key(autokey := Integer), Column("lang", String(2), nullable=False),
            Column("t", String(9)))),
    models(("part", Column("id", autokey, autoincrement=False), Column("lang", String(2)),
            Column("t", String(9)), PrimaryKeyConstraint("id", "lang", name="part_pk"),
            UniqueConstraint("t", "lang", name="part_t"))))  # fmt: skip

# ── the same once more, in other combinations ─────────────────────────────

app("a wiki: revisions get their own table and the newest is referred to",
    models(("wiki", key(), Column("slug", String(40), unique=True, nullable=False),
            Column("text", Text), Column("rev", Integer, server_default=text("1")))),
    models(("wiki", key(), Column("slug", String(60), nullable=False),
            Column("head", Integer, ForeignKey("wiki_rev.id", use_alter=True, name="fk_head")),
            UniqueConstraint("slug", name="wiki_slug")),
           ("wiki_rev", key(), ref("wiki_id", "wiki.id", nullable=False, ondelete="CASCADE"),
            Column("n", Integer, nullable=False), Column("text", Text),
            UniqueConstraint("wiki_id", "n", name="wiki_rev_n"))))  # fmt: skip
app("a queue: a check of states, a partial index, a default of now",
    models(("job", key(BigInteger().with_variant(Integer, "sqlite")), Column("state", String(8)),
            Column("payload", JSON), Column("tries", SmallInteger))),
    models(("job", key(BigInteger().with_variant(Integer, "sqlite")),
            Column("state", String(12), nullable=False, server_default="new"),
            Column("payload", JSON), Column("tries", SmallInteger, nullable=False,
                                            server_default=text("0")),
            Column("due", DateTime, server_default=func.now(), nullable=False),
            CheckConstraint("state IN ('new', 'run', 'done', '11', '12')", name="job_state"),
            Index("ix_due", "due", sqlite_where=text("state = 'new'"),
                  postgresql_where=text("state = 'new'")))))  # fmt: skip
app("a shop window: translations take the columns of a product",
    models(("product", key(), Column("name_de", String(40)), Column("name_en", String(40)),
            Column("price", Integer, nullable=False))),
    models(("product", key(), Column("price", Numeric(10, 2), nullable=False)),
           ("product_text", ref("product_id", "product.id", primary_key=True),
            Column("lang", String(2), primary_key=True), Column("name", String(40),
                                                                nullable=False))))  # fmt: skip
