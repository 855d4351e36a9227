"""Write op.pyi, context.pyi and operations/methods.pyi from the declarations in the source.

A directive is declared once, as a class method of its operation; the decorators
`@Operations.register_operation` and `@BatchOperations.register_operation` name it.

Run this script after changing a signature; `--check` only reports whether the files are up to
date.
"""

from __future__ import annotations

import ast
import copy
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "src" / "limbeck"
HEAD = '"""Written by scripts/make_stubs.py; do not edit."""\n\n'
QUIET = "# ruff: noqa: PYI021{more} - editors show these docstrings"
BASE = "operations/operations.py"
OPERATIONS = (
    "operations/tables.py",
    "operations/columns.py",
    "operations/constraints.py",
    "operations/create_constraints.py",
    "operations/indexes.py",
    "operations/rows.py",
    "operations/backfill.py",
    "operations/reference_rows.py",
    "operations/schema_level.py",
    "operations/extensions.py",
    # registered when PostgreSQL is first used
    "dialects/postgresql/exclude_constraint.py",
)
CONTEXT = "environment/environment.py"


def op_stub() -> str:
    """Return the text of op.pyi: what `op` offers as functions of a module."""
    base = _tree(BASE)
    trees = [base, *map(_tree, OPERATIONS)]
    functions = [
        *_functions(_methods(_class(base, "AbstractOperations")), skipped=1),
        *_functions(_directives(trees, "Operations"), skipped=2),
    ]
    imports = [
        "from limbeck.operations.operations import BatchOperations, Tables",
        *_imports(trees),
        *(ast.unparse(node) for node in base.body if _is_type_variable(node)),
    ]
    names = "tables: Tables"
    head = [HEAD + QUIET.format(more=""), "\n".join(imports), names]
    return "\n\n".join([*head, *functions]) + "\n"


def context_stub() -> str:
    """Return the text of context.pyi."""
    tree = _tree(CONTEXT)
    functions = _functions(_methods(_class(tree, "Environment")), skipped=1)
    head = HEAD + QUIET.format(more=", S107")
    imports = "\n".join(_imports([tree]))
    return "\n\n".join([head, imports, "config: Any\nscript: Any", *functions]) + "\n"


def methods_stub() -> str:
    """Return the text of operations/methods.pyi: the directives as methods, for type checkers."""
    trees = [*map(_tree, OPERATIONS)]
    parts = [HEAD + QUIET.format(more=""), "\n".join(_imports(trees))]
    for owner in ("Operations", "BatchOperations"):
        name = owner.removesuffix("s") + "Methods"
        functions = _functions(_directives(trees, owner), skipped=2, owner="self")
        doc = f'"""The directives of `{owner}`."""'
        body = "\n\n".join([doc, *functions]).replace("\n", "\n    ")
        parts.append(f"class {name}:\n    {body}")
    return "\n\n".join(parts) + "\n"


def _tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"))


def _class(tree: ast.Module, name: str) -> ast.ClassDef:
    return next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)


def _imports(trees: Iterable[ast.Module]) -> list[str]:
    """Return the imports of modules and the aliases they define for type checkers."""
    found = []
    left_out = {"__future__", "limbeck.operations"}
    for tree in trees:
        for node in ast.walk(tree):
            inside_functions = getattr(node, "col_offset", 0) > 4  # noqa: PLR2004
            if inside_functions:
                continue
            module = node.module if isinstance(node, ast.ImportFrom) else None
            if isinstance(node, (ast.Import, ast.ImportFrom)) and module not in left_out:
                found.append(ast.unparse(node))
    return [*found, "from limbeck.operations.columns import AnyType, ServerDefault"]


def _is_type_variable(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and "TypeVar(" in ast.unparse(node)


def _methods(owner: ast.ClassDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in owner.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, node


def _directives(trees: Iterable[ast.Module], owner: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Return name and declaration of each directive that is registered on a class."""
    for tree in trees:
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            declared = dict(_methods(node))
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and ast.unparse(call.func) == (
                    f"{owner}.register_operation"
                ):
                    name, *source = (ast.literal_eval(argument) for argument in call.args)
                    yield name, declared[source[0] if source else name]


def _functions(
    found: Iterable[tuple[str, ast.FunctionDef]], *, skipped: int, owner: str | None = None
) -> Iterator[str]:
    """Return declarations as the text of a stub.

    Args:
        found: names and declarations.
        skipped: how many leading parameters are left out.
        owner: a parameter that takes their place.
    """
    overloaded: set[str] = set()
    for name, declared in found:
        decorators = {ast.unparse(d) for d in declared.decorator_list}
        if "property" in decorators or (name in overloaded and "overload" not in decorators):
            continue
        if "overload" in decorators:
            overloaded.add(name)
        node = copy.deepcopy(declared)
        node.name = name
        node.args.args = [*([ast.arg(owner)] if owner else []), *node.args.args[skipped:]]
        for group in (node.args.defaults, node.args.kw_defaults):
            group[:] = [d if d is None or _is_plain(d) else ast.Constant(...) for d in group]
        node.decorator_list = [
            d for d in node.decorator_list if ast.unparse(d) in {"contextmanager", "overload"}
        ]
        text = ast.get_docstring(node)
        node.body = [ast.Expr(ast.Constant(_indented(text) if text else ...))]
        yield ast.unparse(ast.fix_missing_locations(node))


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, (ast.Constant, ast.Tuple))


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ") + ("\n    " if "\n" in text else "")


def _formatted(text: str) -> str:
    for arguments in (
        (
            *("check", "--isolated", "--select", "F401,I001", "--fix", "--quiet"),
            *("--config", "lint.isort.split-on-trailing-comma=false"),
            *("--config", "line-length=100"),
        ),
        ("format", "--config", str(ROOT.parent.parent / "pyproject.toml")),
    ):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", "stub.pyi", "-"]
        ran = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True)
        text = ran.stdout or text
    return text


def main() -> int:
    """Write or check the stubs."""
    stale = []
    stubs = {
        "op.pyi": op_stub(),
        "context.pyi": context_stub(),
        "operations/methods.pyi": methods_stub(),
    }
    for name, source in stubs.items():
        path = ROOT / name
        text = _formatted(source)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run scripts/make_stubs.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
