"""The recipes of safe forms, and how --fix writes them."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from limbeck.dialects import SafeStep, find
from limbeck.lint import Finding, apply_safe_forms
from limbeck.lint.safe_forms import code_of

FORM = 'with op.get_context().autocommit_block():\n    op.execute("X")'


@pytest.mark.parametrize(
    ("statement", "steps"),
    [
        (
            "CREATE UNIQUE INDEX i ON t (a)",
            [("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", True)],
        ),
        ("CREATE INDEX CONCURRENTLY i ON t (a)", []),
        (
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES o",
            [
                ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES o NOT VALID", False),
                ("ALTER TABLE t VALIDATE CONSTRAINT f", True),
            ],
        ),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID", []),
        (
            'ALTER TABLE s."T" ADD CONSTRAINT u UNIQUE (a, b)',
            [
                ('CREATE UNIQUE INDEX CONCURRENTLY u ON s."T" (a, b)', True),
                ('ALTER TABLE s."T" ADD CONSTRAINT u UNIQUE USING INDEX u', False),
            ],
        ),
        (
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
            [
                (
                    "ALTER TABLE t ADD CONSTRAINT t_a_not_null CHECK (a IS NOT NULL) NOT VALID",
                    False,
                ),
                ("ALTER TABLE t VALIDATE CONSTRAINT t_a_not_null", True),
                ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", False),
                ("ALTER TABLE t DROP CONSTRAINT t_a_not_null", False),
            ],
        ),
        ("ALTER TABLE t ADD COLUMN a integer", []),
    ],
)
def test_the_steps_of_a_statement(statement: str, steps: list[tuple[str, bool]]) -> None:
    assert [(one.sql, one.outside) for one in _steps(statement, "postgresql")] == steps
    assert _steps(statement, "sqlite") == []


def _steps(statement: str, name: str) -> list[SafeStep]:
    measurement = find(name).measurement
    assert measurement is not None
    assert measurement.safe_steps is not None
    return list(measurement.safe_steps(statement, lambda _query: []))


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        # values that are not in the text
        ("postgresql", "UPDATE t SET a = %(a)s"),
        ("sqlite", "UPDATE t SET a = ?"),
        ("mariadb", "UPDATE t SET a = %s WHERE b = 1"),
        # more than one table, or a part of the rows
        ("postgresql", "UPDATE t SET a = o.a FROM o WHERE o.id = t.id"),
        ("mariadb", "UPDATE t SET a = 1 LIMIT 5"),
        ("mariadb", "UPDATE t JOIN o ON o.id = t.id SET a = 1"),
        # more than a default
        ("postgresql", "ALTER TABLE t ADD COLUMN a uuid DEFAULT f() REFERENCES o"),
        ("postgresql", "ALTER TABLE t ADD COLUMN a uuid DEFAULT f(), ADD COLUMN b integer"),
        ("mariadb", "ALTER TABLE t ADD COLUMN a int DEFAULT (rand()) UNIQUE"),
        ("mariadb", "ALTER TABLE t ADD COLUMN a int DEFAULT 5"),
        ("mariadb", "ALTER TABLE t MODIFY a enum('x', 'y')"),
        ("sqlite", "ALTER TABLE t ADD COLUMN a POINT DEFAULT (f())"),
    ],
)
def test_no_recipe_fits(name: str, statement: str) -> None:
    assert _steps(statement, name) == []


def test_the_code_that_needs_sqlalchemy_is_written_where_it_is_imported() -> None:
    form = 'with op.batch_alter_table("t") as b:\n    b.add_column(sa.Column("a", sa.Integer))'
    findings = [
        Finding("LM402", "warning", "", "x.py", line, "a1", "ALTER TABLE", safe_form=form)
        for line in (2, 3)
    ]
    source = "def upgrade():\n    op.execute('ALTER TABLE t ADD COLUMN a INTEGER DEFAULT (1)')\n"
    assert apply_safe_forms(source, findings) == (source, 0)
    text, number = apply_safe_forms(f"import sqlalchemy as sa\n{source}", findings)
    assert number == 1
    assert "        b.add_column" in text


def test_a_long_statement_has_several_lines() -> None:
    columns = ", ".join(f"column_{number}" for number in range(20))
    code = code_of([SafeStep(f"CREATE INDEX CONCURRENTLY i ON t ({columns})", outside=True)])
    assert max(map(len, code.splitlines())) < 100
    found: list[str] = []
    operations = SimpleNamespace(
        execute=found.append,
        get_context=lambda: SimpleNamespace(autocommit_block=nullcontext),
    )
    exec(code, {"op": operations})
    assert found == [f"CREATE INDEX CONCURRENTLY i ON t ({columns})"]


def _finding(line: int) -> Finding:
    return Finding("LM101", "warning", "", "x.py", line, "a1", "CREATE INDEX", safe_form=FORM)


def test_a_call_of_several_lines_is_replaced() -> None:
    source = "def upgrade():\n    op.create_index(\n        'i', 't', ['a']\n    )\n    pass\n"
    wanted = [
        "def upgrade():",
        "    with op.get_context().autocommit_block():",
        '        op.execute("X")',
        "    pass",
        "",
    ]
    assert apply_safe_forms(source, [_finding(2)]) == ("\n".join(wanted), 1)


@pytest.mark.parametrize(
    "source",
    [
        "def upgrade():\n    for name in 'ab':\n        op.create_index(name, 't', [name])\n",
        "def upgrade():\n    if True:\n\n        op.create_index('i', 't', ['a'])\n",
        "def make():\n    pass\n    op.create_index('i', 't', ['a'])\n",
        "def upgrade():\n    pass; \\\n    op.create_index('i', 't', ['a'])\n",
    ],
)
def test_a_call_inside_a_condition_is_not_changed(source: str) -> None:
    assert apply_safe_forms(source, [_finding(3)]) == (source, 0)
