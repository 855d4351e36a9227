"""PostgreSQL: views, routines, triggers and the like with comments, grants, indexes; in order."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    select,
    text,
)

from limbeck import declare
from tests.cases.autogenerate.builders import PG, one_way, pair
from tests.cases.autogenerate.pg_builders import (
    OWN,
    PROCEDURE,
    SECURE,
    TAX,
    TOUCH,
    base,
    kept_view,
    only,
    policy,
    run,
    tax,
    touch,
    touched,
    view,
    world,
)

CreateView = getattr(sa, "CreateView", None)

# ── comments ──────────────────────────────────────────────────────────────

_COMMENTED: dict[str, Any] = {
    "view": (view, ()),
    "materialised view": (kept_view, ()),
    "function": (tax, ()),
    "procedure": (lambda **more: ("procedure", "p()", PROCEDURE, more), ()),
    "trigger": (touched, (touch(),)),
    "policy": (policy, (SECURE,)),
}
for _name, (_make, _below) in _COMMENTED.items():
    pair(f"comment on a {_name}", world(*_below, _make()), world(*_below, _make(comment="one")),
         PG)  # fmt: skip
    pair(f"comment on a {_name} changes", world(*_below, _make(comment="one")),
         world(*_below, _make(comment="it's 100% \\ :two\nlines ☃")), PG)  # fmt: skip
    if _name != "policy":  # which nobody drops for want of mention
        pair(f"{_name} with a comment comes", base(), world(*_below, _make(comment="it's")), PG,
             **OWN)  # fmt: skip
one_way("policy with a comment comes", base(), world(SECURE, policy(comment="it's")), PG)
pair("comment on an extension", world(("extension", "citext", {"comment": "one"}),
     "COMMENT ON EXTENSION citext IS 'one'"), world(("extension", "citext", {"comment": "two"}),
     "COMMENT ON EXTENSION citext IS 'two'"), PG)  # fmt: skip
pair("comment and text of a function", world(tax(comment="one")),
     world(tax(body="amount * 3", comment="two")), PG)  # fmt: skip
pair("comment and text of a view", world(view(comment="one")),
     world(view(sql="SELECT id FROM t WHERE x > 5", comment="two")), PG)  # fmt: skip
pair("text of a view keeps its comment", world(view(comment="one")),
     world(view(sql="SELECT id FROM t", comment="one")), PG)  # fmt: skip
pair("text of a trigger keeps its comment", world(touch(), touched(comment="one")),
     world(touch(), touched("BEFORE INSERT OR UPDATE", comment="one")), PG)  # fmt: skip

# ── views ─────────────────────────────────────────────────────────────────

pair("declared view", base(), world(view()), PG, **OWN)
pair("views on views declared", base(), world(
    view("a_low", "SELECT id, x FROM t"), view("b_mid", "SELECT id FROM a_low WHERE x > 1"),
    view("a_top", "SELECT b_mid.id, m.x FROM b_mid JOIN m ON m.id = b_mid.id"),
    metadata=world(kept_view())), PG, **OWN)  # fmt: skip
pair("view under views changes",
     world(view("low", "SELECT id, x FROM t"), view("top", "SELECT id, x FROM low")),
     world(view("low", "SELECT id, x + 1 AS x, s FROM t"), view("top", "SELECT id, x FROM low")),
     PG)  # fmt: skip
pair("view under a view that nobody declared",
     world(view("low", "SELECT id, x FROM t"), "CREATE VIEW top AS SELECT id FROM low",
           "COMMENT ON VIEW top IS 'it''s'"),
     world(view("low", "SELECT id, x, s FROM t"), "CREATE VIEW top AS SELECT id FROM low",
           "COMMENT ON VIEW top IS 'it''s'"), PG)  # fmt: skip
pair("view of a function", base(), world(tax(), view(sql="SELECT id, tax(x) AS tax FROM t")), PG,
     **OWN)  # fmt: skip
pair("what a function under a view returns changes",
     world(tax(), view(sql="SELECT id, tax(x) AS tax FROM t"), view("w", "SELECT tax FROM v")),
     world(tax("numeric"), view(sql="SELECT id, tax(x) AS tax FROM t"),
           view("w", "SELECT tax FROM v")), PG)  # fmt: skip
pair("function of a view", base(), world(view(), (
    "function", "seen()", ("CREATE FUNCTION seen() RETURNS SETOF v LANGUAGE sql AS"
    " $$ SELECT * FROM v $$"), {})), PG, **OWN)  # fmt: skip
pair("view under a function changes", world(view(), (
    "function", "seen()", ("CREATE FUNCTION seen() RETURNS SETOF v LANGUAGE sql AS"
    " $$ SELECT * FROM v $$"), {})), world(view(sql="SELECT id, x, s FROM t"), (
    "function", "seen()", ("CREATE FUNCTION seen() RETURNS SETOF v LANGUAGE sql AS"
    " $$ SELECT * FROM v $$"), {})), PG)  # fmt: skip
pair("options of a view", world(view()), world(view(options=("security_barrier=true",))), PG)
pair("view becomes materialised", world(view()), world(kept_view("v")), PG, **OWN)
pair("view becomes materialised under a view", world(view(), view("w", "SELECT id FROM v")),
     world(kept_view("v"), view("w", "SELECT id FROM v")), PG, **OWN)  # fmt: skip
pair("view of a column that comes", world(view()), world(view(sql="SELECT id, x, n FROM t"),
     metadata=only(Column("x", Integer), Column("s", String(20)), Column("n", Integer))),
     PG)  # fmt: skip
pair("view with awkward name", base(), world(view('V "of" it\'s 100%', 'SELECT id AS "i d" FROM t',
     comment='say "it\'s"')), PG, **OWN)  # fmt: skip
pair("view renamed", world(view("old")), world(view("new")), PG, **OWN)
one_way("views of several schemas", base(), world(
    view("v", "SELECT id FROM t", schema="other"),
    view("v", "SELECT id FROM other.v"), kept_view("m", "SELECT id FROM v", schema="third"),
), PG, schemas=("other", "third"), **OWN)  # fmt: skip
pair("view of a schema changes", world(view("v", "SELECT id FROM t", schema="other", comment="a"),
     view("w", "SELECT id FROM other.v")), world(view("v", "SELECT id, x FROM t", schema="other",
     comment="b"), view("w", "SELECT id FROM other.v")), PG, schemas=("other",))  # fmt: skip
pair(
    "type under declared views",
    world(view(comment="one"), view("w", "SELECT x FROM v")),
    world(view(comment="one"), view("w", "SELECT x FROM v"), metadata=base(BigInteger)),
    PG,
)
pair("table renamed under a view", world("CREATE VIEW v AS SELECT id, x FROM t"),
     world("CREATE VIEW v AS SELECT id, x FROM u", metadata=base(name="u")), PG,
     renames=("t=u",))  # fmt: skip
pair("table renamed under a declared view", world(view()),
     world(view(sql="SELECT id, x FROM u"), metadata=base(name="u")), PG,
     renames=("t=u",))  # fmt: skip

# ── materialised views and their indexes ──────────────────────────────────


def ix(name: str = "ix", on: str = "m", rest: str = "(id)", unique: str = "", **more: Any) -> Any:
    """Return an index of a materialised view."""
    return ("index", name, on, f"CREATE {unique} INDEX {name} ON {on} {rest}", more)


pair("materialised view with indexes", base(), world(kept_view(), ix(unique="UNIQUE"),
     ix("ix2", rest="USING hash (x)")), PG, **OWN)  # fmt: skip
pair("index of a materialised view", world(kept_view()), world(kept_view(), ix()), PG)
pair(
    "index of a materialised view changes",
    world(kept_view(), ix()),
    world(kept_view(), ix(unique="UNIQUE", rest="(id DESC, (x + 1)) WHERE x > 5")),
    PG,
)
pair("index of a materialised view stays", world(kept_view(), ix(rest="USING btree (id ASC, x)")),
     world(kept_view(), ix(rest="( id,x )")), PG)  # fmt: skip
pair("comment on an index of a materialised view", world(kept_view(), ix()),
     world(kept_view(), ix(comment="it's")), PG)  # fmt: skip
pair(
    "materialised view changes under its index",
    world(kept_view(comment="c"), ix(comment="d")),
    world(kept_view(sql="SELECT id, x, s FROM t", comment="c"), ix(comment="d")),
    PG,
)
pair("type under a materialised view and its index", world(kept_view(), ix()),
     world(kept_view(), ix(), metadata=base(BigInteger)), PG)  # fmt: skip
pair("index of a materialised view in a schema",
     world(kept_view(schema="other")),
     world(kept_view(schema="other"), ("index", "ix", "m", "CREATE INDEX ix ON other.m (x)",
           {"schema": "other"})), PG, schemas=("other",))  # fmt: skip
pair("materialised view without rows under a change",
     world("CREATE MATERIALIZED VIEW m AS SELECT id, x FROM t WITH NO DATA"),
     world("CREATE MATERIALIZED VIEW m AS SELECT id, x FROM t WITH NO DATA",
           metadata=base(BigInteger)), PG)  # fmt: skip


if CreateView is not None:

    def seen(*indexes: Any, kind: Any = Integer, limit: int = 1, **options: Any) -> MetaData:
        """Return models of a view with indexes."""
        metadata = base(kind)
        t = metadata.tables["t"]
        made = CreateView(select(t.c.id, t.c.x).where(t.c.x > limit), "m", metadata=metadata,
                          materialized=True, **options)  # fmt: skip
        for name, *columns, keywords in indexes:
            Index(name, *(made.table.c[c] if isinstance(c, str) else c for c in columns),
                  **keywords)  # fmt: skip
        return metadata

    _IX = ("ix", "id", {"unique": True})
    pair("indexed view of the models", base(), seen(_IX), PG, **OWN)
    pair("index of a view of the models", seen(), seen(_IX, ("Ix 2", "x", {
        "postgresql_using": "hash", "postgresql_where": text("x > 5")})), PG)  # fmt: skip
    pair("index of a view of the models changes", seen(_IX), seen(("ix", "id", "x", {})), PG)
    pair("indexed view of the models changes", seen(_IX), seen(_IX, limit=7), PG)
    pair("type under an indexed view of the models", seen(_IX), seen(_IX, kind=BigInteger), PG)
    pair(
        "comment on a view of the models",
        seen(),
        world(("comment", "materialized_view", "m", "it's", {}), metadata=seen()),
        PG,
    )
    pair(
        "comment on a changing view of the models",
        world(("comment", "materialized_view", "m", "one", {}), metadata=seen(_IX)),
        world(("comment", "materialized_view", "m", "two", {}), metadata=seen(_IX, limit=8)),
        PG,
    )

# ── what is put aside comes back whole ────────────────────────────────────

_HANGING = (
    "CREATE VIEW v AS SELECT id, x FROM t",
    "COMMENT ON VIEW v IS 'it''s'",
    "COMMENT ON COLUMN v.x IS '100%'",
    "GRANT SELECT, UPDATE ON v TO public",
    "GRANT SELECT (x) ON v TO pg_monitor WITH GRANT OPTION",
    "ALTER VIEW v ALTER COLUMN x SET DEFAULT 5",
    TOUCH.format("b"),
    "CREATE TRIGGER touched INSTEAD OF UPDATE ON v FOR EACH ROW EXECUTE FUNCTION touch()",
    "COMMENT ON TRIGGER touched ON v IS 'trigger'",
    "CREATE RULE quiet AS ON DELETE TO v DO INSTEAD NOTHING",
    "CREATE MATERIALIZED VIEW w AS SELECT id, x FROM v",
    "CREATE UNIQUE INDEX wi ON w (id)",
    "COMMENT ON INDEX wi IS 'index'",
    "GRANT SELECT ON w TO pg_monitor WITH GRANT OPTION",
)
pair("type under views with all that hangs on them", world(*_HANGING),
     world(*_HANGING, metadata=base(BigInteger)), PG)  # fmt: skip
pair("declared view with all that hangs on it",
     world(view(), *_HANGING[3:10]),
     world(view(sql="SELECT id, x, s FROM t"), *_HANGING[3:10]), PG)  # fmt: skip
pair("declared trigger and grant on a view",
     world(view(), touch(), touched("INSTEAD OF UPDATE", "v", comment="one"),
           ("grant", "SELECT", "v", "public", {})),
     world(view(sql="SELECT id, x, s FROM t"), touch(), touched("INSTEAD OF UPDATE", "v",
           comment="one"), ("grant", "SELECT, DELETE", "v", "public", {})), PG)  # fmt: skip
pair("trigger on a view comes with it", base(),
     world(view(), touch(), touched("INSTEAD OF INSERT", "v")), PG, **OWN)  # fmt: skip
one_way("view with grants goes", world("CREATE VIEW v AS SELECT id FROM t",
     "GRANT SELECT ON v TO public"), base(), PG, **OWN)  # fmt: skip

# ── policies, triggers and grants on tables that change ───────────────────

_ON_TABLE = (
    TOUCH.format("b"),
    (
        "CREATE TRIGGER touched BEFORE UPDATE OF x ON t FOR EACH ROW WHEN (NEW.x > 3)"
        " EXECUTE FUNCTION touch()"
    ),
    "ALTER TABLE t DISABLE TRIGGER touched",
    "COMMENT ON TRIGGER touched ON t IS 'trigger'",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON t FOR SELECT TO pg_monitor USING (x > 3)",
    "COMMENT ON POLICY own ON t IS 'policy'",
    "GRANT SELECT, INSERT ON t TO pg_monitor",
)
pair("type under a policy and a trigger", world(*_ON_TABLE),
     world(*_ON_TABLE, metadata=base(BigInteger)), PG)  # fmt: skip
pair("type under a declared policy and trigger",
     world(touch(), touched("BEFORE UPDATE OF x"), SECURE, policy(comment="c")),
     world(touch(), touched("BEFORE UPDATE OF x"), SECURE, policy(comment="c"),
           metadata=base(BigInteger)), PG)  # fmt: skip
_RENAMED = tuple(sql.replace(" ON t ", " ON u ").replace("TABLE t ", "TABLE u ") for sql in
                 _ON_TABLE)  # fmt: skip
pair("table renamed with what hangs on it", world(*_ON_TABLE),
     world(*_RENAMED, metadata=base(name="u")), PG, renames=("t=u",))  # fmt: skip
pair("table renamed with what is declared on it",
     world(touch(), touched("BEFORE UPDATE"), SECURE, policy(), ("grant", "SELECT", "t", "public",
           {})),
     world(touch(), touched("BEFORE UPDATE", "u"), ("row_security", "u", {}),
           ("policy", "own", "u", "CREATE POLICY own ON u USING (x > 3)", {}),
           ("grant", "SELECT", "u", "public", {}), metadata=base(name="u")), PG,
     renames=("t=u",))  # fmt: skip
pair("trigger and its function come with a table", MetaData(),
     world(touch(), touched()), PG, **OWN)  # fmt: skip


def without_table() -> MetaData:
    """Return models without the table on which others hang."""
    metadata = only(name="z")
    run(metadata, TOUCH.format("b"))
    return metadata


one_way("table goes that others hang on",
        world(*_ON_TABLE, metadata=only(name="z", onto=base())), without_table(),
        PG)  # fmt: skip


def called(kind: Any = BigInteger) -> MetaData:
    """Return a table whose parts call a function."""
    metadata = MetaData()
    made = sa.DDL(TAX.format("bigint", "amount * 2"))
    declare.function(metadata, "tax(bigint)", TAX.format("bigint", "amount * 2"))
    sa.event.listen(metadata, "before_create", made)
    Table("t", metadata, Column("id", Integer, primary_key=True),
          Column("x", kind, server_default=text("tax(4)")),
          Column("c", BigInteger, sa.Computed("tax(id)", persisted=True)),
          sa.CheckConstraint("tax(x) < 1000", name="k"), Index("ix", text("tax(x)")))  # fmt: skip
    return metadata


pair("table that calls a function", MetaData(), called(), PG, **OWN)
pair("columns that call a function", only(), called(), PG, **OWN)
pair("function of a table", MetaData(), world(("function", "all_of(t)",
     "CREATE FUNCTION all_of(r t) RETURNS text LANGUAGE sql AS $$ SELECT r.s $$", {})), PG,
     **OWN)  # fmt: skip
pair("functions that call each other", base(), world(
    ("function", "a_second(bigint)", ("CREATE FUNCTION a_second(n bigint) RETURNS bigint"
     " LANGUAGE sql AS $$ SELECT tax(n) $$"), {}), metadata=world(tax())), PG, **OWN)  # fmt: skip
pair("function with awkward name", base(), world((
    "function", 'Tax "of" 100%(int, text[])', ('CREATE FUNCTION "Tax ""of"" 100%"(int, text[])'
    " RETURNS text LANGUAGE sql AS $$ SELECT 'it''s' $$"), {"comment": "it's"})), PG,
    **OWN)  # fmt: skip
one_way(
    "function in a schema",
    base(),
    world(
        (
            "function",
            "tax(int)",
            "CREATE FUNCTION other.tax(n int) RETURNS int LANGUAGE sql AS $$ SELECT n $$",
            {"schema": "other", "comment": "it's"},
        )
    ),
    PG,
    schemas=("other",),
    **OWN,
)
_ELSEWHERE = "CREATE TRIGGER touched BEFORE UPDATE ON other.t FOR EACH ROW EXECUTE FUNCTION touch()"
pair("trigger in a schema", world(touch(), metadata=base(schema="other")), world(
    touch(), ("trigger", "touched", "t", _ELSEWHERE, {"schema": "other", "comment": "c"}),
    metadata=base(schema="other")), PG, **OWN)  # fmt: skip
pair("column renamed under a declared view and trigger",
     world(view(sql="SELECT id, x FROM t WHERE x > 5"), touch(), touched("BEFORE UPDATE OF x")),
     world(view(sql="SELECT id, y FROM t WHERE y > 5"), touch(), touched("BEFORE UPDATE OF y"),
           metadata=only(Column("y", Integer), Column("s", String(20)))), PG,
     renames=("t.x=t.y",))  # fmt: skip
pair("text column under a declared view", world(view(sql="SELECT s FROM t")),
     world(view(sql="SELECT s FROM t"), metadata=only(Column("x", Integer), Column("s", Text))),
     PG)  # fmt: skip

# ── what roles may do with routines and sequences ─────────────────────────

_MAY = ("grant", "EXECUTE", "tax( bigint )", "pg_monitor", {"on": "function"})


def counted(*things: Any) -> MetaData:
    """Return models with a sequence."""
    metadata = base()
    sa.Sequence("counter", metadata=metadata)
    return world(*things, metadata=metadata)


one_way("grant on a function", world(tax()), world(tax(), _MAY), PG)
one_way(
    "grant on a sequence",
    counted(),
    counted(("grant", "USAGE", "counter", "pg_monitor", {"on": "sequence"})),
    PG,
)
pair("grant on a function that changes", world(tax(), _MAY), world(tax(body="amount * 3"), _MAY),
     PG)  # fmt: skip
pair("grant on a recreated function", world(tax(), _MAY), world(tax("numeric"), _MAY), PG)
_CLOSED = ("REVOKE ALL ON FUNCTION tax(bigint) FROM PUBLIC",
           "GRANT EXECUTE ON FUNCTION tax(bigint) TO pg_monitor WITH GRANT OPTION")  # fmt: skip
pair("function without the public privilege is recreated", world(tax(comment="c"), *_CLOSED),
     world(tax("numeric", comment="c"), *_CLOSED), PG)  # fmt: skip
pair("grant on a procedure changes",
     world(("procedure", "p()", PROCEDURE, {}),
           ("grant", "EXECUTE", "p()", "pg_monitor", {"on": "procedure"})),
     world(("procedure", "p()", PROCEDURE, {}),
           ("grant", "EXECUTE", "p()", "pg_monitor", {"on": "procedure", "grantable": True})),
     PG)  # fmt: skip

# ── an enum type that is recreated under dependent objects ────────────────

_MOODY = (
    TOUCH.format("b"),
    "CREATE VIEW v AS SELECT id, mood FROM t WHERE mood = 'a'",
    "COMMENT ON VIEW v IS 'it''s'",
    "COMMENT ON COLUMN v.mood IS '100%'",
    "GRANT SELECT ON v TO public",
    "CREATE TRIGGER touched INSTEAD OF UPDATE ON v FOR EACH ROW EXECUTE FUNCTION touch()",
    "CREATE MATERIALIZED VIEW w AS SELECT mood FROM v",
    "CREATE INDEX wi ON w (mood)",
    (
        "CREATE TRIGGER seen BEFORE UPDATE OF mood ON t FOR EACH ROW WHEN (NEW.mood = 'a')"
        " EXECUTE FUNCTION touch()"
    ),
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON t USING (mood <> 'b')",
    "COMMENT ON POLICY own ON t IS 'policy'",
)


def moody(*values: str) -> MetaData:
    """Return models of a table with an enum type, under all that can hang on it."""
    kind = sa.Enum(*values, name="mood")
    return world(*_MOODY, metadata=only(Column("mood", kind), Column("s", String(9))))


_MOODS = {"rows": {"t": [{"id": 1, "mood": "a"}]}, "rows_back": {"t": [{"id": 1, "mood": "a"}]}}
pair("enum recreated under dependent objects", moody("a", "b"), moody("b", "a"), PG, **_MOODS)
pair("enum grows under all that hangs on it", moody("a", "b"), moody("a", "c", "b"), PG, **_MOODS)
