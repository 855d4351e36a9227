"""Pairs of models: the class, the list of all pairs, and short builders of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table

ALL = frozenset({"sqlite", "postgresql", "mariadb", "mysql"})
PG = frozenset({"postgresql"})
MARIA = frozenset({"mariadb", "mysql"})
# what MySQL does not have, or refuses
MARIA_ALONE = frozenset({"mariadb"})
MYSQL_ALONE = frozenset({"mysql"})
LITE = frozenset({"sqlite"})
SERVERS = frozenset({"postgresql", "mariadb", "mysql"})
NOT_MARIA = frozenset({"sqlite", "postgresql"})

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Pair:
    """A change of models, from `before` to `after`.

    Args:
        name: what the story is called.
        before: what the database is made from.
        after: what it shall become.
        on: the databases that have this kind of thing.
        rows: what lies in tables of `before`, by their full name; made up where not given.
        renames: answers about renames, as the command takes them.
        first: SQL run before `create_all` on both sides.
        extra_sql: SQL run after `create_all` on both sides, for objects without a model.
        options: further options of `context.configure`.
        lossy: full names of tables whose rows cannot all come back.
        schemas: namespaces that are there on both sides from the start.
        hinted: the models tell of the renames themselves, and no answer is given.
    """

    name: str
    before: MetaData
    after: MetaData
    on: frozenset[str] = ALL
    rows: Rows = field(default_factory=dict)
    renames: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    extra_sql: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    lossy: frozenset[str] = frozenset()
    schemas: tuple[str, ...] = ()
    hinted: bool = False


PAIRS: list[Pair] = []


def pair(
    name: str,
    before: MetaData,
    after: MetaData,
    on: frozenset[str] = ALL,
    *,
    rows: Rows | None = None,
    rows_back: Rows | None = None,
    renames: tuple[str, ...] = (),
    lossy: frozenset[str] = frozenset(),
    **more: Any,
) -> None:
    """Note down a pair and its way back as pairs of their own."""
    there = Pair(name, before, after, on, rows or {}, renames, lossy=lossy, **more)
    turned = tuple("=".join(reversed(word.split("="))) for word in renames)
    back = Pair(f"{name}, back", after, before, on, rows_back or {}, turned, lossy=lossy, **more)
    PAIRS.extend((there, back))


def one_way(name: str, before: MetaData, after: MetaData, on: frozenset[str], **more: Any) -> None:
    """Note down a pair that has no way back of its own."""
    PAIRS.append(Pair(name, before, after, on, **more))


def models(*tables: Sequence[Any], **options: Any) -> MetaData:
    """Return models of tables, each given as its name followed by its items and options."""
    metadata = MetaData(**options)
    for name, *items in tables:
        keywords = items.pop() if items and isinstance(items[-1], dict) else {}
        Table(name, metadata, *items, **keywords)
    return metadata


def table(*items: Any, name: str = "t", **options: Any) -> MetaData:
    """Return models of one table with a key and these items."""
    metadata = MetaData()
    Table(name, metadata, Column("id", Integer, primary_key=True), *items, **options)
    return metadata
