"""Read the header of a revision file from its text, without running it.

Most files are read by regular expressions, applied to the text before the first function. Other
files are parsed. If the header can only be determined by running the file, the result is a
`NeedsRun`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Mapping

from limbeck.history.errors import NoIdentifierError, UnreadableHeaderError
from limbeck.history.revision import KINDS, PHASES, NeedsRun, Revision

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeAlias

    # a string, because few of the many paths are needed as a Path
    File: TypeAlias = Path | str | None

_DOC = re.compile(
    r"(?:[ \t\f]*(?:#[^\n]*)?\n)*"
    r"(?:[rR]?(?P<quote>\"\"\"|''')(?P<long>[^\\]*?)(?P=quote)|(?P<one>\"[^\"\\\n]*\"|'[^'\\\n]*'))"
    r"[ \t]*(?:#[^\n]*)?(?:\n|$)"
)
_PROGRAM = re.compile(r"^(?:def|class|async|@)\b|^@", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*#[^\n]*", re.MULTILINE)
_STRING = r"(?:\"[^\"\\\n]*\"(?!\")|'[^'\\\n]*'(?!'))"
_ITEMS = rf"(?:{_STRING}(?:[ \t]*,[ \t]*{_STRING})*[ \t]*,?)?"
_SIMPLE = re.compile(
    r"^(?P<name>revision|down_revision|branch_labels|depends_on|replaces|kind|phase"
    r"|limbeck_edition)"
    r"(?:[ \t]*:[^=\n#'\"]*)?[ \t]*=[ \t]*"
    rf"(?P<value>None|{_STRING}|\([ \t]*{_STRING}[ \t]*,[ \t]*{_ITEMS}[ \t]*\)"
    rf"|\[[ \t]*{_ITEMS}[ \t]*\])"
    r"[ \t]*(?:#[^\n]*)?$",
    re.MULTILINE,
)
_WATCHED = re.compile(
    r"\b(?:revision|down_revision|branch_labels|depends_on|limbeck_edition|__doc__"
    r"|globals|locals|vars|exec|eval|setattr|__dict__|modules)\b|import[ \t]*\(?[ \t]*\*"
    # arguments of these names are common in functions
    r"|^(?:replaces|kind|phase)\b",
    re.MULTILINE,
)
_LITERAL = re.compile(_STRING)
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
_HEX_NAME = re.compile(r"([0-9a-f]+)")

Value = str | None | tuple[str, ...]


def source_hash(source: bytes) -> str:
    """Return the hash of a source, with line breaks normalized."""
    import hashlib

    return hashlib.sha256(source.replace(b"\r\n", b"\n")).hexdigest()


def decode_source(raw: bytes, path: File = None) -> str:
    """Decode Python source like Python: byte order mark, encoding declaration, else UTF-8.

    Raises:
        UnreadableHeaderError: the bytes are not text in that encoding.
    """
    encoding = "utf-8-sig"
    if b"coding" in raw[:400]:
        two_lines = b"\n".join(raw.splitlines()[:2])
        cookie = _COOKIE.search(two_lines)
        if cookie is not None and not raw.startswith(b"\xef\xbb\xbf"):
            encoding = cookie[1].decode("ascii", "replace")
    try:
        text = raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        where = str(path) if path is not None else "the file"
        raise UnreadableHeaderError(
            f"{where} cannot be decoded as {encoding.removesuffix('-sig')}: {error}",
            hint="Save the file as UTF-8, or name its encoding in the first line.",
            place=where,
        ) from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def read_header(text: str, path: File = None) -> Revision | NeedsRun:
    """Read the header of a revision file.

    Args:
        text: the source of the file with normalized line breaks.
        path: the path of the file; a hexadecimal name is the identifier if the text has none.

    Returns:
        The revision, or `NeedsRun` with the reason why the file must be run.

    Raises:
        NoIdentifierError: neither the text nor the name contains an identifier.
    """
    names: Mapping[str, object] | None = _from_head(text)
    if names is None:
        from limbeck.history.header_ast import names_from_syntax

        parsed = names_from_syntax(text)
        if isinstance(parsed, NeedsRun):
            return parsed
        names = parsed
    return from_names(names, path, registers=registers_something(text))


def from_names(
    names: Mapping[str, object], path: File = None, *, registers: bool = False
) -> Revision:
    """Create a revision from the names that a file binds.

    Raises:
        NoIdentifierError: the names have no identifier.
        UnreadableHeaderError: a name has an invalid value.
    """
    id_ = names.get("revision")
    if id_ is None:
        stem = None if path is None else _HEX_NAME.fullmatch(_stem(str(path)))
        if stem is None:
            raise NoIdentifierError(str(path) if path is not None else "<text>")
        id_ = stem[1]
    if not isinstance(id_, str) or not id_:
        raise _unreadable("revision", id_, path)
    long_doc = names.get("__doc__")
    long_doc = clean_doc(long_doc) if isinstance(long_doc, str) else ""
    edition = names.get("limbeck_edition")
    return Revision(
        id_,
        _words("down_revision", names, path),
        _words("depends_on", names, path),
        frozenset(_words("branch_labels", names, path)),
        long_doc.partition("\n\n")[0],
        path,
        edition if isinstance(edition, str) else "alembic",
        long_doc,
        registers,
        _replaces(names["replaces"]) if "replaces" in names else (),
        _choice("kind", names, KINDS, path) or KINDS[0],
        _choice("phase", names, PHASES, path),
    )


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122 - it may be text


def clean_doc(doc: str) -> str:
    """Strip a docstring, and its indentation if Python's compiler does so (3.13)."""
    if sys.version_info >= (3, 13):
        first, *rest = doc.expandtabs().split("\n")
        margins = [len(line) - len(line.lstrip()) for line in rest if line.strip()]
        margin = min(margins, default=0)
        doc = "\n".join([first.lstrip(), *(line[margin:] for line in rest)])
    return doc.strip()


def _words(name: str, names: Mapping[str, object], path: File) -> tuple[str, ...]:
    value = names.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, Collection):
        items = tuple(dict.fromkeys(value))
        if all(isinstance(item, str) and item for item in items):
            return items if isinstance(value, (tuple, list)) else tuple(sorted(items))
    raise _unreadable(name, value, path)


def _replaces(value: object) -> tuple[str, ...]:
    """Return the replaced revisions; a file of Alembic may use the name for something else."""
    if not isinstance(value, (tuple, list)) or not all(isinstance(one, str) for one in value):
        return ()
    return tuple(dict.fromkeys(one for one in value if one))


def _choice(name: str, names: Mapping[str, object], allowed: tuple[str, ...], path: File) -> str:
    """Return a string that must be one of a few values, "" if it is missing.

    A file of Alembic may use the name for something else than a string.
    """
    value = names.get(name)
    if not isinstance(value, str):
        return ""
    if value in allowed:
        return value
    place = str(path) if path is not None else None
    raise UnreadableHeaderError(
        f"{place or 'The file'}: `{name}` is {value!r}, which is not known",
        hint=f"Write {' or '.join(map(repr, allowed))}. If the name is a variable of the file, "
        "rename it.",
        place=place,
    )


def _unreadable(name: str, value: object, path: File) -> UnreadableHeaderError:
    place = str(path) if path is not None else None
    return UnreadableHeaderError(
        f"{place or 'The file'}: `{name}` is {value!r}, which is not a revision identifier",
        hint=f"`{name}` must be a string, or a tuple of strings.",
        place=place,
    )


def _from_head(text: str) -> dict[str, Value] | None:
    """Return the names that a simple header binds, or None if the text is not simple."""
    names: dict[str, Value] = {}
    start = 0
    doc = _DOC.match(text)
    if doc is not None:
        names["__doc__"] = doc["long"] if doc["quote"] else doc["one"][1:-1]
        start = doc.end()
    end = _PROGRAM.search(text, start)
    cut = len(text) if end is None else end.start()
    if end is not None and _WATCHED.search(text, cut):
        return None
    head = text[start:cut]
    if '"""' in head or "'''" in head or "\\" in head or ";" in head or ":=" in head:
        return None
    plain = _COMMENT.sub("", head) if "#" in head else head
    is_flat = "(" not in plain and "[" not in plain and "{" not in plain
    found = 0
    for match in _SIMPLE.finditer(plain):
        name, value = match["name"], match["value"]
        if name in names or not (is_flat or _balanced(plain[: match.start()])):
            return None
        names[name] = _value(value)
        found += 1
    watched = _WATCHED.findall(_TRAILING.sub(r"\1", plain) if "#" in plain else plain)
    if len(watched) != found or (doc is None and _starts_with_text(plain)):
        return None
    return names


_TRAILING = re.compile(r"^([^#'\"\n]*(?:" + _STRING + r"[^#'\"\n]*)*)#[^\n]*$", re.MULTILINE)


def _starts_with_text(plain: str) -> bool:
    return plain.lstrip()[:1] in {'"', "'", "("} or plain.lstrip()[:2].lower() in {
        "r'",
        'r"',
        "u'",
        'u"',
    }


def _balanced(text: str) -> bool:
    return (
        text.count("(") == text.count(")")
        and text.count("[") == text.count("]")
        and text.count("{") == text.count("}")
    )


def _value(text: str) -> Value:
    if text == "None":
        return None
    if text[0] in "\"'":
        return text[1:-1]
    return tuple(item[1:-1] for item in _LITERAL.findall(text))


_FIRST_FUNCTION = re.compile(r"^(?:async[ \t]+def|def|class)\b", re.MULTILINE)
_AT_HEAD = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import\b|import[ \t]+([^\n#;]+))", re.MULTILINE
)
_AT_MARGIN = re.compile(
    r"^(?:from[ \t]+([.\w]+)[ \t]+import\b|import[ \t]+([^\n#;]+))", re.MULTILINE
)
_BLOCK = re.compile(r"^(?:if|try|with|for|while)\b", re.MULTILINE)
# a decorator, a listener or a call of the import system registers something
_REGISTERING = re.compile(
    r"^@|\b(?:listen|listens_for|compiles|__import__|import_module)\b", re.MULTILINE
)
_PLAIN = frozenset(("alembic", "limbeck", "sqlalchemy", "__future__"))


def registers_something(text: str) -> bool:
    """Return whether importing a file may have side effects that other files need.

    Alembic imports every revision file before it runs one, and some projects depend on this: an
    old file imports the module that registers a configuration option, a type or a table, and a
    later revision uses it.

    The result is True if the file imports, outside functions, anything except the standard
    library, SQLAlchemy and alembic, if it registers a listener, or if this is uncertain.

    Args:
        text: the source of the file with normalized line breaks.
    """
    first = _FIRST_FUNCTION.search(text)
    end = len(text) if first is None else first.start()
    if any(map(_is_outside, _AT_HEAD.finditer(text, 0, end))):
        return True
    if _REGISTERING.search(text) is not None:
        return True
    after = _AT_HEAD if _BLOCK.search(text, end) else _AT_MARGIN
    return any(map(_is_outside, after.finditer(text, end)))


def _is_outside(found: re.Match[str]) -> bool:
    names = [found[1]] if found[1] else found[2].split(",")
    roots = {name.strip().partition(" ")[0].partition(".")[0] for name in names}
    return not roots <= _PLAIN | sys.stdlib_module_names
