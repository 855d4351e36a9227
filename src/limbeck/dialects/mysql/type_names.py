"""MariaDB's and MySQL's spelling of column types, and its conversion to SQL."""

from __future__ import annotations

from limbeck.catalog import Extras, Type

_ALIASES = {
    "integer": "int", "int4": "int", "int8": "bigint", "int2": "smallint", "int1": "tinyint",
    "int3": "mediumint", "middleint": "mediumint", "numeric": "decimal", "dec": "decimal",
    "fixed": "decimal", "double precision": "double", "real": "double", "float8": "double",
    "float4": "float", "character varying": "varchar", "char varying": "varchar",
    "character": "char", "nvarchar": "varchar", "national varchar": "varchar", "nchar": "char",
    "national char": "char", "national character varying": "varchar",
    "national character": "char", "long varchar": "mediumtext", "long": "mediumtext",
    "char byte": "binary", "varbinary": "varbinary",
}  # fmt: skip
_INTEGERS = frozenset({"int", "bigint", "smallint", "tinyint", "mediumint"})
_TIMES = frozenset({"datetime", "timestamp", "time"})
_SIZES = {
    "text": (("tinytext", 2**8), ("text", 2**16), ("mediumtext", 2**24)),
    "blob": (("tinyblob", 2**8), ("blob", 2**16), ("mediumblob", 2**24)),
}
_SINGLE_PRECISION = 24
_WIDEST_CHARACTER = 4
NUMBERS = _INTEGERS | {"decimal", "double", "float"}
TEXTS = frozenset(
    {"varchar", "char", "text", "tinytext", "mediumtext", "longtext", "enum", "set", "json"}
)


def read(text: str) -> Type:
    """Return the type that the server printed."""
    return canonical_type(Type.parse(text))


def canonical_type(type_: Type) -> Type:
    """Return a type as COLUMN_TYPE spells it, without display widths."""
    name, args, extras = type_.name, type_.args, type_.extras
    if name != name.lower() or "`" in name:
        parsed = Type.parse(name.lower())
        name, args, extras = parsed.name, args or parsed.args, extras or parsed.extras
    name = _ALIASES.get(name, name)
    if name in {"bool", "boolean"}:
        name, args = "tinyint", ("1",)
    zerofill = ("zerofill", True) in extras
    if name in _INTEGERS:
        # A width is for display only, except tinyint(1), which is a boolean.
        keeps = zerofill or (name == "tinyint" and args == ("1",))
        args = args if keeps else ()
    else:
        name, args = _sized(name, args)
    return Type(name, args, _alias(type_.collation), 0, None, _marks(extras, zerofill=zerofill))


def _sized(name: str, args: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if name == "decimal":
        return name, (*args, *("10", "0")[len(args) :])
    if name in {"bit", "char", "binary"}:
        return name, args or ("1",)
    if name == "float" and len(args) == 1:
        return ("double" if int(args[0]) > _SINGLE_PRECISION else "float"), ()
    if name == "year" or (name in _TIMES and args == ("0",)):
        return name, ()
    if name in _SIZES and args:
        # The server chooses by bytes, and a character may need four of them.
        each = _WIDEST_CHARACTER if name == "text" else 1
        size = int(args[0]) * each
        fitting = (kind for kind, limit in _SIZES[name] if size < limit)
        return next(fitting, f"long{name}"), ()
    return name, args


def _marks(extras: Extras, *, zerofill: bool) -> Extras:
    attributes = dict(extras)
    if zerofill:
        attributes["unsigned"] = True
    charset = attributes.get("charset")
    if isinstance(charset, str):
        attributes["charset"] = _alias(charset) or charset
    return tuple(sorted(attributes.items()))


def _alias(name: str | None) -> str | None:
    if name is None:
        return None
    lower = name.lower().strip("`\"'")
    head, mark, rest = lower.partition("_")
    return ("utf8mb3" if head == "utf8" else head) + mark + rest


def charset_of(collation: str | None) -> str | None:
    """Return the character set that a collation belongs to."""
    name = _alias(collation)
    return name.partition("_")[0] if name else None


def ddl(type_: Type) -> str:
    """Return the type as CREATE TABLE accepts it."""
    text = type_.name + (f"({','.join(type_.args)})" if type_.args else "")
    keywords = dict(type_.extras)
    text += "".join(f" {word}" for word in ("unsigned", "zerofill") if keywords.get(word))
    if "charset" in keywords:
        text += f" CHARACTER SET {keywords['charset']}"
    if type_.collation:
        text += f" COLLATE {type_.collation}"
    return text
