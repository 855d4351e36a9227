"""What the rules about the text of a statement say of the servers, to be measured on them.

One fact per line: `rule | databases | statements before | statement | probe | before | after`. The
probe runs before and after the statement, each time in a session of its own; the last columns are
its first value, `done` where it returns none, and `error` where the server refuses it. Statements
are separated by `;;`. `N` is a name of 70 letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TEXT = """
LM117 | postgresql | CREATE TABLE t (v varchar(10)) ;; INSERT INTO t SELECT 'x' FROM generate_series(1, 100) ;; ANALYZE t | ALTER TABLE t ALTER COLUMN v TYPE varchar(20) | SELECT count(*) FROM pg_stats WHERE tablename = 't' | 1 | 0
LM117 | postgresql | CREATE TABLE t (v text) ;; INSERT INTO t SELECT 'x' FROM generate_series(1, 100) ;; CREATE INDEX i ON t (lower(v)) | ANALYZE t | SELECT count(*) FROM pg_stats WHERE tablename = 'i' | 0 | 1
LM119 | postgresql mariadb mysql | CREATE TABLE t (v int) ;; CREATE UNIQUE INDEX i ON t (v) ;; INSERT INTO t VALUES (1) | ALTER TABLE t ADD COLUMN x int | INSERT INTO t (v) VALUES (1) | error | error
LM119 | postgresql sqlite | CREATE TABLE t (v int) ;; CREATE UNIQUE INDEX i ON t (v) ;; INSERT INTO t VALUES (1) | DROP INDEX i | INSERT INTO t VALUES (1) | error | done
LM119 | mariadb mysql | CREATE TABLE t (v int) ;; CREATE UNIQUE INDEX i ON t (v) ;; INSERT INTO t VALUES (1) | DROP INDEX i ON t | INSERT INTO t VALUES (1) | error | done
LM310 | postgresql mariadb mysql | CREATE TABLE t (v int, CONSTRAINT c CHECK (v > 0)) | ALTER TABLE t DROP CONSTRAINT c | INSERT INTO t VALUES (-1) | error | done
LM310 | postgresql | CREATE TABLE t (v int NOT NULL) | ALTER TABLE t ALTER COLUMN v DROP NOT NULL | INSERT INTO t VALUES (NULL) | error | done
LM310 | mariadb mysql | CREATE TABLE p (id int PRIMARY KEY) ;; CREATE TABLE t (v int, CONSTRAINT f FOREIGN KEY (v) REFERENCES p (id)) | ALTER TABLE t DROP FOREIGN KEY f | INSERT INTO t VALUES (5) | error | done
LM311 | postgresql | CREATE TABLE t (v int) ;; INSERT INTO t VALUES (-1) | ALTER TABLE t ADD CONSTRAINT c CHECK (v > 0) NOT VALID | SELECT convalidated FROM pg_constraint WHERE conname = 'c' | done | False
LM311 | postgresql | CREATE TABLE t (v int) ;; INSERT INTO t VALUES (-1) | ALTER TABLE t ADD CONSTRAINT c CHECK (v > 0) NOT VALID | SELECT count(*) FROM t WHERE v <= 0 | 1 | 1
LM408 | postgresql | | CREATE TABLE t (N int) | SELECT max(length(attname)) FROM pg_attribute WHERE attrelid = 't'::regclass | error | 63
LM408 | mariadb mysql | CREATE TABLE t (v int) | ALTER TABLE t ADD COLUMN N int | SELECT count(*) FROM information_schema.columns WHERE table_schema = DATABASE() | 1 | refused
LM409 | mariadb mysql | CREATE TABLE p (id int PRIMARY KEY) | CREATE TABLE t (p int REFERENCES p (id)) | SELECT count(*) FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE() | 0 | 1
LM506 | postgresql | CREATE TABLE t (v int PRIMARY KEY) ;; INSERT INTO t VALUES (1) ;; CREATE PUBLICATION limbeck_fact FOR TABLE t | ALTER TABLE t REPLICA IDENTITY NOTHING | UPDATE t SET v = 2 | done | error
LM701 | postgresql | CREATE TABLE secret (v text) ;; INSERT INTO secret VALUES ('true') ;; CREATE SCHEMA evil ;; CREATE TABLE evil.secret (v text) ;; INSERT INTO evil.secret VALUES ('false') | CREATE FUNCTION f() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT v FROM secret' | SET search_path = evil, public; SELECT public.f() | error | false
LM701 | postgresql | CREATE TABLE secret (v text) ;; INSERT INTO secret VALUES ('true') ;; CREATE SCHEMA evil ;; CREATE TABLE evil.secret (v text) ;; INSERT INTO evil.secret VALUES ('false') | CREATE FUNCTION f() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT v FROM secret' | SET search_path = evil, public; SELECT public.f() | error | true
LM703 | postgresql | CREATE TABLE t (v int) ;; INSERT INTO t VALUES (1) ;; ALTER TABLE t ENABLE ROW LEVEL SECURITY ;; GRANT SELECT ON t TO pg_signal_backend ;; GRANT USAGE ON SCHEMA public TO pg_signal_backend | ALTER TABLE t DISABLE ROW LEVEL SECURITY | SET ROLE pg_signal_backend; SELECT count(*) FROM t | 0 | 1
LM703 | postgresql | CREATE TABLE t (v int) ;; GRANT USAGE ON SCHEMA public TO pg_signal_backend | GRANT SELECT ON t TO PUBLIC | SET ROLE pg_signal_backend; SELECT count(*) FROM t | error | 0
LM704 | postgresql | CREATE TABLE t (v text) ;; INSERT INTO t VALUES ('x') | CREATE FUNCTION f(x text) RETURNS integer LANGUAGE plpgsql AS $$ DECLARE n integer; BEGIN EXECUTE 'SELECT count(*) FROM t WHERE v = ''' || x || '''' INTO n; RETURN n; END $$ | SELECT f('a'' OR true --') | error | 1
LM704 | postgresql | CREATE TABLE t (v text) ;; INSERT INTO t VALUES ('x') | CREATE FUNCTION f(x text) RETURNS integer LANGUAGE plpgsql AS $$ DECLARE n integer; BEGIN EXECUTE 'SELECT count(*) FROM t WHERE v = $1' INTO n USING x; RETURN n; END $$ | SELECT f('a'' OR true --') | error | 0
LM801 | postgresql | CREATE TABLE t (v integer) | ALTER TABLE t ALTER COLUMN v TYPE bigint | INSERT INTO t VALUES (2147483648) | error | done
LM801 | mariadb mysql | CREATE TABLE t (v int) | ALTER TABLE t MODIFY v bigint | INSERT INTO t VALUES (2147483648) | error | done
LM802 | postgresql | CREATE TABLE t (v varchar(3)) | ALTER TABLE t ALTER COLUMN v TYPE text | INSERT INTO t VALUES ('abcd') | error | done
LM803 | postgresql | CREATE TABLE t (v timestamp) | INSERT INTO t VALUES ('2024-01-01 12:00+02') | SELECT v::text FROM t | done | 2024-01-01 12:00:00
LM804 | postgresql | CREATE TABLE t (id serial, v int) ;; GRANT INSERT ON t TO pg_signal_backend ;; GRANT USAGE ON SCHEMA public TO pg_signal_backend | ALTER TABLE t ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (START 100) | SET ROLE pg_signal_backend; INSERT INTO t (v) VALUES (1) | error | done
LM805 | postgresql | CREATE TABLE t (v json) | ALTER TABLE t ALTER COLUMN v TYPE jsonb | SELECT DISTINCT v FROM t | error | done
LM806 | postgresql | CREATE TABLE t (v int) ;; INSERT INTO t VALUES (1) ;; CREATE PUBLICATION limbeck_fact FOR TABLE t | ALTER TABLE t ADD PRIMARY KEY (v) | UPDATE t SET v = 2 | error | done
LM807 | postgresql | CREATE TABLE t (v int) | ALTER TABLE t ADD CHECK (v > 0) | SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass | done | t_v_check
LM807 | mariadb | CREATE TABLE t (v int) | ALTER TABLE t ADD CHECK (v > 0) | SELECT constraint_name FROM information_schema.table_constraints WHERE table_schema = DATABASE() | done | CONSTRAINT_1
LM807 | mysql | CREATE TABLE t (v int) | ALTER TABLE t ADD CHECK (v > 0) | SELECT constraint_name FROM information_schema.table_constraints WHERE table_schema = DATABASE() | done | t_chk_1
LM808 | postgresql | CREATE SCHEMA other | SET search_path = other ;; CREATE TABLE t (v int) | SELECT schemaname FROM pg_tables WHERE tablename = 't' | done | other
LM809 | postgresql | CREATE TYPE level AS ENUM ('low', 'high') | ALTER TYPE level ADD VALUE 'mid' | SELECT 'mid'::level > 'high'::level | error | True
"""


@dataclass(frozen=True)
class Fact:
    """What a statement changes for a probe.

    Args:
        code: the rule.
        kind: the database.
        setup: statements that run before.
        statements: what the rule is about.
        probe: statements whose last one gives the answer.
        before: the answer before the statement.
        after: the answer after it; "refused" where the statement itself fails.
    """

    code: str
    kind: str
    setup: tuple[str, ...]
    statements: tuple[str, ...]
    probe: tuple[str, ...]
    before: str
    after: str


def _facts() -> list[Fact]:
    found = []
    for line in TEXT.strip().splitlines():
        filled = re.sub(r"\bN\b", "n" * 70, line)
        code, kinds, setup, statement, probe, before, after = (
            part.strip() for part in re.split(r" \|(?= )", filled)
        )
        for kind in kinds.split():
            found.append(
                Fact(
                    code,
                    kind,
                    tuple(one.strip() for one in setup.split(";;") if one.strip()),
                    tuple(one.strip() for one in statement.split(";;")),
                    tuple(one.strip() for one in probe.split("; ")),
                    before,
                    after,
                )
            )
    return found


FACTS = _facts()
