"""Which tables revision files are sure to create."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from limbeck.commands.existing_tables import created_tables
from limbeck.dialects import find
from limbeck.history import Revision

BODY = "op.create_table('a', sa.Column('id', sa.Integer), schema=None)"


def _created(folder: Path, *bodies: str, dialect: str = "postgresql", head: str = "") -> list[str]:
    revisions = []
    for number, body in enumerate(bodies):
        path = folder / f"r{number}.py"
        text = f"import sqlalchemy as sa\nfrom alembic import op\n{head}\n\ndef upgrade():\n"
        down = "\n\ndef downgrade():\n    op.create_table('below')\n    op.drop_table('a')\n"
        path.write_text(text + textwrap.indent(textwrap.dedent(body).strip(), "    ") + down)
        revisions.append(Revision(f"r{number}", path=path))
    found = created_tables(revisions, dialect, find(dialect).capabilities.quoting)
    return [".".join(filter(None, (one.namespace, one.table))) for one in found]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (BODY, ["a"]),
        ("for name in ('a', 'b'):\n    op.create_table(f't_{name}')", ["t_a", "t_b"]),
        ("op.create_table('a', schema='s')", ["s.a"]),
        ("op.create_table('a', if_not_exists=True)", []),
        ("op.create_table('a', if_not_exists=checks)", []),
        ("op.create_table(name)", []),
        ("op.drop_table('a')\nop.create_table('a')", []),
        ("op.rename_table('a', 'old')\nop.create_table('a')\nop.create_table('b')", ["b"]),
        ("op.move_table('a', 'attic')\nop.create_table('a')", []),
        ("op.drop_table(name)\nop.create_table('a')", []),
        ("op.create_table('a')\nop.drop_table('a')", ["a"]),
        ("if sa.inspect(op.get_bind()).has_table('a'):\n    return\nop.create_table('a')", []),
        ("if checks:\n    return\nop.create_table('a')", []),
        ("if checks:\n    op.create_table('a')\nop.create_table('b')", ["b"]),
        ("if checks:\n    op.drop_table('b')\nop.create_table('b')", []),
        ("try:\n    op.create_table('a')\nexcept Exception:\n    pass", []),
        ("with suppress(Exception):\n    op.create_table('a')", []),
        ("with op.get_context().autocommit_block():\n    op.create_table('a')", ["a"]),
        (
            "with op.batch_alter_table('b') as b:\n    b.drop_column('x')\nop.create_table('a')",
            ["a"],
        ),
        ("checks and op.create_table('a')", []),
        ("helpers.tidy()\nop.create_table('a')", []),
        ("op.create_table('a', helpers.Email(), helpers.stamp())", ["a"]),
        ("tables = helpers.names()\nop.create_table('a')", []),
        ("mine()\nop.create_table('b')", ["a", "b"]),
        ("op.execute(words())\nop.create_table('a')", []),
        ("op.execute(sa.text('INSERT INTO b VALUES (1)'))\nop.create_table('a')", ["a"]),
        ("op.get_bind().execute('DROP TABLE a')\nop.create_table('a')", []),
        ("op.drop_schema('s')\nop.create_table('a', schema='s')", []),
        ("op.drop_legacy()\nop.create_table('a')", []),
        ("metadata.drop_all(op.get_bind())\nop.create_table('a')", []),
        ("sa.Enum('x', name='e').create(op.get_bind())\nop.create_table('a')", ["a"]),
    ],
)
def test_python(tmp_path: Path, body: str, expected: list[str]) -> None:
    head = "\ndef mine():\n    op.create_table('a')\n"
    assert _created(tmp_path, body, head=head) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE a (id integer)", ["a"]),
        (
            "/* why */ -- so\nCREATE TABLE s.a (id integer); CREATE TABLE B (id integer)",
            ["s.a", "b"],
        ),
        ('CREATE TABLE "A b" (id integer)', ["A b"]),
        ("CREATE TABLE IF NOT EXISTS a (id integer)", []),
        ("INSERT INTO notes VALUES ('CREATE TABLE a (id integer)')", []),
        ("-- CREATE TABLE a (id integer)\nSELECT 1", []),
        ("DROP TABLE IF EXISTS a; CREATE TABLE a (id integer)", []),
        ("ALTER TABLE a RENAME TO old; CREATE TABLE a (id integer)", []),
        ("ALTER TABLE a SET SCHEMA attic; CREATE TABLE a (id integer)", []),
        ("ALTER TABLE a OWNER TO x; DROP VIEW v; CREATE TABLE a (id integer)", ["a"]),
        ("DO $$ BEGIN DROP TABLE a; END $$; CREATE TABLE a (id integer)", []),
        ("SELECT tidy(); CREATE TABLE a (id integer)", []),
        ("SET search_path = attic; CREATE TABLE a (id integer)", []),
        ("DROP SCHEMA s CASCADE; CREATE TABLE s.a (id integer)", []),
        ("CREATE UNLOGGED TABLE a (id integer)", []),
    ],
)
def test_sql(tmp_path: Path, sql: str, expected: list[str]) -> None:
    assert _created(tmp_path, f"op.execute({sql!r})") == expected
    path = tmp_path / "r.sql"
    path.write_text(f"-- limbeck: upgrade\n{sql};\n\n-- limbeck: downgrade\nDROP TABLE a;\n")
    rules = find("postgresql").capabilities.quoting
    found = created_tables([Revision("r", path=path)], "postgresql", rules)
    assert [".".join(filter(None, (one.namespace, one.table))) for one in found] == expected


def test_a_table_that_an_earlier_file_removes_is_not_reported(tmp_path: Path) -> None:
    assert _created(tmp_path, "op.drop_table('a')", BODY, "op.create_table('b')") == ["b"]
    assert _created(tmp_path, "op.create_table('b')", "run_it()", BODY) == ["b"]


@pytest.mark.parametrize("text", ["def upgrade(:\n", "\xff", "upgrade = 1\n"])
def test_files_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.py"
    path.write_text(text, "latin-1")
    rules = find("sqlite").capabilities.quoting
    for one in (path, tmp_path / "none.py", None):
        assert created_tables([Revision("r", path=one)], "sqlite", rules) == ()
