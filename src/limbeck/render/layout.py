"""Format the statements of a revision file as `ruff format` does with its default settings.

Source with anything other than calls and values (a function from a hook, for example) is not
changed. The algorithm is that of P. Wadler, "A prettier printer" (2003), which formatters use.

Source: https://docs.astral.sh/ruff/formatter/#black-compatibility
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from limbeck.text import parse_python


@dataclass(frozen=True, slots=True)
class Line:
    """A possible line break.

    Attributes:
        flat: the text if the line is not broken.
    """

    flat: str


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that are either all printed on one line or all broken.

    Attributes:
        parts: documents.
        broken: break the group even if it fits.
    """

    parts: tuple[Document, ...]
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Indent:
    """Parts whose new lines are indented by one more step."""

    parts: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that is printed only in a broken group."""

    text: str


Document: TypeAlias = "str | Line | Group | Indent | IfBroken | tuple[Document, ...]"
"""The parts of a tuple are printed one after the other and broken with the surrounding group."""

SOFT = Line("")
SPACE = Line(" ")
_STEP = 4
_Entry: TypeAlias = "tuple[int, bool, Document]"


def group(*parts: Document, broken: bool = False) -> Group:
    """Return parts as a group."""
    return Group(parts, broken)


def indent(*parts: Document) -> Indent:
    """Return parts as an indented document."""
    return Indent(parts)


def joined(parts: Iterable[Document]) -> tuple[Document, ...]:
    """Return parts separated by commas and breaks.

    A trailing comma is printed only if the group is broken.
    """
    documents: list[Document] = []
    for part in parts:
        if documents:
            documents += [",", SPACE]
        documents.append(part)
    return (*documents, IfBroken(",")) if documents else ()


def printed(document: Document, width: int, start: int) -> str:
    """Return a document as text.

    Args:
        document: the document to print.
        width: the maximum length of a line.
        start: the indentation of the first line, which is not printed.
    """
    column, out = start, []
    stack: list[_Entry] = [(start, True, document)]
    while stack:
        depth, broken, part = stack.pop()
        if isinstance(part, str):
            out.append(part)
            _, newline, tail = part.rpartition("\n")
            column = len(tail) if newline else column + len(part)
        elif isinstance(part, Line):
            if broken:
                out.append("\n" + " " * depth)
                column = depth
            else:
                out.append(part.flat)
                column += len(part.flat)
        elif isinstance(part, IfBroken):
            if broken:
                out.append(part.text)
                column += len(part.text)
        elif isinstance(part, Indent):
            _push(stack, depth + _STEP, broken, part.parts)
        elif isinstance(part, tuple):
            _push(stack, depth, broken, part)
        else:
            splits = part.broken or not _fits(part, stack, width - column)
            _push(stack, depth, splits, part.parts)
    return "".join(out)


def _fits(document: Group, rest: list[_Entry], left: int) -> bool:  # noqa: C901 -- a table of cases
    """Return whether a group and the text up to the next possible break fit on the line."""
    stack: list[_Entry] = [(0, False, document)]
    following = len(rest)
    while left >= 0:
        if not stack:
            if not following:
                return True
            following -= 1
            stack.append(rest[following])
            continue
        depth, broken, part = stack.pop()
        if isinstance(part, str):
            if "\n" in part:
                return False
            left -= len(part)
        elif isinstance(part, Line):
            if broken:
                return True
            left -= len(part.flat)
        elif isinstance(part, IfBroken):
            left -= len(part.text) if broken else 0
        elif isinstance(part, tuple):
            _push(stack, depth, broken, part)
        elif isinstance(part, Indent):
            _push(stack, depth, broken, part.parts)
        else:
            if part.broken and not broken:
                return False
            _push(stack, depth, broken, part.parts)
    return False


def _push(stack: list[_Entry], depth: int, broken: bool, parts: Sequence[Document]) -> None:  # noqa: FBT001 -- the fields of an entry
    """Add parts to a stack, so that the first one is on top."""
    stack.extend([(depth, broken, part) for part in reversed(parts)])


WIDTH = 88
_INDENT = " " * 4
# always one argument per line, so that adding an argument does not change other lines
_ALWAYS_BROKEN = frozenset({"create_table"})
_FLUENT = 2
_WORD = re.compile(r"[A-Za-z_]\w*")
_OUTSIDE = frozenset({"__future__", "alembic", "limbeck", "sqlalchemy"})
USUAL_IMPORTS = ("import sqlalchemy as sa", "from limbeck import op")


class _UnsupportedSourceError(Exception):
    """A piece of source that is not formatted."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Statements in their final form.

    Attributes:
        lines: the lines with indentation; a multi-line string is a single element.
        names: the names that the statements use.
    """

    lines: list[str]
    names: frozenset[str]


def lay_out(source: str, depth: int = 4) -> LaidOut:
    """Return statements in their final form.

    Args:
        source: complete statements and comments, without indentation.
        depth: the indentation to add.
    """
    lines = source.split("\n")
    try:
        tree = parse_python(source)
    except SyntaxError:
        return LaidOut(_reindented(lines, depth), frozenset(_WORD.findall(source)))
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return LaidOut(_block(lines, tree.body, 0, len(lines), depth), names)


def import_lines(
    lines: Iterable[str], names: Collection[str], *, always: Collection[str] = ()
) -> str:
    """Return the used imports in the order that `ruff check --select I` requires.

    An import with a comment, such as `# noqa: F401`, is kept: it is there for its effect.

    Args:
        lines: import statements of one line each, other than those of `op` and `sa`.
        names: the names that are used.
        always: lines that are kept even if they are not used.
    """
    import sys

    candidates = {*USUAL_IMPORTS, *(part.strip() for line in lines for part in line.split("\n"))}
    wanted = {line for line in candidates if line and (line in always or _is_used(line, names))}
    sections: dict[int, set[str]] = {}
    for line in wanted:
        top = line.split()[1].split(".")[0]
        section = -1 if top == "__future__" else 0 if top in sys.stdlib_module_names else 1
        sections.setdefault(section + _is_of_project(top), set()).add(line)
    return "\n\n".join("\n".join(_sorted(sections[section])) for section in sorted(sections))


def _is_used(line: str, names: Collection[str]) -> bool:
    if "#" in line:
        return True
    imported = line.partition("import ")[2].split(",")
    bound = (part.strip().split(" as ")[-1].strip().split(".")[0] for part in imported)
    return any(name in names for name in bound)


def _is_of_project(top: str) -> bool:
    """Return whether a package is in the project's directory or its `src`, where ruff looks."""
    import sys

    if top in _OUTSIDE:
        return False
    path = getattr(sys.modules.get(top), "__file__", None)
    folder = Path.cwd()
    homes = [folder, folder / "src"]
    return path is not None and (
        Path(path).parent in homes
        or (Path(path).name == "__init__.py" and Path(path).parent.parent in homes)
    )


def _sorted(lines: set[str]) -> list[str]:
    commented = {line for line in lines if "#" in line and line.startswith("from ")}
    whole = sorted((line for line in lines if line.startswith("import ")), key=_module)
    names: dict[str, set[str]] = {}
    for line in lines - set(whole) - commented:
        module, _, imported = line.removeprefix("from ").partition(" import ")
        names.setdefault(module, set()).update(name.strip() for name in imported.split(","))
    return [
        *whole,
        *(
            f"from {module} import {', '.join(sorted(names[module], key=_name_order))}"
            for module in sorted(names, key=str.lower)
        ),
        *sorted(commented),
    ]


def _module(line: str) -> str:
    return line.split()[1].lower()


def _name_order(name: str) -> tuple[int, str]:
    # constants, classes, then all other names, as isort sorts them
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _block(
    lines: Sequence[str], body: Sequence[ast.stmt], start: int, end: int, depth: int
) -> list[str]:
    """Return the lines of a block: its statements, comments and empty lines."""
    result: list[str] = []
    at = start
    for statement in body:
        first = statement.lineno - 1
        result += _reindented(_without_gaps(lines[at:first]), depth)
        last = statement.end_lineno or statement.lineno
        result += _statement(lines, statement, first, last, depth)
        at = last
    return result + _reindented(_without_gaps(lines[at:end]), depth)


def _without_gaps(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _statement(
    lines: Sequence[str], statement: ast.stmt, first: int, last: int, depth: int
) -> list[str]:
    raw = lines[first:last]
    try:
        match statement:
            case ast.Expr(value=value) if not _has_comment(raw):
                return _print(_document(value), depth)
            case ast.With(items=[ast.withitem(context_expr=value, optional_vars=name)], body=body):
                parts: list[Document] = ["with ", _document(value)]
                if name is not None:
                    parts += [" as ", ast.unparse(name)]
                inner = body[0].lineno - 1
                while inner > first + 1 and lines[inner - 1].lstrip().startswith("#"):
                    inner -= 1
                block = _block(lines, body, inner, last, depth + 4)
                return [*_print(group(*parts, ":"), depth), *block]
            case ast.Pass():
                return [" " * depth + "pass"]
    except _UnsupportedSourceError:
        pass
    return _reindented(raw, depth)


def _has_comment(lines: Sequence[str]) -> bool:
    if not any("#" in line for line in lines):
        return False
    tokens = tokenize.generate_tokens(iter([f"{line}\n" for line in lines]).__next__)
    return any(token.type == tokenize.COMMENT for token in tokens)


def _reindented(lines: Sequence[str], depth: int) -> list[str]:
    return [" " * depth + line if line.strip() else "" for line in lines]


def _print(document: Document, depth: int) -> list[str]:
    return [" " * depth + printed(document, WIDTH, depth)]


# ── expressions ───────────────────────────────────────────────────────────


def _document(node: ast.expr) -> Document:  # noqa: C901, PLR0911 -- a table of cases
    match node:
        case ast.Constant(value=str() as text):
            return string_source(text)
        case ast.Constant() | ast.Name():
            return ast.unparse(node)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return ast.unparse(node)
        case ast.Call() | ast.Attribute():
            return _chain(node)
        case ast.List(elts=elements):
            return _bracketed("[", elements, "]")
        case ast.Set(elts=elements):
            return _bracketed("{", elements, "}")
        case ast.Tuple(elts=[element]):
            return group("(", indent(SOFT, _document(element), ","), SOFT, ")")
        case ast.Tuple(elts=elements):
            return _bracketed("(", elements, ")")
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            items = [_pair(key, value) for key, value in pairs]
            return group("{", indent(SOFT, *joined(items)), SOFT, "}") if items else "{}"
        case ast.Starred(value=value):
            return group("*", _document(value))
        case _:
            raise _UnsupportedSourceError


def _pair(key: ast.expr | None, value: ast.expr) -> Document:
    if key is None:
        raise _UnsupportedSourceError
    return _concatenated(_document(key), ": ", _document(value))


def _concatenated(*parts: Document) -> tuple[Document, ...]:
    return parts


def _bracketed(left: str, elements: Sequence[ast.expr], right: str) -> Document:
    if not elements:
        return left + right
    return group(left, indent(SOFT, *joined(map(_document, elements))), SOFT, right)


def _chain(node: ast.expr) -> Document:
    """Return a call or attribute; a chain of two or more calls may be broken before its dots."""
    links: list[tuple[Document, ...]] = []
    pieces: list[Document] = []
    while True:
        match node:
            case ast.Call(func=function):
                pieces.insert(0, _arguments(node))
                node = function
            case ast.Attribute(value=value, attr=name):
                pieces.insert(0, f".{name}")
                if isinstance(value, ast.Call):
                    links.insert(0, tuple(pieces))
                    pieces = []
                node = value
            case ast.Name(id=name):
                pieces.insert(0, name)
                break
            case _:
                raise _UnsupportedSourceError
    if len(links) < _FLUENT:
        return _concatenated(*pieces, *(part for link in links for part in link))
    tail = [part for link in links for part in (SOFT, *link)]
    return group(*pieces, indent(*tail))


def _arguments(call: ast.Call) -> Document:
    items: list[Document] = [_document(argument) for argument in call.args]
    for keyword in call.keywords:
        if keyword.arg is None:
            raise _UnsupportedSourceError
        items.append(_concatenated(f"{keyword.arg}=", _document(keyword.value)))
    if not items:
        return "()"
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    text = _lines_of_sql(call)
    if text is not None:
        return ("(", text, ")")
    always = name in _ALWAYS_BROKEN and len(items) > 1
    inner = group(*joined(items), broken=always)
    return group("(", indent(SOFT, inner), SOFT, ")", broken=always)


def _lines_of_sql(call: ast.Call) -> str | None:
    """Return the argument of a call if it is a single multi-line string.

    It is rendered as a triple-quoted string without changes.
    """
    match call:
        case ast.Call(args=[ast.Constant(value=str() as text)], keywords=[]):
            if "\n" in text.strip("\n") and _fits_triple_quotes(text):
                return '"""' + text.replace("\\", "\\\\") + '"""'
    return None


# ── strings ───────────────────────────────────────────────────────────────


def string_source(text: str) -> str:
    """Return a string as source, in double quotes unless that needs more escapes."""
    shown = repr(text)
    if shown[0] == '"' or text.count('"') > text.count("'"):
        return shown
    body = shown[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{body}"'


def _fits_triple_quotes(text: str) -> bool:
    if '"""' in text or text.startswith('"') or text.endswith('"'):
        return False
    lines = text.split("\n")
    return all(line == line.rstrip() and (not line or line.isprintable()) for line in lines)
