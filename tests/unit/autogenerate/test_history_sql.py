"""`history_script`: the statements of a history, where its operations contain all of it."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path

import pytest

from limbeck.autogenerate import history_script
from limbeck.autogenerate.history_sql import MOST_REVISIONS
from limbeck.environment import MigrationContext
from limbeck.errors import DraftError
from limbeck.operations import Operations
from limbeck.project import Project

_TABLE = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))'


def _script(folder: Path, *upgrades: str) -> str:
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    for number, body in enumerate(upgrades, 1):
        down = repr(f"r{number - 1}") if number > 1 else None
        text = (
            "import sqlalchemy as sa\nfrom limbeck import op\n"
            f"revision = 'r{number}'\ndown_revision = {down}\n"
            f"def upgrade():\n{textwrap.indent(body, '    ')}\n"
            "def downgrade():\n    pass\n"
        )
        (versions / f"r{number}.py").write_text(text)
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": io.StringIO()}
    )
    with Operations.context(context):
        return history_script(Project(folder / "migrations"), context, ["heads"])


def test_all_statements_of_all_revisions_are_written(tmp_path: Path) -> None:
    written = _script(
        tmp_path,
        _TABLE,
        'op.add_column("t", sa.Column("name", sa.String(20)))\n'
        'op.create_index("ix_name", "t", ["name"])',
    )
    first, second, third = (one.strip() for one in written.split(";") if one.strip())
    assert first.startswith("CREATE TABLE t (")
    assert second == "ALTER TABLE t ADD COLUMN name VARCHAR(20)"
    assert third == "CREATE INDEX ix_name ON t (name)"


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("CREATE ROLE somebody")',
        'op.get_bind().execute(sa.text("SELECT 1"))',
        'op.bulk_insert(sa.table("t", sa.column("id")), [{"id": 1}])',
        'with op.batch_alter_table("t") as batch:\n    batch.execute("SELECT 1")',
        'sa.inspect(op.get_bind()).has_table("t")',
        "1 / 0",
    ],
)
def test_a_history_that_runs_other_code_is_refused(body: str, tmp_path: Path) -> None:
    with pytest.raises(DraftError, match="cannot be written as SQL"):
        _script(tmp_path, _TABLE, body)


def test_a_long_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DraftError, match=f"more than {MOST_REVISIONS} revisions"):
        _script(tmp_path, *["pass"] * (MOST_REVISIONS + 1))
