"""Take the screenshots of the documentation: a session at a terminal, and the report of a plan.

    python scripts/take_screenshots.py

The commands run on SQLite in a temporary folder, at a pseudo-terminal; rich draws what they
print as docs/_static/terminal-*.svg. Chromium and playwright draw docs/_static/plan-*.png.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).parents[1] / "docs" / "_static"
COLUMNS = 96
_SPINNER = re.compile(r"(?:\x1b\[[0-9;?]*[A-Za-z])*[\u2800-\u28ff] ")
LONGEST = 60  # seconds without output
_PROJECT = """[tool.limbeck]
script_location = "migrations"
url = "sqlite:///shop.sqlite"
metadata = "shop:Base.metadata"
"""
_MODELS = """from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    {name}: Mapped[str] = mapped_column(String(100)){more}
"""
_MORE = """
    country: Mapped[str | None] = mapped_column(String(2))


class Order(Base):
    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
"""
_UNIQUE = '''"""unique names"""

from limbeck import op

revision = "a004"
down_revision = "a003"


def upgrade() -> None:
    with op.batch_alter_table("customer") as batch:
        batch.create_unique_constraint("uq_customer_name", ["full_name"])


def downgrade() -> None:
    with op.batch_alter_table("customer") as batch:
        batch.drop_constraint("uq_customer_name", type_="unique")
'''
_ROWS = "INSERT INTO customer (id, full_name) VALUES (1, 'Ada'), (2, 'Ada'), (3, 'Alan')"


class Session:
    """Commands in one folder, at a pseudo-terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str) -> str:
        """Run a command and return what it writes to the terminal."""
        own, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment.pop("NO_COLOR", None)
        started = subprocess.Popen(
            [sys.executable, "-m", "limbeck", *words],
            cwd=self.folder, stdin=its, stdout=its, stderr=its, env=environment,
        )  # fmt: skip
        os.close(its)
        parts = []
        while True:
            if not select.select([own], [], [], LONGEST)[0]:
                started.kill()
                sys.exit(f"limbeck {' '.join(words)} waits for an answer")
            try:
                part = os.read(own, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            parts.append(part)
        started.wait()
        os.close(own)
        return shown(b"".join(parts).decode("utf-8", "replace"), self.folder)

    def draw(self, name: str, *commands: tuple[str, ...]) -> None:
        """Run commands and write an image of the terminal."""
        import io

        console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
        for number, words in enumerate(commands):
            line = " ".join(f'"{word}"' if " " in word else word for word in words)
            console.print(Text.assemble(("$ ", "bold green"), (f"limbeck {line}", "bold")))
            console.print(Text.from_ansi(self.run(*words)))
            if number + 1 < len(commands):
                console.print()
        svg = console.export_svg(title="limbeck", unique_id=name)
        # no font is loaded from elsewhere
        svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
        (FOLDER / f"terminal-{name}.svg").write_text(svg, "utf-8")


def shown(text: str, folder: Path) -> str:
    """Return what is left on the screen: without lines that were written over, and the folder."""
    text = text.replace("\r\n", "\n").replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "")
    lines = [re.split(r"\r|\x1b\[2K|\x1b\[K", line)[-1] for line in text.split("\n")]
    left = "\n".join(line for line in lines if not _SPINNER.match(line))
    return re.sub(r"\x1b\[[0-9;?]*[A-HJKSTfhln]", "", left).rstrip("\n")


def write_images(page: Path, name: str) -> None:
    """Write images of an HTML file, light and dark."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no Chromium is installed")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            tab = browser.new_context(
                viewport={"width": 1000, "height": 900}, color_scheme=scheme
            ).new_page()
            tab.goto(page.as_uri())
            tab.screenshot(path=FOLDER / f"{name}-{scheme}.png")
        browser.close()


def main() -> None:
    """Take all screenshots."""
    import sqlite3

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        folder.mkdir()
        (folder / "pyproject.toml").write_text(_PROJECT, "utf-8")
        models = folder / "shop.py"
        models.write_text(_MODELS.format(name="name", more=""), "utf-8")
        session = Session(folder)
        session.run("init", "-t", "declared", "migrations")
        first = ("revision", "--autogenerate", "-m", "customers", "--rev-id", "a001")
        session.draw("first", first, ("upgrade",), ("status",))
        models.write_text(_MODELS.format(name="full_name", more=_MORE), "utf-8")
        rename = ("--rename", "customer.name=customer.full_name")
        second = ("revision", "--autogenerate", "-m", "orders", "--rev-id", "a002", *rename)
        session.draw("rename", second, ("upgrade",), ("history", "--graph"))
        session.run("revision", "-m", "nothing", "--rev-id", "a003")
        (folder / "migrations" / "versions" / "a004_unique.py").write_text(_UNIQUE, "utf-8")
        with sqlite3.connect(folder / "shop.sqlite") as connection:
            connection.execute(_ROWS)
        connection.close()
        session.draw("plan", ("plan",))
        session.draw("failure", ("upgrade", "--yes"))
        session.run("plan", "--html", "plan.html")
        write_images(folder / "plan.html", "plan")


if __name__ == "__main__":
    main()
