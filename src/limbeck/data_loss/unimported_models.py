"""Find modules that define tables but were not imported, for drafts that drop tables."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from limbeck.project import Project

MAX_FILES = 3000
MAX_SIZE = 512 * 1024  # bytes; larger files are unlikely to be models
_NOT_LOOKED_AT = frozenset({"node_modules", "site-packages", "build", "dist"})
_TABLE = re.compile(
    r"""__tablename__ \s* (?: : [^=\n]+ )? = \s* ["'](?P<named>\w+)["']
    | \b Table \( \s* ["'](?P<core>\w+)["']
    | ^ [ \t]* class \s+ (?P<model>\w+) \( [^)]* \b table \s* = \s* True""",
    re.VERBOSE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class UnimportedTable:
    """A table that is defined in a file that was not imported.

    Attributes:
        table: the name of the table.
        path: the file, relative to the current directory if the file is in it.
        line: the line of the definition.
    """

    table: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.table} ({self.path}, line {self.line})"


def find_unimported_models(
    project: Project, tables: Collection[str] | None = None
) -> tuple[UnimportedTable, ...]:
    """Return the definitions of tables in Python files of the project that were not imported.

    The text of the files is searched; nothing is imported. At most `MAX_FILES` files are read.

    Args:
        project: the project; its directories and those it adds to `sys.path` are searched.
        tables: the names to look for; None for all.
    """
    imported = {
        os.path.realpath(file)
        for module in list(sys.modules.values())
        if (file := getattr(module, "__file__", None))
    }
    tables_found: list[UnimportedTable] = []
    for path in _files(project):
        if os.path.realpath(path) in imported:
            continue
        try:
            if os.path.getsize(path) > MAX_SIZE:  # noqa: PTH202 - thousands of files
                continue
            with open(path, encoding="utf-8", errors="replace") as opened:  # noqa: PTH123 - as above
                text = opened.read()
        except OSError:
            continue
        for match in _TABLE.finditer(text):
            name = match["named"] or match["core"] or match["model"].lower()
            if tables is None or name in tables:
                line = text.count("\n", 0, match.start()) + 1
                tables_found.append(UnimportedTable(name, _relative_path(path), line))
    return tuple(tables_found)


def _files(project: Project) -> Iterator[str]:
    """Yield the Python files in the directories of the project, each once."""
    listed = None if project.config is None else project.config.get_prepend_sys_paths_list()
    roots = dict.fromkeys(map(os.path.abspath, [*(listed or ()), os.curdir]))
    own = set(map(os.path.abspath, (project.root, *project.folders)))
    number = 0
    seen: set[str] = set()
    for root in roots:
        for folder, below, names in os.walk(root):
            below[:] = sorted(
                one for one in below if not one.startswith((".", "_")) and one not in _NOT_LOOKED_AT
            )
            if folder in seen or folder in own or "pyvenv.cfg" in names:
                below.clear()
                continue
            seen.add(folder)
            for name in sorted(names):
                if name.endswith(".py"):
                    number += 1
                    if number > MAX_FILES:
                        return
                    yield os.path.join(folder, name)  # noqa: PTH118 - text


def _relative_path(path: str) -> str:
    near = os.path.relpath(path)
    return path if near.startswith(os.pardir) else near
