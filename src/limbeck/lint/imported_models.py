"""Findings about revision files that import the application's models."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from limbeck.lint.findings import WARNING, Finding
from limbeck.lint.rules import IMPORTED_MODELS, rule_of_code


def imported_models_findings(source: str, *, revision: str, path: str | None) -> list[Finding]:
    """Return a finding for each import of models, at the top of a file or within a function.

    Only modules that are loaded are looked at: env.py has been run, and it imports the models.

    Args:
        source: the text of the revision file.
        revision: the identifier of the revision.
        path: the file.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    rule = rule_of_code(IMPORTED_MODELS)
    assert rule is not None  # noqa: S101 - it is in the table of rules
    return [
        Finding(
            rule.code,
            WARNING,
            rule.summary,
            file=path,
            line=line,
            revision=revision,
            details=(f"imported: {name}",),
        )
        for line, name in _imports(tree)
    ]


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and name of each import of a model, a table, or a module that has some."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _is_model(sys.modules.get(alias.name)):
                    yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            module = sys.modules.get(node.module)
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found = getattr(module, alias.name, None) or sys.modules.get(name)
                if _is_model(module if alias.name == "*" else found) or _is_base(found):
                    yield node.lineno, name


def _is_model(found: object) -> bool:
    """Say whether an object is a mapped class, a table, a MetaData, or a module that has some."""
    import sqlalchemy as sa

    if isinstance(found, ModuleType):
        return _has_models(found)
    if isinstance(found, type):
        return isinstance(vars(found).get("__table__"), sa.Table)
    return isinstance(found, (sa.Table, sa.MetaData))


def _is_base(found: object) -> bool:
    """Return whether an object is the base class of models, whose metadata has all tables."""
    import sqlalchemy as sa

    return isinstance(found, type) and isinstance(vars(found).get("metadata"), sa.MetaData)


@cache
def _has_models(module: ModuleType) -> bool:
    # most revisions import the same modules, which have hundreds of names
    return any(not isinstance(one, ModuleType) and _is_model(one) for one in vars(module).values())
