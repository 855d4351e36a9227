"""Which revision files run the same statements for every tenant."""

from __future__ import annotations

import pytest

from limbeck.fleet.fixed_program import is_fixed

FILE = '''"""text"""

import datetime
import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from shop import models

revision = "r1"
down_revision: str | None = None
{above}

def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    op.drop_table(anything())
'''


def _is_fixed(upgrade: str, above: str = "") -> bool:
    return is_fixed(FILE.format(upgrade=upgrade, above=above).encode())


@pytest.mark.parametrize(
    "upgrade",
    [
        "pass",
        'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))',
        'op.add_column("t", sa.Column("n", sa.Numeric(10, 2), server_default=sa.text("-1")))',
        'op.create_index(op.f("i"), "t", ["a", sa.text("lower(b)")], unique=True)',
        'op.add_column("t", sa.Column("d", postgresql.JSONB(), info={"a": (1, -2)}))',
        'op.add_column("t", sa.Column("at", sa.DateTime, server_default=sa.func.now()))',
    ],
)
def test_constants_are_fixed(upgrade: str) -> None:
    assert _is_fixed(upgrade)


@pytest.mark.parametrize(
    "upgrade",
    [
        'op.create_table(context.get_tenant().id, sa.Column("id", sa.Integer))',
        'op.create_table("t", sa.Column("id", models.Key))',
        'op.execute(f"CREATE TABLE {context.get_tenant().id} (id INT)")',
        'op.create_table(f"t{datetime.date.today()}")',
        "op.get_bind().exec_driver_sql('CREATE TABLE t (id INT)')",
        'context.execute("CREATE TABLE t (id INT)")',
        'for name in ("a", "b"): op.drop_table(name)',
        'if op.get_context().as_sql: op.drop_table("t")',
        "name = 1",
        'op.create_table("t", *columns())',
        'op.create_table("t", op.get_bind())',
    ],
)
def test_what_may_depend_on_the_tenant_is_not_fixed(upgrade: str) -> None:
    assert not _is_fixed(upgrade)


@pytest.mark.parametrize(
    "above",
    [
        "sa.Integer = 1",
        "op = None",
        "op = anything()",
        "print(1)",
        "class op: pass",
        "limit = len('ab')",
    ],
)
def test_files_with_other_statements_are_not_fixed(above: str) -> None:
    assert not _is_fixed("pass", above)


def test_files_without_upgrade_and_broken_files_are_not_fixed() -> None:
    assert not is_fixed(b"import sqlalchemy as sa\n")
    assert not is_fixed(b"def upgrade(:\n")
    assert not is_fixed(b"def op(): pass\ndef upgrade():\n    op.drop_table('t')\n")
    assert not is_fixed(b"from .own import op\ndef upgrade():\n    op.drop_table('t')\n")
