"""Commands that only read create no SQLite file, in projects without env.py."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.dialects import find
from tests.cli.test_declared import CONFIGURATION, MODELS, run

REVISION = """\
\"\"\"books\"\"\"

from limbeck import op

revision, down_revision = "a1", None


def upgrade():
    op.execute("CREATE TABLE book (id INTEGER)")
"""


def test_commands_that_read_answer_as_for_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "models.py").write_text(MODELS, "utf-8")
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    (tmp_path / "migrations" / "versions" / "a1.py").write_text(REVISION, "utf-8")
    outputs = {
        ("current",): "at base",
        ("status",): "Pending: 1 (a1)",
        ("history", "-i"): "<base> -> a1 (head), books",
        ("check",): "not up to date",
        ("plan",): "upgrade from base to head",
    }
    for words, expected in outputs.items():
        done = run(tmp_path, *words)
        assert expected in done.stdout + done.stderr
        assert not (tmp_path / "shop.sqlite").exists(), words
    assert run(tmp_path, "upgrade").returncode == 0
    assert (tmp_path / "shop.sqlite").exists()
    assert "a1 (head)" in run(tmp_path, "current").stdout


@pytest.mark.parametrize(
    ("url", "is_created"),
    [
        ("sqlite:///x.db", False),
        ("sqlite+pysqlite:///./x.db?timeout=3", False),
        ("sqlite:///file:x.db?uri=true", False),
        ("sqlite:///file:x.db?mode=rwc&uri=true", True),
    ],
)
def test_a_connection_creates_no_file(
    url: str, is_created: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    live = find("sqlite").live
    assert live is not None
    assert live.create_no_file is not None
    live.create_no_file(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM sqlite_master")
    assert [path.name for path in tmp_path.iterdir()] == (["x.db"] if is_created else [])
    if not is_created:
        with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
        with engine.connect() as connection:  # the file exists now
            assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0


def test_an_absent_folder_is_an_error(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/nothing/x.db", poolclass=sa.NullPool)
    live = find("sqlite").live
    assert live is not None
    assert live.create_no_file is not None
    live.create_no_file(engine)
    with pytest.raises(sa.exc.OperationalError, match="unable to open"):
        engine.connect()
