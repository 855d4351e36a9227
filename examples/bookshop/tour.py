"""Walk a small application through the whole how-to, printing every command and its output.

The application is copied into a new folder (the first argument, else a temporary one), so
that nothing here changes. Set BOOKSHOP_DATABASE to walk on another database than SQLite.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ONLINE = """
from bookshop.database import engine


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


NEXT = """\
# What to try next
The project stays in {place}
  cd {place}
  export PYTHONPATH=.
  {limbeck} history --graph
  {limbeck} upgrade head --sql
  {limbeck} downgrade base
Change bookshop/models.py, then
  {limbeck} revision --autogenerate -m "my change"
  {limbeck} upgrade head
Done."""


class Tour:
    """The folder in which the tour takes place, and how to act there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(folder)}

    def say(self, words: str) -> None:
        """Print what comes next."""
        print(f"\n# {words}", flush=True)

    def limbeck(self, *arguments: str) -> None:
        """Run the command as a user would."""
        shown = " ".join(f'"{word}"' if " " in word else word for word in arguments)
        print(f"$ limbeck {shown}", flush=True)
        self._run("-m", "limbeck", *arguments)

    def application(self, verb: str) -> None:
        """Let the application write or read its rows."""
        print(f"$ python -m bookshop.sell {verb}", flush=True)
        self._run("-m", "bookshop.sell", verb)

    def revisions(self) -> list[Path]:
        """Return the revision files, the oldest first."""
        versions = self.folder / "alembic" / "versions"
        return sorted(versions.glob("*.py"), key=lambda path: path.stat().st_mtime)

    def models(self, version: int) -> None:
        """Give the application another version of its models."""
        source = HERE / "versions_of_models" / f"{version}.py"
        shutil.copy(source, self.folder / "bookshop" / "models.py")

    def plug_in(self) -> None:
        """Put the application's Base and engine into env.py, as the how-to says."""
        path = self.folder / "alembic" / "env.py"
        text = path.read_text(encoding="utf-8")
        start, end = (
            text.index("def run_migrations_online"),
            text.index("if context.is_offline_mode"),
        )
        text = text[:start].rstrip() + "\n\n" + ONLINE.lstrip() + text[end:]
        mark = "target_metadata = None"
        plugged = "from bookshop.models import Base\n\ntarget_metadata = Base.metadata"
        path.write_text(text.replace(mark, plugged), encoding="utf-8")

    def _run(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=self.environment, check=True
        )


def walk(tour: Tour) -> None:
    """Go from the first revision to a renamed column and back."""
    tour.say("Initialise, and plug in the application's Base and engine")
    tour.limbeck("init", "alembic")
    tour.plug_in()

    tour.say("The first migration, from the models")
    tour.models(1)
    tour.limbeck("revision", "--autogenerate", "-m", "migration_init")
    tour.limbeck("upgrade", "head")
    tour.application("fill")
    tour.application("show")

    tour.say("The models grow: a year and a language for books, and reviews")
    tour.models(2)
    tour.limbeck("revision", "--autogenerate", "-m", "books have a year, reviews")
    tour.limbeck("upgrade", "head")
    tour.limbeck("check")

    tour.say("A column gets a better name; its rows come along")
    tour.models(3)
    rename = "author.name=author.full_name"
    tour.limbeck("revision", "--autogenerate", "-m", "full name", "--rename", rename)
    tour.limbeck("upgrade", "head")
    tour.application("show")

    tour.say("Look around")
    tour.limbeck("history")
    tour.limbeck("current")
    tour.limbeck("heads")
    tour.limbeck("branches")

    tour.say("Go back one step; the rows are under the old name again")
    tour.limbeck("downgrade", "-1")
    tour.application("show")
    tour.limbeck("current")

    tour.say("And forward again; models and database agree")
    tour.limbeck("upgrade", "head")
    tour.limbeck("check")


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="limbeck-try-"))
    shutil.copytree(HERE / "bookshop", place / "bookshop", dirs_exist_ok=True)
    tour = Tour(place)
    walk(tour)
    tour.say("What was written")
    for path in tour.revisions():
        print(f"  {path.relative_to(place)}")
    print(f"\n{tour.revisions()[-1].read_text(encoding='utf-8')}")
    print(NEXT.format(place=place, limbeck=f"{sys.executable} -m limbeck"))
