"""Change `down_revision` in the text of a revision file and leave the rest unchanged."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from limbeck.errors import BrokenFileError
from limbeck.history import (
    SQL_SUFFIX,
    NeedsRun,
    Revision,
    decode_source,
    read_header,
    read_sql_header,
)
from limbeck.project.atomic_write import replace

_REVISES = re.compile(r"^([ \t]*(?:-- )?Revises:[ \t]*)(.*)$", re.MULTILINE)
_SQL_SETTING = re.compile(r"^([ \t]*--[ \t]*down_revision[ \t]*:[ \t]*)(.*)$", re.MULTILINE)


def replace_parents(revision: Revision, parents: Mapping[str, str]) -> None:
    """Change the parents in the file of a revision.

    Args:
        revision: the revision; the file contains its parents as literals.
        parents: the new identifier for each parent that changes.

    Raises:
        BrokenFileError: the file computes its header, or cannot be read or written.
    """
    path = revision.path
    if path is None or path.suffix not in {".py", SQL_SUFFIX}:
        raise _not_editable(revision, "there is no source file")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _not_editable(revision, error.strerror or str(error)) from None
    text = decode_source(raw, path)
    changed = (_edit_sql if path.suffix == SQL_SUFFIX else _edit_python)(text, parents)
    header: Revision | NeedsRun | None = None
    if changed is not None:
        read = read_sql_header if path.suffix == SQL_SUFFIX else read_header
        header = read(changed, path)
    expected = tuple(parents.get(parent, parent) for parent in revision.down)
    if changed is None or not isinstance(header, Revision) or header.down != expected:
        raise _not_editable(revision, "`down_revision` is not written as plain text")
    if b"\r\n" in raw:
        changed = changed.replace("\n", "\r\n")
    encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        replace(path, changed.encode(encoding))
    except OSError as error:
        raise _not_editable(revision, error.strerror or str(error)) from None


def _edit_python(text: str, parents: Mapping[str, str]) -> str | None:
    """Return the text with other parents, None if they are not literals."""
    tree = ast.parse(text)
    value = next((found for node in tree.body if (found := _down_revision(node))), None)
    if value is None:
        return None
    lines = text.encode("utf-8").split(b"\n")
    strings = [
        node
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for node in sorted(strings, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        new = parents.get(str(node.value))
        if new is None or node.end_lineno != node.lineno:
            continue
        line, end = lines[node.lineno - 1], node.end_col_offset
        quote = line[end - 1 : end] if end is not None else b'"'
        written = quote + new.encode("utf-8") + quote
        lines[node.lineno - 1] = line[: node.col_offset] + written + line[end:]
    changed = b"\n".join(lines).decode("utf-8")
    doc = ast.get_docstring(tree, clean=False)
    return changed if doc is None else _edit_revises(changed, parents)


def _down_revision(node: ast.stmt) -> ast.expr | None:
    match node:
        case ast.Assign(targets=[ast.Name(id="down_revision")], value=value):
            return value
        case ast.AnnAssign(target=ast.Name(id="down_revision"), value=ast.expr() as value):
            return value
    return None


def _edit_sql(text: str, parents: Mapping[str, str]) -> str | None:
    found = _SQL_SETTING.search(text)
    if found is None:
        return None
    return _edit_revises(
        text[: found.start(2)] + _replaced(found[2], parents) + text[found.end(2) :], parents
    )


def _edit_revises(text: str, parents: Mapping[str, str]) -> str:
    """Change the first line `Revises: ...`, which templates write in the docstring."""
    return _REVISES.sub(lambda found: found[1] + _replaced(found[2], parents), text, count=1)


def _replaced(names: str, parents: Mapping[str, str]) -> str:
    parts = re.split(r"([\s,]+)", names)
    return "".join(parents.get(part, part) for part in parts)


def _not_editable(revision: Revision, reason: str) -> BrokenFileError:
    place = str(revision.path or revision.id)
    return BrokenFileError(
        f"The parent of revision {revision.id} cannot be changed in {place}: {reason}",
        hint="Nothing was written. Change `down_revision` by hand.",
        place=place,
    )


_LAST_SETTING = re.compile(r"^(?:depends_on|branch_labels|down_revision)\b[^\n]*$", re.MULTILINE)


def with_settings(text: str, revision: Revision) -> str:
    """Add the kind and phase to the text of a new revision file: templates do not write them.

    Args:
        text: the text that the template produced.
        revision: the header of the new revision.
    """
    lines = [] if revision.kind == "schema" else [f'kind = "{revision.kind}"']
    lines += [f'phase = "{revision.phase}"'] if revision.phase else []
    found = list(_LAST_SETTING.finditer(text))
    if not lines or not found:
        return text
    end = found[-1].end()
    return "\n".join([text[:end], *lines]) + text[end:]


def with_setting(text: str, name: str, source: str) -> str:
    """Return the source of a revision file with a header name set to a value.

    Args:
        text: the source of the file.
        name: the name; its assignment is replaced, or added after the header.
        source: the value as a Python expression.

    Raises:
        BrokenFileError: the file has no header.
    """
    lines = text.split("\n")
    last = 0
    for node in ast.parse(text).body:
        bound = _bound_name(node)
        if bound == name:
            lines[node.lineno - 1 : node.end_lineno] = f"{name} = {source}".split("\n")
            return "\n".join(lines)
        if bound in _HEADER:
            last = node.end_lineno or node.lineno
    if not last:
        raise BrokenFileError(
            "The new file would have no header",
            hint="Nothing was written. Add `revision = ${repr(up_revision)}` to script.py.mako.",
        )
    lines[last:last] = f"{name} = {source}".split("\n")
    return "\n".join(lines)


def write_setting(path: Path, name: str, source: str) -> None:
    """Set a header name in a revision file; for the arguments see `with_setting`.

    Raises:
        BrokenFileError: the file cannot be read or has no header.
    """
    raw = path.read_bytes()
    text = with_setting(decode_source(raw, path), name, source)
    if b"\r\n" in raw:
        text = text.replace("\n", "\r\n")
    replace(path, text.encode("utf-8"))


_HEADER = frozenset({"revision", "down_revision", "branch_labels", "depends_on"})


def _bound_name(node: ast.stmt) -> str | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None
