"""Find the models and the database of an application, for `init`, without importing it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from limbeck.project.dotenv import read_dotenv

_VARIABLES = (
    "DATABASE_URL",
    "SQLALCHEMY_DATABASE_URL",
    "SQLALCHEMY_DATABASE_URI",
    "SQLALCHEMY_URL",
    "DB_URL",
)
_SKIPPED = frozenset(
    {"__pycache__", "build", "dist", "docs", "env", "node_modules", "site-packages", "venv"}
    | {"migrations", "alembic", "tests", "test"}
)
_DEPTH = 4
_FILES = 2000
_LARGEST = 500_000
_CLASS = re.compile(
    r"^class\s+(\w+)\s*\([^)]*\b(?:DeclarativeBase(?:NoMeta)?|MappedAsDataclass)\b", re.MULTILINE
)
_FACTORY = re.compile(r"^(\w+)(?:\s*:[^=\n]+)?\s*=\s*[\w.]*declarative_base\(", re.MULTILINE)
_FLASK = re.compile(r"^(\w+)(?:\s*:[^=\n]+)?\s*=\s*[\w.]*SQLAlchemy\(", re.MULTILINE)
_METADATA = re.compile(r"^(\w+)(?:\s*:[^=\n]+)?\s*=\s*(?:\w+\.)?MetaData\(", re.MULTILINE)
_SQLMODEL = re.compile(r"^class\s+\w+\s*\([^)]*\btable\s*=\s*True", re.MULTILINE)
_TABLE = re.compile(r"^\s+__tablename__\b", re.MULTILINE)
_CORE_TABLE = re.compile(r"^\w+\s*=\s*(?:\w+\.)?Table\(", re.MULTILINE)
_SETTING = re.compile(
    r"^\s*(?:"
    + "|".join(_VARIABLES)
    + r")(?:\s*:[^=\n]+)?\s*=\s*[\"']([a-z+_0-9]+://[^\"'\n]*)[\"']",
    re.MULTILINE | re.IGNORECASE,
)
_READ = re.compile(r"[\"'](" + "|".join(_VARIABLES) + r")[\"']")
_SECRET = re.compile(r"://[^/@]*:[^/@]*@")


@dataclass(frozen=True, slots=True)
class FoundUrl:
    """The database of an application.

    Attributes:
        value: the value for the configuration, `${NAME}` for an environment variable.
        origin: where it was found, None if it was not found.
    """

    value: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    module: str
    text: str
    path: Path


def find_models(folder: Path) -> tuple[str, ...]:
    """Return the metadata of an application as `module:path.to.metadata`, best match first.

    Args:
        folder: the application's folder; packages are searched there and in `src`.
    """
    sources = list(_sources(folder))
    found: list[tuple[int, str]] = []
    for source in sources:
        for name in (*_CLASS.findall(source.text), *_FACTORY.findall(source.text)):
            found += _modules_with_models(source, name, f"{name}.metadata", sources)
        for name in _FLASK.findall(source.text):
            found += _modules_with_models(source, name, f"{name}.metadata", sources)
        for name in _METADATA.findall(source.text):
            weight = len(_CORE_TABLE.findall(source.text))
            found += [(weight, f"{source.module}:{name}")] if weight else []
        if tables := len(_SQLMODEL.findall(source.text)):
            found.append((tables, f"{source.module}:SQLModel.metadata"))
    ranked = sorted(found, key=lambda one: (-one[0], one[1]))
    return tuple(dict.fromkeys(name for _, name in ranked))


def _modules_with_models(
    source: _Source, name: str, path: str, sources: Sequence[_Source]
) -> Iterator[tuple[int, str]]:
    """Yield the modules with models of a base, including the module of the base."""
    tables = len(_TABLE.findall(source.text)) or len(_subclasses(name, source.text))
    yield tables, f"{source.module}:{path}"
    last = re.escape(source.module.rpartition(".")[2])
    imported = re.compile(rf"^\s*from\s+[\w.]*{last}\s+import\b[^#\n]*\b{name}\b", re.MULTILINE)
    for other in sources:
        if other is not source and imported.search(other.text):
            count = len(_TABLE.findall(other.text)) or len(_subclasses(name, other.text))
            if count:
                yield count + tables, f"{other.module}:{path}"


def _subclasses(name: str, text: str) -> list[str]:
    return re.findall(rf"^class\s+(\w+)\s*\(\s*{name}\b", text, re.MULTILINE)


def find_url(folder: Path, environ: Mapping[str, str] = os.environ) -> FoundUrl:
    """Return the database URL of an application, as the configuration should contain it.

    The search covers the environment, `.env`, and assignments in settings and other modules. A
    URL with a password is not copied; the name of its variable is returned instead.

    Args:
        folder: the application's folder.
        environ: the environment variables.
    """
    for name in _VARIABLES:
        if environ.get(name):
            return FoundUrl(f"${{{name}}}", "the environment")
    known = read_dotenv(folder / ".env")
    for name in _VARIABLES:
        if known.get(name):
            return FoundUrl(f"${{{name}}}", ".env")
    sources = sorted(
        _sources(folder), key=lambda one: ("settings" not in one.path.name, one.module)
    )
    for source in sources:
        match = _SETTING.search(source.text)
        if match is not None and not _SECRET.search(match[1]):
            return FoundUrl(match[1], os.path.relpath(source.path, folder))
    for source in sources:
        match = _READ.search(source.text)
        if match is not None:
            return FoundUrl(f"${{{match[1]}}}", os.path.relpath(source.path, folder))
    return FoundUrl("${DATABASE_URL}")


def _sources(folder: Path) -> Iterator[_Source]:
    """Yield the application's modules with their text."""
    number = 0
    for root in (folder, folder / "src"):
        if not root.is_dir():
            continue
        for path in _python_files(root, skip_src=root == folder):
            number += 1
            if number > _FILES:
                return
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if module and all(part.isidentifier() for part in module.split(".")):
                yield _Source(module, text, path)


def _python_files(root: Path, *, skip_src: bool) -> Iterator[Path]:
    for current, folders, files in os.walk(root):
        here = Path(current)
        depth = len(here.relative_to(root).parts)
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED
            and not name.startswith(".")
            and not (skip_src and depth == 0 and name == "src")
            and not (here / name / "pyvenv.cfg").exists()
            and depth < _DEPTH
        )
        for name in sorted(files):
            path = here / name
            if name.endswith(".py") and path.stat().st_size < _LARGEST:
                yield path
