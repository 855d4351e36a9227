"""PostgreSQL: declared objects that change their kind, move, and depend on each other."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table

from tests.cases.autogenerate.builders import PG, one_way, pair
from tests.cases.autogenerate.pg_builders import (
    OWN,
    SECURE,
    TOUCH,
    base,
    kept_view,
    only,
    policy,
    tax,
    touch,
    touched,
    view,
    world,
)


def moved() -> MetaData:
    """Return models of a table in another schema, and one that stays."""
    metadata = base(schema="other")
    Table("u", metadata, Column("id", Integer, primary_key=True))
    return metadata


one_way("table moves to another schema under a view",
        world("CREATE VIEW v AS SELECT id, x FROM t", "GRANT SELECT ON v TO public"),
        world("CREATE VIEW v AS SELECT id, x FROM other.t", "GRANT SELECT ON v TO public",
              metadata=moved()), PG, schemas=("other",), renames=("t=other.t",))  # fmt: skip
one_way("views and their table go", world(view(), view("w", "SELECT id FROM v"),
        metadata=only(name="z", onto=base())), only(name="z"), PG, **OWN)  # fmt: skip
pair("view becomes a table", world(view()), only(name="v", onto=base()), PG, **OWN)
_TWO = "CREATE FUNCTION tax(a bigint, b int) RETURNS bigint LANGUAGE sql AS $$ SELECT a * b $$"
pair("function of another signature", world(tax()),
     world(("function", "tax(bigint, int)", _TWO, {})), PG, **OWN)  # fmt: skip
_Q = "CREATE {} q() {} LANGUAGE sql AS $$ SELECT 1 $$"
pair("function becomes a procedure",
     world(("function", "q()", _Q.format("FUNCTION", "RETURNS int"), {})),
     world(("procedure", "q()", _Q.format("PROCEDURE", ""), {})), PG, **OWN)  # fmt: skip
_OTHER = TOUCH.replace("touch()", "other_touch()").format("z")
_CALLS = "CREATE TRIGGER touched BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION other_touch()"
pair("trigger calls another function", world(touch(), touched()), world(
     touch(), ("function", "other_touch()", _OTHER, {}),
     ("trigger", "touched", "t", _CALLS, {"calls": "other_touch()"})), PG, **OWN)  # fmt: skip
pair("column goes under a policy and a trigger",
     world(touch(), touched("BEFORE UPDATE OF x"), SECURE, policy()),
     world(touch(), touched("BEFORE UPDATE OF s"), SECURE,
           ("policy", "own", "t", "CREATE POLICY own ON t USING (id > 3)", {}),
           metadata=only(Column("s", String(20)))), PG)  # fmt: skip
_RECURSIVE = (
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5)"
    " SELECT n, ':x' AS c, '100%' AS p FROM r"
)
pair("recursive view in quotes", base(), world(view("R", _RECURSIVE)), PG, **OWN)
_INDEX = ("index", "ix", "m", "CREATE INDEX ix ON m (n)", {})
pair("view on an indexed view on a view of a function", base(), world(
     tax(), view(sql="SELECT id, tax(x) AS n FROM t"), kept_view(sql="SELECT n FROM v"), _INDEX,
     view("z", "SELECT n FROM m")), PG, **OWN)  # fmt: skip
_LATE = (
    "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION touch()"
)
pair("constraint trigger", world(touch()),
     world(touch(), ("trigger", "late", "t", _LATE, {"calls": "touch()"})), PG, **OWN)  # fmt: skip
_SUM = "CREATE AGGREGATE mysum(int) (SFUNC = int4pl, STYPE = int)"
pair("aggregate is left alone", world(_SUM), world(_SUM, tax()), PG, **OWN)
_BY_KEY = view(sql="SELECT id, x, s FROM t GROUP BY id")
pair("view that groups by a key", base(), world(_BY_KEY), PG, **OWN)
pair("type under a view that groups by a key", world(_BY_KEY),
     world(_BY_KEY, metadata=base(BigInteger)), PG, **OWN)  # fmt: skip
