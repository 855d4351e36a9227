"""Draft rules of PostgreSQL: casts, default names, options, text-defined objects."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from limbeck.catalog import (
    Check,
    Column,
    Constraint,
    Definition,
    Domain,
    Exclude,
    ForeignKey,
    Index,
    Key,
    PrimaryKey,
    Table,
    Type,
    Unique,
)
from limbeck.dialects.postgresql import definition_ddl
from limbeck.dialects.postgresql.catalog_queries import quoted as literal
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.diff import Alter, Change, Create, Drop, Rename
from limbeck.operations import AlterDomainOp
from limbeck.sql import quote_identifier, quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_LONGEST = 63
_FAMILIES = (
    frozenset({"text", "character varying", "character", "name", "citext"}),
    frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision", "money"}),
    frozenset({"date", "timestamp without time zone", "timestamp with time zone"}),
    frozenset({"time without time zone", "time with time zone"}),
    frozenset({"json", "jsonb"}),
    frozenset({"bit", "bit varying"}),
    frozenset({"cidr", "inet"}),
)
_TEXT = _FAMILIES[0]
_ENDS = {PrimaryKey: "pkey", Unique: "key", ForeignKey: "fkey", Check: "check", Exclude: "excl"}


def quoted(name: str) -> str:
    """Return a name as SQL, quoted if necessary."""
    return name if _PLAIN.fullmatch(name) else quote_identifier(name)


def _full(key: Key) -> str:
    return quote_path(*key.path)


# ── casts ─────────────────────────────────────────────────────────────────


def cast(old: Column, new: Column, chosen: str | None = None) -> dict[str, str]:
    """Return `postgresql_using` if PostgreSQL does not convert a column implicitly.

    Args:
        old: the column in the database.
        new: the column in its final form.
        chosen: the expression that the user chose.
    """
    using = chosen or _using(quote_identifier(new.name), old.type, new.type)
    return {} if using is None else {"postgresql_using": using}


def _using(column: str, old: Type, new: Type) -> str | None:  # noqa: PLR0911 -- a table of cases
    if old.dimensions and not new.dimensions:
        return f"{column}[1]::{_type(new)}"
    if new.dimensions and not old.dimensions:
        return f"ARRAY[{column}]::{_type(new)}"
    if old.ref == new.ref and (old.name == new.name or _related(old.name, new.name)):
        return None
    if new.ref is None and new.name in _TEXT:
        return None
    if old.name in _TEXT or {old.name, new.name} == {"integer", "boolean"}:
        return f"{column}::{_type(new)}"
    if new.name == "boolean" and old.name in _FAMILIES[1]:
        return f"{column}::integer::boolean"
    if old.name == "boolean" and new.name in _FAMILIES[1]:
        return f"{column}::integer::{_type(new)}"
    middle = "text[]" if old.dimensions else "text"
    return f"{column}::{middle}::{_type(new)}"


def _related(one: str, two: str) -> bool:
    return any(one in family and two in family for family in _FAMILIES)


def _type(type_: Type) -> str:
    if type_.ref is not None:
        return _full(type_.ref) + "[]" * type_.dimensions
    bare = Type(type_.name, type_.args, None, type_.dimensions)
    return str(bare)


# ── names that the server chooses ─────────────────────────────────────────


def default_name(table: Table, part: Constraint, taken: Collection[str], _dialect: object) -> str:
    """Return the name that the server gives an unnamed constraint."""
    identifiers: Collection[str]
    match part:
        case PrimaryKey() | Exclude():
            identifiers = ()
        case Check():
            identifiers = set(re.findall(r"[^\W\d]\w*", part.expr.text))
            columns = [column.name for column in table.columns if column.name in identifiers]
            identifiers = columns if len(columns) == 1 else ()
        case _:
            identifiers = part.columns
    ending = _ENDS[type(part)]
    for number in range(1000):
        label = ending if number == 0 else f"{ending}{number}"
        name = joined(table.key.name, "_".join(identifiers), label)
        if name not in taken:
            return name
    return joined(table.key.name, "_".join(identifiers), ending)


def joined(first: str, second: str, label: str) -> str:
    """Return the name that the server derives from a table, a column and a suffix."""
    one, two = first.encode(), second.encode()
    limit = _LONGEST - len(label) - 1 - (1 if two else 0)
    while len(one) + len(two) > limit:
        if len(one) > len(two):
            one = one[:-1]
        else:
            two = two[:-1]
    parts = [w.decode(errors="ignore") for w in (one, two) if w]
    return "_".join([*parts, label])


def rename_part(change: Rename, owner: Key) -> str | None:
    """Return the statement that renames an index or constraint."""
    old, new = change.old, change.new
    if isinstance(old, Index):
        name = Key("index", (owner.namespace, old.name))
        return f"ALTER INDEX {_full(name)} RENAME TO {quote_identifier(str(new.name))}"  # type: ignore[union-attr]
    return (
        f"ALTER TABLE {_full(owner)} RENAME CONSTRAINT {quote_identifier(str(old.name))} "  # type: ignore[union-attr]
        f"TO {quote_identifier(str(new.name))}"  # type: ignore[union-attr]
    )


def comment_statement(owner: Key, part: Constraint | Index) -> str:
    """Return the statement that sets or removes the comment of a constraint or index."""
    comment = "NULL" if part.comment is None else literal(part.comment)
    name = quote_identifier(str(part.name))
    if isinstance(part, Index):
        index_key = Key("index", (owner.namespace, part.name))
        return f"COMMENT ON INDEX {_full(index_key)} IS {comment}"
    return f"COMMENT ON CONSTRAINT {name} ON {_full(owner)} IS {comment}"


def altered_part(
    owner: Key, part: Constraint | Index, fields: frozenset[str], _dialect: object
) -> str | None:
    """Return the statement that changes a part; None if it has to be recreated."""
    return comment_statement(owner, part) if fields == {"comment"} else None


def constraint_statements(owner: Key, part: Constraint) -> tuple[str, str] | None:
    """Return the statements that add and drop a constraint which no operation supports.

    Args:
        owner: the table.
        part: a constraint with options.

    Returns:
        None if an operation supports it.
    """
    match part:
        case PrimaryKey():
            definition = _primary_key(part)
        case Check() if part.name is not None and dict(part.extras).get("no_inherit"):
            definition = f"CHECK ({part.expr.text}) NO INHERIT"
            definition += " NOT VALID" if dict(part.extras).get("not_valid") else ""
        case _:
            return None
    table, name = _full(owner), quote_identifier(str(part.name))
    start = f"ALTER TABLE {table}"
    return f"{start} ADD CONSTRAINT {name} {definition}", f"{start} DROP CONSTRAINT {name}"


def _primary_key(key: PrimaryKey) -> str:
    known = dict(key.extras)
    columns = ", ".join(quote_identifier(name) for name in key.columns)
    parts = [f"PRIMARY KEY ({columns})"]
    included = known.get("include")
    if isinstance(included, tuple) and included:
        parts.append(f"INCLUDE ({', '.join(quote_identifier(each) for each in included)})")
    parameters = [f"{w[5:]} = {value}" for w, value in key.extras if w.startswith("with.")]
    parts += [f"WITH ({', '.join(parameters)})"] if parameters else []
    parts += ["DEFERRABLE"] if known.get("deferrable") else []
    parts += ["INITIALLY DEFERRED"] if known.get("initially") else []
    return " ".join(parts)


# ── options and objects ────────────────────────────────────────────────────


def table_options(old: Table, new: Table) -> Iterator[str]:
    """Yield the statements that change a table's options."""
    before, after, name = dict(old.extras), dict(new.extras), _full(new.key)
    if before.get("unlogged") != after.get("unlogged"):
        yield f"ALTER TABLE {name} SET {'UNLOGGED' if after.get('unlogged') else 'LOGGED'}"
    for option in sorted({*before, *after}):
        if not option.startswith("with.") or before.get(option) == after.get(option):
            continue
        word = option.removeprefix("with.")
        if option in after:
            yield f"ALTER TABLE {name} SET ({word} = {after[option]})"
        else:
            yield f"ALTER TABLE {name} RESET ({word})"
    if before.get("tablespace") != after.get("tablespace"):
        space = str(after.get("tablespace") or "pg_default")
        yield f"ALTER TABLE {name} SET TABLESPACE {quote_identifier(space)}"


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for a domain or a view."""
    match change:
        case Create(what=Domain() as domain):
            yield _create_domain(domain)
        case Drop(what=Domain() as domain):
            yield f"DROP DOMAIN {_full(domain.key)}"
        case Alter(old=Domain() as old, new=Domain() as new):
            yield from _alter_domain(old, new)
        case Rename(old=Domain() as old, new=Domain() as new):
            yield f"ALTER DOMAIN {_full(old.key)} RENAME TO {quote_identifier(new.key.name)}"
        case Create(what=Definition() as obj) if obj.key.kind in _VIEWS:
            yield from _create_view(obj)
        case Drop(what=Definition() as obj) if obj.key.kind in _VIEWS:
            yield f"DROP {_VIEWS[obj.key.kind]} {_full(obj.key)}"
        case Alter(old=Definition() as was, new=Definition() as obj) if obj.key.kind in _VIEWS:
            if change.fields <= {"comment"}:
                yield definition_ddl.comment(obj)
                return
            yield f"DROP {_VIEWS[was.key.kind]} {_full(was.key)}"
            yield from _create_view(obj)
        case _:
            yield from definition_ddl.statements(change)


_VIEWS = {"view": "VIEW", "materialized_view": "MATERIALIZED VIEW"}


def _create_view(view: Definition) -> Iterator[str]:
    known, word = dict(view.extras), _VIEWS[view.key.kind]
    options, left = known.get("options"), known.get("afterwards")
    head = f" WITH ({', '.join(options)})" if isinstance(options, tuple) else ""
    tail = " WITH NO DATA" if known.get("empty") else ""
    yield f"CREATE {word} {_full(view.key)}{head} AS {view.body.text}{tail}"
    if view.comment is not None:
        yield definition_ddl.comment(view)
    yield from left if isinstance(left, tuple) else ()


def _check(check: Check) -> str:
    name = f"CONSTRAINT {quote_identifier(check.name)} " if check.name else ""
    text = check.expr.text
    return f"{name}CHECK ({text})"


def _create_domain(domain: Domain) -> str:
    start = f"CREATE DOMAIN {_full(domain.key)} AS {_type(domain.type)}"
    return f"{start} {_domain_options(domain)}".rstrip()


def _domain_options(domain: Domain) -> str:
    parts = []
    if domain.type.collation:
        parts.append(f"COLLATE {quote_identifier(domain.type.collation)}")
    if domain.default is not None:
        parts.append(f"DEFAULT {domain.default.text}")
    if not domain.nullable:
        parts.append("NOT NULL")
    return " ".join([*parts, *map(_check, domain.checks)])


def _named(domain: Domain) -> Domain:
    """Return the domain with the names that the server gives unnamed checks."""
    taken = {check.name for check in domain.checks}
    checks = []
    for check in domain.checks:
        labels = ("check", *(f"check{number}" for number in range(1, len(taken) + 2)))
        names = (joined(domain.key.name, "", label) for label in labels)
        name = check.name or next(each for each in names if each not in taken)
        taken.add(name)
        checks.append(replace(check, name=name))
    return replace(domain, checks=tuple(checks))


def retyped_domain(change: Change) -> AlterDomainOp | None:
    """Return the operation for a domain whose type changes; None for other changes."""
    match change:
        case Alter(old=Domain() as old, new=Domain() as new) if old.type != new.type:
            return AlterDomainOp(
                new.key.name,
                _type(new.type),
                _domain_options(new),
                existing_type=_type(old.type),
                existing_options=_domain_options(old),
                schema=new.key.namespace,
            )
    return None


def _alter_domain(old: Domain, new: Domain) -> Iterator[str]:
    name = _full(new.key)
    old, new = _named(old), _named(new)
    if old.default != new.default:
        yield f"ALTER DOMAIN {name} " + (
            "DROP DEFAULT" if new.default is None else f"SET DEFAULT {new.default.text}"
        )
    if old.nullable != new.nullable:
        yield f"ALTER DOMAIN {name} {'DROP' if new.nullable else 'SET'} NOT NULL"
    for check in old.checks:
        if check not in new.checks:
            yield f"ALTER DOMAIN {name} DROP CONSTRAINT {quote_identifier(str(check.name))}"
    for check in new.checks:
        if check not in old.checks:
            yield f"ALTER DOMAIN {name} ADD {_check(check)}"


# ── partitions ────────────────────────────────────────────────────────────

# https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-PARTITION
_TREE = qualified("""
SELECT p.level, p.relid, c.relname, c.oid::regclass::text AS name, p.parentrelid::text AS parent,
 pg_get_expr(c.relpartbound, c.oid) AS bound,
 CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_by
FROM pg_partition_tree(CAST(CAST(:table AS pg_catalog.text) AS pg_catalog.regclass)) p
 JOIN pg_class c ON c.oid = p.relid
WHERE p.level > 0 AND c.relkind IN ('r', 'p')
""")
_INDEXES = qualified(f"""
SELECT pg_get_indexdef(i.indexrelid) FROM ({_TREE}) t JOIN pg_index i ON i.indrelid = t.relid
WHERE NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
 AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
 AND (CAST(:column AS pg_catalog.text) IS NULL OR EXISTS (SELECT 1 FROM pg_depend d
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
   AND d.refobjid = i.indrelid AND a.attname = :column))
ORDER BY t.level, t.name, i.indexrelid
""")  # noqa: S608 - both parts are constants
_CONSTRAINTS = qualified(f"""
SELECT t.name, quote_ident(k.conname), pg_get_constraintdef(k.oid)
FROM ({_TREE}) t JOIN pg_constraint k ON k.conrelid = t.relid
WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND k.conislocal AND k.coninhcount = 0
 AND k.conparentid = 0 AND (CAST(:column AS pg_catalog.text) IS NULL
 OR EXISTS (SELECT 1 FROM pg_attribute a
  WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname = :column))
ORDER BY t.level, t.name, k.conname
""")  # noqa: S608 - both parts are constants


def partition_statements(connection: Connection, table: Key, column: str | None) -> Iterator[str]:
    """Yield the statements that restore what a drop removes from partitions.

    Args:
        connection: a connection to the database.
        table: the partitioned table.
        column: the dropped column: restore the indexes and constraints of the partitions that use
            it; None if the table is dropped with all its partitions.
    """
    from sqlalchemy import text

    given = {"table": quote_path(*table.path), "column": column}
    if column is None:
        rows = connection.execute(
            text(f"{_TREE} ORDER BY p.level, name"), {"table": given["table"]}
        )
        for row in rows:
            below = f" PARTITION BY {row.partition_by}" if row.partition_by else ""
            yield f"CREATE TABLE {row.name} PARTITION OF {row.parent} {row.bound}{below}"
    for name, constraint, definition in connection.execute(text(_CONSTRAINTS), given):
        yield f"ALTER TABLE {name} ADD CONSTRAINT {constraint} {definition}"
    for (definition,) in connection.execute(text(_INDEXES), given):
        yield definition
