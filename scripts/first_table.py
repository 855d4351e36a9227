"""Replay the first minutes of a new user: from existing models to the first migrated table.

    python3 scripts/first_table.py

It runs three commands in a new folder that has models and a `.env`, and prints each with its
output and the time that it took. It fails if a command fails or the table is missing.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
"""
COMMANDS = (
    ("init", "--style", "native"),
    ("revision", "--autogenerate", "-m", "first tables"),
    ("upgrade",),
)


def main() -> int:
    """Run the commands and return the exit code."""
    with tempfile.TemporaryDirectory(prefix="limbeck-first-") as name:
        folder = Path(name)
        (folder / "models.py").write_text(MODELS)
        (folder / ".env").write_text("DATABASE_URL=sqlite:///app.db\n")
        total = 0.0
        for words in COMMANDS:
            print("$ limbeck", *words, flush=True)
            began = time.monotonic()
            done = subprocess.run(
                [sys.executable, "-m", "limbeck", *words], cwd=folder, check=False
            )
            seconds = time.monotonic() - began
            total += seconds
            print(f"  ({seconds:.1f} s)", flush=True)
            if done.returncode:
                return done.returncode
        with closing(sqlite3.connect(folder / "app.db")) as database:
            row = database.execute("SELECT name FROM sqlite_master WHERE name = 'book'").fetchone()
    if row is None:
        print("The table book is missing.")
        return 1
    print(f"{len(COMMANDS)} commands, {total:.1f} s: the table book is there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
