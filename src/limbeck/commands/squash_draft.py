"""The range of a squash, and the functions of the new revision as Python source."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import dialects

from limbeck.autogenerate import source_between
from limbeck.catalog import Catalog, Table
from limbeck.commands.squash_recording import RecordedRevision
from limbeck.errors import SquashError
from limbeck.history import History, Revision, decode_source
from limbeck.render import lay_out
from limbeck.text import parse_python

_INDENT = " " * 4
_HEADER = {"revision", "down_revision", "branch_labels", "depends_on", "replaces"}


@dataclass(frozen=True, slots=True)
class SquashRange:
    """Revisions that can be replaced by one.

    Attributes:
        revisions: the revisions, each after its ancestors.
        below: the down revisions of the new revision.
        depends_on: its dependencies.
        start: the version rows of a database before it.
    """

    revisions: tuple[Revision, ...]
    below: tuple[str, ...]
    depends_on: tuple[str, ...]
    start: tuple[str, ...]

    @property
    def top(self) -> Revision:
        """The last revision of the range, a descendant of all others."""
        return self.revisions[-1]

    @property
    def replaced(self) -> tuple[str, ...]:
        """The identifiers that the new revision replaces, including those of earlier squashes."""
        return tuple(id_ for one in self.revisions for id_ in (*one.replaces, one.id))


def replaced_by(history: History, text: str) -> str | None:
    """Return the revision that replaces both ends of a range, or None."""
    owners = {} if history.replacements is None else history.replacements.owner
    found = {owners.get(side.strip()) for side in text.split(":")}
    return found.pop() if len(found) == 1 else None


def squash_range(history: History, text: str) -> SquashRange:
    """Return the revisions of a range, both ends included.

    Args:
        history: the history.
        text: `start:end`; the default of the start is the base, that of the end is the head.

    Raises:
        SquashError: the range cannot be replaced by one revision.
    """
    if text.count(":") != 1:
        raise SquashError(
            f"'{text}' is not a range of revisions",
            hint="Write start:end, both included; either side may be empty.",
        )
    lower, upper = (side.strip() or None for side in text.split(":"))
    top = history.one(upper or "head")
    if top is None:
        raise SquashError("There is nothing to squash below base", hint="Name a revision.")
    found = history.range(None if lower == "base" else lower, top.id)
    ids = {one.id for one in found}
    if len(ids) < 2:  # noqa: PLR2004 - a single one cannot be squashed
        raise SquashError(
            f"The range {text} has only one revision", hint="Name two ends, start:end."
        )
    _refuse_open(history, ids, top.id, text)
    below = _tops(history, {one for id_ in ids for one in history.parents(id_)} - ids)
    needed = {one for id_ in ids for one in history.dependencies(id_)} - ids
    depends_on = tuple(sorted(needed - history.ancestors(below)))
    start = _tops(history, {*below, *depends_on})
    if ids & history.ancestors(start):
        raise SquashError(
            f"The range {text} depends on {', '.join(start)}, which depends on a revision in it",
            hint="Choose a range that contains these revisions as well.",
        )
    ordered = tuple(reversed(history.newest_first(ids)))
    return SquashRange(ordered, below, depends_on, start)


def _refuse_open(history: History, ids: set[str], top: str, text: str) -> None:
    """Raise an error for a range with a branch that is not merged inside it.

    Raises:
        SquashError: there is such a branch, or a squash in the range is not finished.
    """
    for id_ in sorted(ids - {top}):
        outside = [above for above in history.above(id_) if above not in ids]
        if outside:
            raise SquashError(
                f"{', '.join(outside)} follows {id_} and is not merged inside the range {text}",
                hint="Merge the branch first (`merge heads`) and include the merge in the range, "
                f"or choose a range that ends at {id_}.",
            )
    unfinished = {} if history.replacements is None else history.replacements.unfinished
    open_ = sorted(ids & unfinished.keys())
    if open_:
        raise SquashError(
            f"{open_[0]} is a squashed revision whose old files still exist",
            hint="Run `squash --finish` first.",
        )


def _tops(history: History, ids: set[str]) -> tuple[str, ...]:
    implied = history.ancestors(one for id_ in ids for one in history.below(id_))
    return history.in_file_order(ids - implied)


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """The body of a function.

    Attributes:
        text: the body, without the indentation of its first line.
        imports: the import lines that its types need.
        names: the names that it uses.
    """

    text: str
    imports: frozenset[str]
    names: frozenset[str]


def function_body(
    before: Catalog,
    after: Catalog,
    recorded: Sequence[RecordedRevision],
    context: Any,
    *,
    function: str,
) -> FunctionSource:
    """Return the body of `upgrade` or `downgrade`.

    The body contains the statements on rows in their order, each after the schema changes that
    it needs.

    Args:
        before: the catalog before the function.
        after: the catalog after it.
        recorded: the recorded revisions, with their statements on rows.
        context: the migration context, for options and dialect.
        function: the name of the function.
    """
    lines: list[str] = []
    imports: set[str] = set()
    current = before

    def go_to(catalog: Catalog) -> None:
        nonlocal current
        texts, needed = source_between(current, catalog, context)
        lines.extend(texts)
        imports.update(needed)
        current = catalog

    for one in recorded:
        if one.opaque:
            go_to(one.before)
            lines.extend(_whole(one, function))
            current = one.after
            continue
        for step in one.steps:
            if not step.source and not _creates_again(current, step.before, after):
                continue
            go_to(step.before)
            if not step.source:
                continue
            lines.append(step.source)
            imports |= step.imports
            current = step.after or current
        if _creates_again(current, one.after, after):
            go_to(one.after)
    go_to(after)
    if not any(line.strip() and not line.lstrip().startswith("#") for line in lines):
        lines.append("pass")
    source = "\n".join(lines)
    names = {node.id for node in ast.walk(parse_python(source)) if isinstance(node, ast.Name)}
    # the statements on rows do not include imports for their types
    imports |= {f"from sqlalchemy.dialects import {name}" for name in names & {*dialects.__all__}}
    if context.opts.get("detect") == "all" and not any(one.opaque for one in recorded):
        text = "\n".join(lay_out(source).lines).removeprefix(_INDENT)
    else:
        text = _indented(lines)
    return FunctionSource(text, frozenset(imports), frozenset(names))


def _creates_again(present: Catalog, between: Catalog, after: Catalog) -> bool:
    """Return whether a table or column is dropped and created again, which loses its values.

    Args:
        present: the catalog that the new function has reached.
        between: the catalog after one of the old revisions.
        after: the catalog after the last of them.
    """
    for table in present.tables:
        last, middle = after.get(table.key), between.get(table.key)
        if not isinstance(last, Table):
            continue
        if not isinstance(middle, Table):
            return True
        lost = {column.name for column in table.columns}
        lost -= {column.name for column in middle.columns}
        if any(column.name in lost for column in last.columns):
            return True
    return False


def _whole(one: RecordedRevision, function: str) -> list[str]:
    """Return a function with the source of a revision, and its call."""
    path = one.revision.path
    name = f"revision_{''.join(c if c.isalnum() else '_' for c in one.revision.id)}"
    if path is None or path.suffix != ".py":
        raise SquashError(
            f"Revision {one.revision.id} has no Python source to copy",
            hint="Choose a range without it, or omit its data steps with --drop-data.",
            code="LB695",
        )
    text = _without_header(decode_source(path.read_bytes(), path))
    is_coroutine = f"async def {function}" in text
    if is_coroutine:
        raise SquashError(
            f"Revision {one.revision.id} is a coroutine, which cannot be copied",
            hint="Choose a range without it, or omit its data steps with --drop-data.",
            place=str(path),
            code="LB695",
        )
    body = _indented_code(text)
    return [f"def {name}() -> None:", *body, f"{_INDENT}{function}()", "", f"{name}()"]


def _without_header(text: str) -> str:
    """Return a file without its docstring, its header, and imports from `__future__`."""
    lines = text.split("\n")
    for number, node in enumerate(ast.parse(text).body):
        is_doc = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if is_doc or is_future or _is_header(node):
            for at in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[at] = ""
    return "\n".join(lines).strip("\n")


def _is_header(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in _HEADER
    return False


def _indented_code(text: str) -> list[str]:
    """Indent lines of Python, except those that begin inside a string."""
    inside: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
        if token.start[0] != token.end[0] and token.type not in {
            tokenize.NEWLINE,
            tokenize.NL,
            tokenize.ENDMARKER,
        }:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    return [
        line if number in inside or not line else f"{_INDENT}{line}"
        for number, line in enumerate(text.split("\n"), start=1)
    ]


def _indented(texts: Iterable[str]) -> str:
    """Indent a body, except its first line, which the template indents."""
    lines = _indented_code("\n".join(texts))
    return "\n".join(lines).strip("\n").removeprefix(_INDENT)
