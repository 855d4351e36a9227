"""Models and databases that `init` finds, and `.env`."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.project.discovery import find_models, find_url
from limbeck.project.dotenv import read_dotenv

BASE = "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase):\n    pass\n"
TABLE = "class {0}(Base):\n    __tablename__ = '{0}'\n"


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, None),
        ({"app/models.py": BASE + TABLE.format("A")}, "app.models:Base.metadata"),
        ({"src/app/models.py": BASE + TABLE.format("A")}, "app.models:Base.metadata"),
        # the module with the models counts, not the one with the base alone
        ({"app/db.py": BASE, "app/models.py": "from .db import Base\n" + TABLE.format("A")},
         "app.models:Base.metadata"),
        ({"m.py": "Base = declarative_base()\n" + TABLE.format("A")}, "m:Base.metadata"),
        ({"m.py": "db = SQLAlchemy()\nclass A(db.Model):\n    pass\n"}, "m:db.metadata"),
        ({"m.py": "metadata = sa.MetaData()\nt = sa.Table('t', metadata)\n"}, "m:metadata"),
        ({"m.py": "class A(SQLModel, table=True):\n    id: int\n"}, "m:SQLModel.metadata"),
        ({".venv/lib/m.py": BASE, "tests/m.py": BASE, "venv/m.py": BASE}, None),
        ({"a.py": BASE, "b.py": BASE + TABLE.format("A") + TABLE.format("B")}, "b:Base.metadata"),
    ],
)  # fmt: skip
def test_models(files: dict[str, str], wanted: str | None, tmp_path: Path) -> None:
    _write(tmp_path, files)
    assert next(iter(find_models(tmp_path)), None) == wanted


@pytest.mark.parametrize(
    ("files", "environ", "wanted"),
    [
        ({}, {}, "${DATABASE_URL}"),
        ({}, {"DB_URL": "sqlite://"}, "${DB_URL}"),
        ({".env": "SQLALCHEMY_DATABASE_URI=sqlite://"}, {}, "${SQLALCHEMY_DATABASE_URI}"),
        ({"app/settings.py": "DATABASE_URL = 'sqlite:///a.db'\n"}, {}, "sqlite:///a.db"),
        # a password is not copied
        ({"app/settings.py": "DATABASE_URL = 'postgresql://u:secret@h/d'\n"}, {}, "${DATABASE_URL}"),
        ({"app/db.py": "url = os.environ['DB_URL']\n"}, {}, "${DB_URL}"),
    ],
)  # fmt: skip
def test_databases(
    files: dict[str, str], environ: dict[str, str], wanted: str, tmp_path: Path
) -> None:
    _write(tmp_path, files)
    assert find_url(tmp_path, environ).value == wanted


def test_lines_of_a_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A", raising=False)
    (tmp_path / ".env").write_text(
        "# comment\nexport A=1 # one\nB = 'x # $y ${A}'\nC=\"a\\nb ${A}\"\nD=${A}/${NOT_SET_HERE}\n"
        "no assignment\nE=\n"
    )
    assert read_dotenv(tmp_path / ".env") == {
        "A": "1", "B": "x # $y ${A}", "C": "a\nb 1", "D": "1/${NOT_SET_HERE}", "E": "",
    }  # fmt: skip
    assert read_dotenv(tmp_path / "absent") == {}
