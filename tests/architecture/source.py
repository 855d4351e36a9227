"""The package's source as syntax trees, for the tests of its structure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
PACKAGE = SOURCE / "limbeck"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "text", "startup"),
    ("sql", "history", "catalog", "diff"),
    ("operations", "sqlalchemy_io", "render", "dialects"),
    (
        "project",
        "runtime",
        "environment",
        "autogenerate",
        "data_loss",
        "scratch",
        "lint",
        "verification",
        "snapshots",
        "planning",
    ),
    ("commands", "fleet", "report", "cli", "compat", "api", "mcp", "testing"),
)
ENTRY_POINTS = ("__init__", "__main__", "op", "context", "declare", "aio", "pytest_plugin")
PACKAGES = {
    package: (layer, place)
    for layer, packages in enumerate(LAYERS)
    for place, package in enumerate(packages)
}


# `startup` collects code that is written for speed; each part has the place of what it speeds up
STARTUP = {
    "fast_arguments": "cli",
    "fast_template": "project",
    "gc_tuning": "cli",
    "header_cache": "project",
    "lazy_imports": "cli",
}


def area_of(name: str) -> str:
    """Return the package whose place among the layers a dotted module name has."""
    parts = name.split(".")
    if parts[1:2] == ["startup"] and len(parts) > 2:
        return STARTUP.get(parts[2], "startup")
    return parts[1] if len(parts) > 1 else "__init__"


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    path: Path

    @property
    def name(self) -> str:
        """Its dotted name."""
        parts = self.path.relative_to(SOURCE).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def area(self) -> str:
        """The package or module directly in limbeck that it belongs to."""
        parts = self.path.relative_to(PACKAGE).with_suffix("").parts
        return area_of(".".join(("limbeck", *parts))) if parts[0] == "startup" else parts[0]

    @cached_property
    def text(self) -> str:
        """Its text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, str(self.path))

    @property
    def package(self) -> list[str]:
        """The package against which its relative imports count."""
        parts = self.name.split(".")
        return parts if self.path.name == "__init__.py" else parts[:-1]

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every module of limbeck that is imported anywhere in the file, with the line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.split(".")[0] == "limbeck":
                        yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                if base.split(".")[0] == "limbeck":
                    for alias in node.names:
                        yield self._target(base, alias.name), node.lineno

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parent = self.package[: len(self.package) - node.level + 1]
        return ".".join([*parent, *([node.module] if node.module else [])])

    def _target(self, base: str, name: str) -> str:
        inner = SOURCE.joinpath(*base.split("."), name)
        is_module = inner.with_suffix(".py").exists() or (inner / "__init__.py").exists()
        return f"{base}.{name}" if is_module else base


def modules() -> list[Module]:
    """Every Python file of the package except the templates given to users."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [Module(path) for path in files if "templates" not in path.parts]


MODULES = modules()
