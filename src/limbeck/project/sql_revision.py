"""Run a revision written in SQL.

The statements of a part are compiled to a Python function with the line numbers of the SQL file,
so that tracebacks, failure reports and lint findings refer to the statement.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

from limbeck import history
from limbeck.errors import BrokenFileError

_MARKER = re.compile(r"^[ \t]*--[ \t]*limbeck:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_COMMENTS = re.compile(r"/\*.*?\*/|^[ \t]*(?:--|#).*?$", re.DOTALL | re.MULTILINE)
_PARTS = ("upgrade", "downgrade")
_NO_TRANSACTION = "no-transaction"
# SQLAlchemy reads `:name` in text as a parameter; a SQL revision has no parameters
_COLON = re.compile(r":(?=[\w$])")


class _Part:
    """One part of a SQL revision.

    Args:
        text: its statements, preceded by line breaks so that line numbers are those of the file.
        in_transaction: whether it runs in the transaction of the migration.
    """

    def __init__(self, text: str, *, in_transaction: bool) -> None:
        self.text = text
        self.in_transaction = in_transaction


def load_sql_module(path: str, name: str) -> ModuleType:
    """Return a SQL revision as a module with a function for each part.

    Args:
        path: the file.
        name: the name of the module.

    Raises:
        BrokenFileError: the file cannot be read, a marker in it is unknown or repeated, or a
            statement in it is in no part.
    """
    try:
        text = history.decode_source(Path(path).read_bytes(), path)
    except OSError as error:
        raise BrokenFileError(
            f"{path} cannot be read: {error.strerror or error}",
            hint="Restore the file or make it readable.",
            place=path,
        ) from None
    module = ModuleType(name)
    module.__file__ = path
    for function, part in _split(text, path).items():
        setattr(module, function, _runner(part, function, path))
    return module


def _runner(part: _Part, name: str, path: str) -> Callable[..., None]:
    def run(**_arguments: Any) -> None:
        from limbeck.dialects import find
        from limbeck.operations import current_operations

        operations: Any = current_operations()
        context = operations.migration_context
        rules = find(context.dialect.name).capabilities.quoting
        function = _compile(part.text, name, path, rules)
        with nullcontext() if part.in_transaction else context.autocommit_block():
            function(operations.execute)

    run.__name__ = run.__qualname__ = name
    return run


def render_sql_revision(revision: history.Revision) -> str:
    """Return the text of a new SQL revision with empty parts."""
    settings = [("revision", revision.id), ("down_revision", ", ".join(revision.down))]
    if revision.labels:
        settings.append(("branch_labels", ", ".join(sorted(revision.labels))))
    if revision.depends_on:
        settings.append(("depends_on", ", ".join(revision.depends_on)))
    if revision.kind != "schema":
        settings.append(("kind", revision.kind))
    if revision.phase:
        settings.append(("phase", revision.phase))
    header = [*(revision.long_doc.splitlines() or [""]), ""]
    header += [f"{name}: {value}" for name, value in settings]
    lines = [f"-- {line}".rstrip() for line in header]
    return "\n".join([*lines, "", "-- limbeck: upgrade", "", "-- limbeck: downgrade", ""])


def split_parts(text: str, path: Path | str) -> dict[str, str]:
    """Return the parts of a SQL revision by name: `upgrade`, `downgrade`.

    Each part is preceded by line breaks so that its line numbers are those of the file.

    Raises:
        BrokenFileError: a marker is unknown or repeated, or a statement is in no part.
    """
    return {name: part.text for name, part in _split(text, path).items()}


def _split(text: str, path: Path | str) -> dict[str, _Part]:
    parts: dict[str, _Part] = {}
    markers = list(_MARKER.finditer(text))
    _expect_no_statement(text[: markers[0].start()] if markers else text, path)
    if not markers:
        raise _broken_marker(path, 1, "the file has no part `-- limbeck: upgrade`")
    ends = [marker.start() for marker in markers[1:]] + [len(text)]
    for marker, end in zip(markers, ends, strict=True):
        name, _, option = marker[1].partition(" ")
        option = option.strip()
        line = text.count("\n", 0, marker.start()) + 1
        if name not in _PARTS or option not in {"", _NO_TRANSACTION}:
            raise _broken_marker(path, line, f"`{marker[0].strip()}` is not known")
        if name in parts:
            raise _broken_marker(path, line, f"the {name} part is given twice")
        body = "\n" * (text.count("\n", 0, marker.end())) + text[marker.end() : end]
        parts[name] = _Part(body, in_transaction=option != _NO_TRANSACTION)
    return parts


def _expect_no_statement(head: str, path: Path | str) -> None:
    """Raise an error if there is more than comments before the first part."""
    rest = _COMMENTS.sub(lambda found: "\n" * found[0].count("\n"), head)
    if rest.strip():
        line = rest[: len(rest) - len(rest.lstrip())].count("\n") + 1
        raise _broken_marker(path, line, "the statement belongs to no part")


def _broken_marker(path: Path | str, line: int, words: str) -> BrokenFileError:
    return BrokenFileError(
        f"{path}:{line}: {words}",
        hint="Write `-- limbeck: upgrade` and `-- limbeck: downgrade` once each; "
        f"`{_NO_TRANSACTION}` after the name runs the part outside the transaction.",
        place=f"{path}:{line}",
    )


def _compile(text: str, name: str, path: str, rules: Any) -> Callable[[Callable[..., Any]], None]:
    """Return a function that calls its argument with each statement of a part."""
    from limbeck.sql import split_script

    calls: list[ast.stmt] = []
    for statement in split_script(text, rules):
        literal = ast.Constant(_COLON.sub(r"\\:", statement.text))
        call = ast.Call(ast.Name("execute", ast.Load()), [literal], [])
        calls.append(_at(ast.Expr(call), statement.line))
    function = ast.FunctionDef(
        name=name,
        args=ast.arguments([], [ast.arg("execute")], None, [], [], None, []),
        body=calls or [ast.Pass()],
        decorator_list=[],
    )
    module = ast.Module([ast.fix_missing_locations(function)], [])
    names: dict[str, Any] = {}
    exec(compile(module, path, "exec", dont_inherit=True), names)  # noqa: S102 - made above
    made: Callable[[Callable[..., Any]], None] = names[name]
    return made


def _at(node: ast.Expr, line: int) -> ast.Expr:
    for part in ast.walk(node):
        if isinstance(part, (ast.expr, ast.stmt)):
            part.lineno = part.end_lineno = line
            part.col_offset = part.end_col_offset = 0
    return node
