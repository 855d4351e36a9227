"""The commands of the how-to, exactly as written, with both program names and on every database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.servers import Database

ROOT = Path(__file__).parents[2]
ONLINE = """
from your_project.database import engine

def run_migrations_online():
    connectable = engine
    with connectable.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata
        )
        with context.begin_transaction():
            context.run_migrations()


"""
MODELS = """
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column
from your_project.database import Base


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    {more}


class Address(Base):
    __tablename__ = "address"
    id: Mapped[int] = mapped_column(primary_key=True)
    street: Mapped[str | None] = mapped_column(String(100), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
"""
NEW_FIELD = 'nickname: Mapped[str] = mapped_column(String(50), server_default="")'


@dataclass
class Project:
    """A user's project and the tool they type."""

    folder: Path
    name: str

    def run(self, *arguments: str, code: int = 0) -> str:
        """Type a command; return its stdout."""
        paths = [
            str(self.folder),
            *([str(ROOT / "dropin" / "src")] if self.name == "alembic" else []),
        ]
        done = subprocess.run(
            [sys.executable, "-m", self.name, *arguments],
            cwd=self.folder, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    def models(self, more: str = "") -> None:
        """Write the models, perhaps with one field more."""
        text = MODELS.format(more=more or "pass")
        (self.folder / "your_project" / "models.py").write_text(text)

    def plug_in(self, database: Database) -> None:
        """Write the application and put its engine and Base into env.py."""
        package = self.folder / "your_project"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "database.py").write_text(
            "from sqlalchemy import create_engine\nfrom sqlalchemy.orm import DeclarativeBase\n"
            f"engine = create_engine({database.address!r})\n"
            "class Base(DeclarativeBase):\n    pass\n"
        )
        env = self.folder / "alembic" / "env.py"
        text = env.read_text()
        start, end = text.index("def run_migrations_online"), text.index("if context.is_offline")
        text = text[:start] + ONLINE + text[end:]
        assert "target_metadata = None" in text
        models = "from your_project.models import Base\ntarget_metadata = Base.metadata"
        env.write_text(text.replace("target_metadata = None", models))

    def versions(self) -> list[Path]:
        """The revision files."""
        return sorted((self.folder / "alembic" / "versions").glob("*.py"))

    def revision(self, message: str) -> str:
        """Autogenerate a revision; return its id."""
        before = set(self.versions())
        output = self.run("revision", "--autogenerate", "-m", message)
        (made,) = set(self.versions()) - before
        assert re.search(r"Generating .*\.\.\.\s+done", output)
        slug = re.sub(r"\W+", "_", message.lower())
        found = re.fullmatch(rf"([0-9a-f]{{12}})_{slug}\.py", made.name)
        assert found, made.name
        return found[1]


def _columns(database: Database, table: str) -> list[str]:
    with database.engine() as engine:
        return [column["name"] for column in sa.inspect(engine).get_columns(table)]


@pytest.mark.parametrize("name", ["limbeck", "alembic"])
def test_the_commands_of_the_howto(name: str, database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    project = Project(folder, name)

    project.run("init", "alembic")
    assert {path.name for path in (folder / "alembic").iterdir()} >= {
        "env.py", "script.py.mako", "README", "versions",
    }  # fmt: skip
    assert re.search(
        r"^script_location = .*alembic$", (folder / "alembic.ini").read_text(), re.MULTILINE
    )
    project.plug_in(database)
    project.models()

    first = project.revision("migration_init")
    assert f"from {name} import op" in project.versions()[0].read_text()
    project.run("upgrade", "head")
    assert _columns(database, "user") == ["id", "email"]
    with database.engine() as engine, engine.begin() as connection:
        user = sa.Table("user", sa.MetaData(), autoload_with=engine)
        connection.execute(user.insert(), [{"id": 1, "email": "a@b"}, {"id": 2, "email": "c@d"}])

    project.models(NEW_FIELD)
    assert project.run("check", code=255)
    second = project.revision("nickname")
    project.run("upgrade", "head")
    assert _columns(database, "user") == ["id", "email", "nickname"]
    project.run("check")

    assert project.run("history") == (
        f"{first} -> {second} (head), nickname\n<base> -> {first}, migration_init\n"
    )
    assert project.run("current") == f"{second} (head)\n"
    assert project.run("heads") == f"{second} (head)\n"
    assert project.run("branches") == ""

    project.run("downgrade", "-1")
    assert _columns(database, "user") == ["id", "email"]
    assert project.run("current") == f"{first}\n"
    with database.engine() as engine, engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM address").scalar()
        assert rows == 0
        user = sa.Table("user", sa.MetaData(), autoload_with=engine)
        assert connection.scalar(sa.select(sa.func.count()).select_from(user)) == 2

    project.run("upgrade", "head")
    project.run("downgrade", first)
    assert project.run("current") == f"{first}\n"
    project.run("stamp", second)
    assert project.run("current") == f"{second} (head)\n"
    assert _columns(database, "user") == ["id", "email"]
    project.run("stamp", first)
    project.run("downgrade", "base")
    assert project.run("current") == ""
    with database.engine() as engine:
        left = set(sa.inspect(engine).get_table_names()) - {"limbeck_journal"}
        assert left == {"alembic_version"}
