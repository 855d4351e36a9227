"""Format the statements of a revision file as `ruff format` does with its default settings.

Source with anything other than calls and values (a function from a hook, for example) is not
changed. The algorithm is that of P. Wadler, "A prettier printer" (2003), which formatters use.

Source: https://docs.astral.sh/ruff/formatter/#black-compatibility
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from limbeck.text import parse_python


@dataclass(frozen=True, slots=True)
class Choice:
    """Text that depends on whether the surrounding group is broken.

    Attributes:
        flat: the text if the group is printed on one line.
        broken: the text if it is broken; a line feed is followed by the indentation.
    """

    flat: str
    broken: str


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


Document: TypeAlias = "str | Choice | Group | Indent | tuple[Document, ...]"
"""The parts of a tuple are printed one after the other and broken with the surrounding group."""

SOFT = Choice("", "\n")
SPACE = Choice(" ", "\n")
TRAILING_COMMA = Choice("", ",")
_STEP = 4
_Entry: TypeAlias = "tuple[int, bool, Document]"


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
        if isinstance(part, Choice):
            part = part.flat if not broken else part.broken.replace("\n", "\n" + " " * depth)
        if isinstance(part, str):
            out.append(part)
            _, newline, tail = part.rpartition("\n")
            column = len(tail) if newline else column + len(part)
            continue
        if isinstance(part, Indent):
            depth += _STEP
        elif isinstance(part, Group):
            broken = part.broken or not _fits(part, stack, width - column)
        parts = part if isinstance(part, tuple) else part.parts
        stack += [(depth, broken, inner) for inner in reversed(parts)]
    return "".join(out)


def _fits(document: Group, rest: list[_Entry], left: int) -> bool:
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
        if isinstance(part, Choice):
            part = part.broken if broken else part.flat
            if part == "\n":
                return True
        if isinstance(part, str):
            if "\n" in part:
                return False
            left -= len(part)
            continue
        if isinstance(part, Group) and part.broken and not broken:
            return False
        parts = part if isinstance(part, tuple) else part.parts
        stack += [(depth, broken, inner) for inner in reversed(parts)]
    return False


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

    sections: dict[int, set[str]] = {}
    for given in (*USUAL_IMPORTS, *"\n".join(lines).split("\n")):
        line = given.strip()
        if not line or not (line in always or _is_used(line, names)):
            continue
        top = line.split()[1].split(".")[0]
        section = -1 if top == "__future__" else 0 if top in sys.stdlib_module_names else 1
        sections.setdefault(section + _is_of_project(top), set()).add(line)
    return "\n\n".join("\n".join(_sorted(sections[section])) for section in sorted(sections))


def _is_used(line: str, names: Collection[str]) -> bool:
    imported = line.partition("import ")[2].split(",")
    bound = [part.split(" as ")[-1].strip().split(".")[0] for part in imported]
    return "#" in line or not set(names).isdisjoint(bound)


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
    whole, commented = [], []
    names: dict[str, set[str]] = {}
    for line in sorted(lines):
        if line.startswith("import "):
            whole.append(line)
        elif "#" in line:
            commented.append(line)
        else:
            module, _, imported = line.removeprefix("from ").partition(" import ")
            names.setdefault(module, set()).update(map(str.strip, imported.split(",")))
    merged = [
        f"from {module} import {', '.join(sorted(names[module], key=_name_order))}"
        for module in sorted(names, key=str.lower)
    ]
    return [*sorted(whole, key=str.lower), *merged, *commented]


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
        result += _comments(lines[at:first], depth)
        last = statement.end_lineno or statement.lineno
        result += _statement(lines, statement, first, last, depth)
        at = last
    return result + _comments(lines[at:end], depth)


def _comments(lines: Sequence[str], depth: int) -> list[str]:
    """Return the lines between two statements, without empty ones."""
    return [" " * depth + line.strip() for line in lines if line.strip()]


def _statement(
    lines: Sequence[str], statement: ast.stmt, first: int, last: int, depth: int
) -> list[str]:
    raw = lines[first:last]
    try:
        match statement:
            case ast.Expr(value=value) if not _has_comment(raw):
                return [" " * depth + printed(_document(value), WIDTH, depth)]
            case ast.With(items=[ast.withitem(context_expr=value, optional_vars=name)], body=body):
                parts: list[Document] = ["with ", _document(value)]
                if name is not None:
                    parts += [" as ", ast.unparse(name)]
                inner = body[0].lineno - 1
                while inner > first + 1 and lines[inner - 1].lstrip().startswith("#"):
                    inner -= 1
                block = _block(lines, body, inner, last, depth + 4)
                head = printed(Group((*parts, ":")), WIDTH, depth)
                return [" " * depth + head, *block]
            case ast.Pass():
                return [" " * depth + "pass"]
    except _UnsupportedSourceError:
        pass
    return _reindented(raw, depth)


def _has_comment(lines: Sequence[str]) -> bool:
    text = "\n".join(lines)
    if "#" not in text:
        return False
    tokens = tokenize.generate_tokens(io.StringIO(f"{text}\n").readline)
    return any(token.type == tokenize.COMMENT for token in tokens)


def _reindented(lines: Sequence[str], depth: int) -> list[str]:
    return [" " * depth + line if line.strip() else "" for line in lines]


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
            return _bracketed("[", map(_document, elements), "]")
        case ast.Set(elts=elements):
            return _bracketed("{", map(_document, elements), "}")
        case ast.Tuple(elts=[element]):
            return Group(("(", Indent((SOFT, _document(element), ",")), SOFT, ")"))
        case ast.Tuple(elts=elements):
            return _bracketed("(", map(_document, elements), ")")
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return _bracketed("{", [_pair(key, value) for key, value in pairs], "}")
        case ast.Starred(value=value):
            return Group(("*", _document(value)))
        case _:
            raise _UnsupportedSourceError


def _pair(key: ast.expr | None, value: ast.expr) -> Document:
    if key is None:
        raise _UnsupportedSourceError
    return (_document(key), ": ", _document(value))


def _bracketed(left: str, items: Iterable[Document], right: str) -> Document:
    parts = _separated(items)
    return Group((left, Indent((SOFT, *parts)), SOFT, right)) if parts else left + right


def _separated(items: Iterable[Document]) -> tuple[Document, ...]:
    """Return items separated by commas and breaks."""
    parts: list[Document] = []
    for item in items:
        parts += [item, ",", SPACE]
    return (*parts[:-2], TRAILING_COMMA) if parts else ()


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
        return (*pieces, *links)
    return Group((*pieces, Indent(tuple((SOFT, *link) for link in links))))


def _arguments(call: ast.Call) -> Document:
    items: list[Document] = [_document(argument) for argument in call.args]
    for keyword in call.keywords:
        if keyword.arg is None:
            raise _UnsupportedSourceError
        items.append((f"{keyword.arg}=", _document(keyword.value)))
    if not items:
        return "()"
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    match call:
        case ast.Call(args=[ast.Constant(value=str() as text)], keywords=[]):
            if "\n" in text.strip("\n") and _fits_triple_quotes(text):
                # a single multi-line string is rendered without changes
                return ("(", '"""' + text.replace("\\", "\\\\") + '"""', ")")
    always = name in _ALWAYS_BROKEN and len(items) > 1
    inner = Group(_separated(items), always)
    return Group(("(", Indent((SOFT, inner)), SOFT, ")"), always)


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
