"""What `init` asks a person who gave it no folder: style, folder, models, database."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from limbeck.project.discovery import FoundUrl
from limbeck.report import clean

NATIVE, ALEMBIC = "native", "alembic"
_NAMED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_URL = re.compile(r"\$\{\w+\}|[a-z0-9_]+(?:\+\w+)?://.*|.*\$\{\w+\}.*")


@dataclass(frozen=True, slots=True)
class InitAnswers:
    """What a person wants.

    Attributes:
        style: `native` or `alembic`.
        directory: the folder to make.
        metadata: the models, None where they are not known yet.
        url: the database.
    """

    style: str
    directory: str
    metadata: str | None = None
    url: str | None = None


def ask_init(models: Sequence[str], url: FoundUrl) -> InitAnswers:
    """Ask what to set up; an empty answer takes what stands in brackets.

    Args:
        models: where models were found, best first.
        url: the database that was found.
    """
    _write(
        "native:  pyproject.toml names models and database, no env.py\n"
        "alembic: env.py and alembic.ini, as in projects of Alembic\n"
    )
    style = _ask("Style", NATIVE, _style)
    folder = _ask("Folder", "migrations" if style == NATIVE else "alembic", _folder)
    if style == ALEMBIC:
        return InitAnswers(ALEMBIC, folder)
    for name in models[1:5]:
        _write(f"  also found: {name}\n")
    metadata = _ask("Models, as module:Base.metadata", models[0] if models else "", _models)
    origin = f" (from {url.origin})" if url.origin else ""
    address = _ask(f"Database{origin}", url.value, _url)
    return InitAnswers(NATIVE, folder, metadata or None, address)


def _ask(question: str, default: str, wrong: Callable[[str], str | None]) -> str:
    while True:
        _write(f"{question} [{default}]: " if default else f"{question}: ")
        line = sys.stdin.readline()
        answer = line.strip() or default
        for style in (NATIVE, ALEMBIC):
            if question == "Style" and answer and style.startswith(answer.lower()):
                answer = style
        problem = wrong(answer)
        if problem is None or not line:
            return answer
        _write(f"  {problem}\n")


def _style(answer: str) -> str | None:
    return None if answer in {NATIVE, ALEMBIC} else f"Answer {NATIVE} or {ALEMBIC}."


def _folder(answer: str) -> str | None:
    path = Path(answer)
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        return f"{answer} exists and is not empty: name another folder."
    return None


def _models(answer: str) -> str | None:
    if not answer or _NAMED.fullmatch(answer):
        return None
    return "Write the module, a colon, and what leads to the MetaData: shop.models:Base.metadata"


def _url(answer: str) -> str | None:
    if _URL.fullmatch(answer):
        return None
    return "Write a URL such as postgresql+psycopg://user@host/name, or a variable: ${DATABASE_URL}"


def _write(text: str) -> None:
    sys.stderr.write(clean(text))
    sys.stderr.flush()
