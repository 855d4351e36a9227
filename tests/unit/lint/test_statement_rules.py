"""The rules about the text of a statement, without a server."""

from __future__ import annotations

import pytest

from limbeck.errors import InvalidValueError
from limbeck.lint import (
    RULES,
    RecordedStatement,
    Verdict,
    optional_codes,
    statement_rule_findings,
)
from tests.cases.lint.rules import OLD_SERVER_CASES

STYLE = {rule.code for rule in RULES if rule.is_optional}


def _codes(
    *statements: str,
    kind: str = "postgresql",
    version: tuple[int, ...] | None = None,
    later: str = "",
    enabled: frozenset[str] = frozenset(),
) -> list[str]:
    verdicts = [
        Verdict(RecordedStatement(sql, line), (), ()) for line, sql in enumerate(statements, 1)
    ]
    found = statement_rule_findings(
        verdicts,
        kind,
        revision="a1",
        path=None,
        version=version,
        later_sources=lambda: later,
        enabled=enabled,
    )
    return [one.code for one in found]


@pytest.mark.parametrize("code", OLD_SERVER_CASES)
def test_a_rule_about_old_servers(code: str) -> None:
    kind, version, bad, good = OLD_SERVER_CASES[code]
    assert _codes(bad, kind=kind, version=version) == [code]
    assert _codes(good, kind=kind, version=version) == []
    assert _codes(bad, kind=kind, version=(99, 0)) == []


def test_references_without_a_server_are_those_of_supported_releases() -> None:
    sql = "CREATE TABLE t (p int REFERENCES q (id))"
    assert _codes(sql, kind="mysql") == ["LM409"]
    assert _codes(sql, kind="mariadb") == []


ADDED = "ALTER TABLE a ADD CONSTRAINT c CHECK (f(x, ',') > 0) NOT VALID, ADD COLUMN y bigint"


def test_a_constraint_is_validated_in_this_revision_or_a_later_one() -> None:
    assert _codes(ADDED) == ["LM311"]
    assert _codes(ADDED, "ALTER TABLE a VALIDATE CONSTRAINT c") == []
    assert _codes(ADDED, "ALTER TABLE a VALIDATE CONSTRAINT c2") == ["LM311"]
    assert _codes(ADDED, later='op.execute("alter table a validate constraint c")') == []
    assert _codes("CREATE TABLE a (x int)", ADDED) == []


@pytest.mark.parametrize(
    "sql",
    [
        "-- DROP CONSTRAINT c\nALTER TABLE a ADD COLUMN b bigint",
        "ALTER TABLE a ALTER COLUMN b SET DEFAULT 'DROP NOT NULL'",
        "INSERT INTO a VALUES ('CREATE FUNCTION f SECURITY DEFINER')",
        "COMMENT ON TABLE a IS 'GRANT SELECT ON a TO PUBLIC'",
        "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT a || b FROM t'",
        "CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'app')",
        "ALTER ROLE app PASSWORD NULL",
        "UPDATE users SET password = 'x'",
        "CREATE INDEX i ON a (b, c) WHERE lower(d) = 'x'",
        "ALTER TABLE a DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (b > 0)",
        "",
    ],
)
def test_similar_statements_are_not_reported(sql: str) -> None:
    assert _codes(sql) == []


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("CREATE ROLE app LOGIN PASSWORD 'hunter2'", "postgresql"),
        ("ALTER USER app WITH ENCRYPTED PASSWORD 'hunter2'", "postgresql"),
        ("CREATE SUBSCRIPTION s CONNECTION 'host=a password=hunter2' PUBLICATION p", "postgresql"),
        ("CREATE USER app IDENTIFIED BY 'hunter2'", "mariadb"),
        ("SET PASSWORD FOR app = 'hunter2'", "mysql"),
        ("GRANT SELECT ON a.* TO app IDENTIFIED BY 'hunter2'", "mariadb"),
    ],
)
def test_a_password_is_found_and_not_shown(sql: str, kind: str) -> None:
    verdicts = [Verdict(RecordedStatement(sql, 1), (), ())]
    (found,) = statement_rule_findings(verdicts, kind, revision="a1", path=None)
    assert found.code == "LM702"
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("sql", "codes"),
    [
        ("CREATE TABLE s.t (id bigint PRIMARY KEY, a text, b timestamptz, c jsonb)", set()),
        ("CREATE TABLE s.t (id int CONSTRAINT p PRIMARY KEY)", {"LM801"}),
        ("CREATE TABLE s.t (id bigint, PRIMARY KEY (id), a numeric(10, 2))", set()),
        ("CREATE TABLE s.t (id bigint PRIMARY KEY, a character varying(5))", {"LM802"}),
        ("CREATE TABLE s.t (id bigint PRIMARY KEY, a character varying)", set()),
        ("CREATE TABLE s.t (id bigint PRIMARY KEY, a char)", {"LM802"}),
        ("CREATE TABLE s.t (id bigint PRIMARY KEY, a timestamp(3) NOT NULL)", {"LM803"}),
        ("CREATE TABLE s.t (id bigint PRIMARY KEY, a timestamp(3) with time zone)", set()),
        ("CREATE TABLE s.t (id smallserial PRIMARY KEY)", {"LM801", "LM804"}),
        ("CREATE TABLE s.t (LIKE s.u)", set()),
        ("CREATE TABLE s.t (x int) INHERITS (s.u)", {"LM801"}),
        ("CREATE TABLE s.t PARTITION OF s.u DEFAULT", set()),
        ("ALTER TABLE s.t ALTER COLUMN a TYPE integer, ADD COLUMN b json", {"LM801", "LM805"}),
        ("ALTER TABLE s.t ADD COLUMN b bigint REFERENCES s.u", {"LM807"}),
        ("ALTER TABLE s.t ADD COLUMN b bigint CONSTRAINT f REFERENCES s.u", set()),
        ("ALTER TABLE s.t ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES s.u", set()),
        ("ALTER TABLE t ADD COLUMN b bigint", {"LM808"}),
        ("ALTER TYPE s.e ADD VALUE 'x' BEFORE 'y'", set()),
        ("ALTER TYPE s.e ADD VALUE 'x'", {"LM809"}),
    ],
)
def test_style_is_switched_on(sql: str, codes: set[str]) -> None:
    assert set(_codes(sql, enabled=frozenset(STYLE))) & STYLE == codes
    assert not set(_codes(sql)) & STYLE


def test_names_of_optional_rules() -> None:
    assert optional_codes(["prefer-bigint", "LM806"]) == {"LM801", "LM806"}
    assert optional_codes(["style"]) == STYLE
    for name in ("LM301", "no-such-rule"):
        with pytest.raises(InvalidValueError, match="not an optional rule"):
            optional_codes([name])
