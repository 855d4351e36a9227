"""Types, expressions and generated values of columns, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from limbeck.sql import parse_type

Scalar = str | int | bool | None
Extras = tuple[tuple[str, "Scalar | tuple[str, ...]"], ...]
"""Sorted pairs of dialect options; a key that is absent means the server's default."""


def extras(**options: Scalar | tuple[str, ...]) -> Extras:
    """Return options as sorted pairs, leaving out those that are None or False."""
    given = [pair for pair in options.items() if pair[1] is not None and pair[1] is not False]
    return tuple(sorted(given))


class Key(NamedTuple):
    """The identity of an object: its kind and its path.

    `path` is (namespace, name) for independent objects and (namespace, table, name) for parts of
    a table. A namespace of None is the default schema of the connection.
    """

    kind: str
    path: tuple[str | None, ...]

    @property
    def namespace(self) -> str | None:
        """The SQL schema, or None for the default one."""
        return self.path[0]

    @property
    def name(self) -> str:
        """The last element of the path."""
        return self.path[-1] or ""

    @property
    def full_name(self) -> str:
        """The path, joined by dots."""
        return ".".join(filter(None, self.path))


@dataclass(frozen=True, slots=True)
class Type:
    """A column type as the server spells it.

    Args:
        name: canonical spelling of the database, lower case, without arguments
            ("character varying", "bigint", "enum"); user-defined types keep their spelling.
        args: arguments as printed ("10", "2"); for MySQL enums the quoted values.
        collation: the explicit collation; None for the default collation.
        dimensions: number of array dimensions (PostgreSQL; 0 = not an array).
        ref: the enum or domain that the name refers to.
        extras: further options: unsigned, zerofill, charset etc.
    """

    name: str
    args: tuple[str, ...] = ()
    collation: str | None = None
    dimensions: int = 0
    ref: Key | None = None
    extras: Extras = ()

    @classmethod
    def parse(cls, text: str, *, keep_quotes: bool = False) -> Type:
        """Parse the text of a type, without the normalization of the dialect.

        Args:
            text: such as "NUMERIC(10, 2)" or "timestamp(3) with time zone".
            keep_quotes: keep the quotes of quoted names.
        """
        parsed = parse_type(text, keep_quotes=keep_quotes)
        return cls(
            parsed.name, parsed.args, parsed.collation, parsed.dimensions, None, parsed.options
        )

    def __str__(self) -> str:
        text = self.name + (f"({','.join(self.args)})" if self.args else "")
        text += "".join(f" {k}" if v is True else f" {k} {v}" for k, v in self.extras)
        return text + "[]" * self.dimensions


@dataclass(frozen=True, slots=True, eq=False)
class Expr:
    """An SQL expression: a default, a check, a predicate, a body.

    `canonical` is the text as the database prints it. Two expressions are equal when their
    canonical texts are equal; an expression without one is compared by its given text.
    """

    text: str
    canonical: str | None = None

    @property
    def compared_text(self) -> str:
        """The text that is compared."""
        return self.text if self.canonical is None else self.canonical

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and self.compared_text == other.compared_text

    def __hash__(self) -> int:
        return hash(self.compared_text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED ... AS IDENTITY; an option is None if it has the server's default."""

    always: bool = False
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cycle: bool = False
    cache: int | None = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """GENERATED ALWAYS AS (expr), stored or computed when read."""

    expr: Expr
    stored: bool = True
