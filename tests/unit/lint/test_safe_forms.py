"""The recipes of safe forms, and how --fix writes them."""

from __future__ import annotations

import pytest

from limbeck.dialects import safe_statements
from limbeck.lint import Finding, apply_safe_forms

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
    found = safe_statements(statement, "postgresql")
    assert [(one.sql, one.outside) for one in found] == steps
    assert safe_statements(statement, "sqlite") == ()


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
def test_a_call_that_may_run_otherwise_stays(source: str) -> None:
    assert apply_safe_forms(source, [_finding(3)]) == (source, 0)
