"""Write op.pyi and context.pyi from the classes that the two modules speak for.

Run it after changing a signature; `--check` only tells whether the files are up to date.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "src" / "limbeck"
HEAD = (
    '"""Written by scripts/make_stubs.py; do not edit."""\n\n'
    "# ruff: noqa: PYI021 - editors show these docstrings"
)
# postgresql puts create_exclude_constraint on Operations when it is first used
OP = (
    ("operations/abstract.py", "AbstractOperations", "limbeck.operations.abstract"),
    ("operations/operations.py", "Operations", "limbeck.operations.operations"),
    ("dialects/postgresql/exclude_constraint.py", "CreateExcludeConstraintOp", "limbeck.dialects"),
)
CONTEXT = (("environment/environment.py", "Environment", "limbeck.environment.environment"),)
WANTED_OF_OPERATIONS = {"CreateExcludeConstraintOp": {"create_exclude_constraint"}}
ATTRIBUTES = {
    "op": "",
    "context": "config: Any\nscript: Any",
}
HIDDEN = {"context"}


def stub(name: str, sources: tuple[tuple[str, str, str], ...]) -> str:
    """Return the text of a stub."""
    # a class of the same file as one of the sources is not imported by it
    imports = ["from limbeck.operations.abstract import BatchOperations"] if name == "op" else []
    functions: list[str] = []
    for file, class_name, _module in sources:
        path = ROOT / file
        if not path.exists():
            continue
        tree = ast.parse(path.read_text("utf-8"))
        imports += (line for line in _imports(tree) if "limbeck.operations import" not in line)
        wanted = WANTED_OF_OPERATIONS.get(class_name)
        functions += _functions(_class(tree, class_name), wanted)
    # type variables after the imports
    imports = sorted(dict.fromkeys(imports), key=lambda line: "TypeVar(" in line)
    head = HEAD.replace("PYI021 -", "PYI021, S107 -") if name == "context" else HEAD
    parts = [head, "\n".join(imports), ATTRIBUTES[name], *functions]
    return "\n\n".join(part for part in parts if part) + "\n"


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                continue
            if node.col_offset <= 4:  # noqa: PLR2004 - none inside functions
                yield ast.unparse(node)
        elif (
            isinstance(node, (ast.Assign, ast.AnnAssign))
            and node.col_offset == 0
            and "TypeVar" in ast.unparse(node)
        ):
            yield ast.unparse(node)


def _class(tree: ast.Module, name: str) -> ast.ClassDef:
    return next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)


def _functions(owner: ast.ClassDef, wanted: set[str] | None) -> Iterator[str]:
    overloaded: set[str] = set()
    for node in owner.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if node.name in HIDDEN or (wanted is not None and node.name not in wanted):
            continue
        decorators = {ast.unparse(d) for d in node.decorator_list}
        if "property" in decorators:
            continue
        skipped = 2 if wanted is not None else 1
        node.args.args = node.args.args[skipped:]
        for group in (node.args.defaults, node.args.kw_defaults):
            group[:] = [d if d is None or _is_plain(d) else ast.Constant(...) for d in group]
        node.decorator_list = [
            d for d in node.decorator_list if ast.unparse(d) in {"contextmanager", "overload"}
        ]
        text = ast.get_docstring(node)
        if node.name in overloaded and "overload" not in decorators:
            continue
        overloaded |= {node.name} if "overload" in decorators else set()
        node.body = [ast.Expr(ast.Constant(_indented(text) if text else ...))]
        yield ast.unparse(ast.fix_missing_locations(node))


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, (ast.Constant, ast.Tuple))


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ") + ("\n    " if "\n" in text else "")


def _formatted(text: str) -> str:
    for arguments in (
        ("check", "--isolated", "--select", "F401,I001", "--fix", "--quiet"),
        ("format", "--config", str(ROOT.parent.parent / "pyproject.toml")),
    ):
        command = ["ruff", *arguments, "--stdin-filename", "stub.pyi", "-"]
        ran = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        text = ran.stdout or text
    return text


def main() -> int:
    """Write or check both stubs."""
    stale = []
    for name, sources in (("op", OP), ("context", CONTEXT)):
        path = ROOT / f"{name}.pyi"
        text = _formatted(stub(name, sources))
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(path.name)
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run scripts/make_stubs.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
