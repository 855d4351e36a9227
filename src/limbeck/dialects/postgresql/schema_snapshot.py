"""The current state of PostgreSQL's catalog and statistics, as this transaction sees it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from limbeck.dialects.measurement import names_in
from limbeck.dialects.postgresql.qualified_sql import qualified

_USER = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
    " AND n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'pg_toast%'"
)
_NAME = "CASE WHEN n.nspname = 'public' THEN {name} ELSE n.nspname || '.' || {name} END"
# The functions return the counters of this transaction; views would join them for each table.
# https://www.postgresql.org/docs/current/monitoring-stats.html
QUERY = qualified(f"""
SELECT json_build_object(
 'relations', (SELECT json_agg(json_build_array(
   c.oid, {_NAME.format(name="c.relname")}, c.relkind, pg_relation_filenode(c.oid),
   i.indrelid, pg_stat_get_xact_numscans(c.oid), pg_stat_get_xact_tuples_inserted(c.oid),
   pg_stat_get_xact_tuples_updated(c.oid), pg_stat_get_xact_tuples_deleted(c.oid), h.inhparent))
   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   LEFT JOIN pg_index i ON i.indexrelid = c.oid
   LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
   WHERE c.relkind IN ('r', 'p', 'i', 'I', 'm', 'v', 'S', 'f') AND {_USER}),
 'locks', (SELECT json_agg(json_build_array(l.relation, l.mode)) FROM pg_locks l
   WHERE l.pid = pg_backend_pid() AND l.granted AND l.locktype = 'relation'
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())),
 'columns', (SELECT json_agg(json_build_array(
   a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod)))
   FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
   JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {_USER}),
 'children', (SELECT json_agg(json_build_array(h.inhrelid, h.inhparent,
   pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')) FROM pg_inherits h
   JOIN pg_class c ON c.oid = h.inhrelid WHERE c.relkind IN ('r', 'p', 'f')),
 'attributes', (SELECT json_agg(json_build_array(c.oid, a.attnum, c.relname, a.attname))
   FROM pg_attribute a
   JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind = 'c' AND NOT a.attisdropped
   AND EXISTS (SELECT 1 FROM pg_attribute u JOIN pg_type t ON t.oid = u.atttypid
     LEFT JOIN pg_type e ON e.oid = t.typelem JOIN pg_class o ON o.oid = u.attrelid
     WHERE o.relkind IN ('r', 'p', 'm') AND (t.typrelid = c.oid OR e.typrelid = c.oid))),
 'grants', (SELECT json_agg(json_build_array(g.kind, g.oid, g.name, g.owner, g.items)) FROM (
   SELECT 'table' AS kind, c.oid AS oid, {_NAME.format(name="c.relname")} AS name,
     pg_get_userbyid(c.relowner) AS owner, c.relacl::text[] AS items
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relacl IS NOT NULL AND {_USER}
   UNION ALL SELECT 'column', c.oid, {_NAME.format(name="c.relname")} || '.' || a.attname,
     pg_get_userbyid(c.relowner), a.attacl::text[]
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND {_USER}
   UNION ALL SELECT 'function', p.oid, p.proname, pg_get_userbyid(p.proowner),
     coalesce(p.proacl, acldefault('f', p.proowner))::text[]
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_USER}
   UNION ALL SELECT 'schema', n.oid, n.nspname, pg_get_userbyid(n.nspowner), n.nspacl::text[]
     FROM pg_namespace n WHERE n.nspacl IS NOT NULL AND {_USER}) g),
 'computed', (SELECT json_agg(json_build_array(a.attrelid, a.attnum)) FROM pg_attribute a
   WHERE a.attgenerated <> '' AND NOT a.attisdropped),
 'identities', (SELECT json_agg(json_build_array(a.attrelid, a.attnum, a.attidentity))
   FROM pg_attribute a WHERE a.attidentity <> '' AND NOT a.attisdropped),
 'labels', (SELECT json_agg(json_build_array(e.enumtypid, {_NAME.format(name="t.typname")},
   e.enumlabel)) FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
   JOIN pg_namespace n ON n.oid = t.typnamespace),
 'parts', (SELECT json_agg(json_build_array(p.kind, p.oid, p.name, p.owner)) FROM (
   SELECT CASE WHEN x.contype = 't' THEN 'trigger' ELSE 'constraint' END AS kind, x.oid,
     x.conname::text AS name, x.conrelid AS owner
     FROM pg_constraint x JOIN pg_namespace n ON n.oid = x.connamespace WHERE {_USER}
   UNION ALL SELECT 'trigger', t.oid, t.tgname::text, t.tgrelid FROM pg_trigger t
     WHERE NOT t.tgisinternal
   UNION ALL SELECT 'policy', t.oid, t.polname::text, t.polrelid FROM pg_policy t
   UNION ALL SELECT 'function', t.oid, t.proname || '#' || n.nspname || md5(t.prosrc),
     (t.prorettype = 'trigger'::regtype)::int::oid FROM pg_proc t
     JOIN pg_namespace n ON n.oid = t.pronamespace WHERE {_USER}
   UNION ALL SELECT 'type', t.oid, t.typname::text, 0::oid FROM pg_type t
     JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd') AND {_USER}
   UNION ALL SELECT 'extension', t.oid, t.extname::text, 0::oid FROM pg_extension t
   UNION ALL SELECT 'schema', n.oid, n.nspname::text, 0::oid FROM pg_namespace n WHERE {_USER}
   UNION ALL SELECT 'default', t.oid, a.attname::text, t.adrelid FROM pg_attrdef t
     JOIN pg_attribute a ON a.attrelid = t.adrelid AND a.attnum = t.adnum
   UNION ALL SELECT 'owned sequence', d.objid, d.refobjid::text, d.refobjid FROM pg_depend d
     WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
     AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
 ) p))""")


Grant: TypeAlias = tuple[str, int, str, str, str]
# what the queries of a release need
_PRIVILEGES = {
    "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "X": "EXECUTE", "U": "USAGE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, index, view or sequence.

    Args:
        kind: as in `pg_class.relkind`.
        filenode: the number of its file; None if it has none.
        table: the table's oid, for an index.
        scans: sequential scans in this transaction.
        inserted: rows inserted in this transaction; `updated` and `deleted` likewise.
        parent: the index of the partitioned table, for an index of a partition.
    """

    name: str
    kind: str
    filenode: int | None
    table: int | None
    scans: int
    inserted: int
    updated: int
    deleted: int
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class SchemaSnapshot:
    """The catalog, locks and counters at one point, by oid.

    Args:
        relations: the tables, indexes, views and sequences of users.
        locks: the lock modes that this session holds.
        columns: name and type of the columns, by table and number.
        parts: kind, name and owner of constraints, triggers, policies, types and functions; the
            owner of a trigger function is 1, of the others 0.
        children: partitions and inheriting tables, each with the table whose queries read them.
        defaults: the default partitions.
        attributes: those of the composite types of columns: oid, number, name of the type, name.
        grants: what roles other than the owner may do: kind, oid, name, role, privilege.
        labels: the values of enum types, with the type's oid and name.
        computed: the generated columns, by table and number.
        identities: the identity columns by table and number: "a" for ALWAYS, "d" for BY DEFAULT.
    """

    relations: Mapping[int, Relation] = field(default_factory=dict)
    locks: Mapping[int, frozenset[str]] = field(default_factory=dict)
    columns: Mapping[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    parts: Mapping[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    children: frozenset[tuple[int, int]] = frozenset()
    computed: frozenset[tuple[int, int]] = frozenset()
    identities: Mapping[tuple[int, int], str] = field(default_factory=dict)
    labels: frozenset[tuple[int, str, str]] = frozenset()
    defaults: frozenset[int] = frozenset()
    attributes: frozenset[tuple[int, int, str, str]] = frozenset()
    grants: frozenset[Grant] = frozenset()

    def lost_grants(self, now: SchemaSnapshot) -> Iterator[Grant]:
        """Yield the privileges that a later snapshot does not have on objects that it has."""
        kept = {(kind, oid, role, word, _column(kind, name)) for kind, oid, name, role, word
                in now.grants}  # fmt: skip
        names = {(oid, name) for (oid, _number), (name, _type) in now.columns.items()}
        for kind, oid, name, role, word in sorted(self.grants):
            column = _column(kind, name)
            if (kind, oid, role, word, column) in kept:
                continue
            if kind == "column":
                # a privilege on the table is one on all its columns
                if (oid, column) in names and ("table", oid, role, word, "") not in kept:
                    yield kind, oid, name, role, word
            elif oid in now.relations if kind == "table" else (kind, oid) in now.parts:
                yield kind, oid, name, role, word

    @property
    def tables(self) -> dict[int, str]:
        """The names of tables and materialized views."""
        return {oid: one.name for oid, one in self.relations.items() if one.kind in "rpmf"}

    @property
    def tables_of_indexes(self) -> dict[str, str]:
        """The table of each index, by name."""
        return {
            relation.name: self.relations[relation.table].name
            for relation in self.relations.values()
            if relation.table is not None and relation.table in self.relations
        }


def _column(kind: str, name: str) -> str:
    return name.rpartition(".")[2] if kind == "column" else ""


def _grants(rows: Iterable[Any]) -> Iterator[Grant]:
    """Yield the privileges of access control lists.

    https://www.postgresql.org/docs/current/ddl-priv.html#PRIVILEGE-ABBREVS-TABLE
    """
    for kind, oid, name, owner, items in rows:
        for item in items:
            role, _, letters = item.rpartition("/")[0].rpartition("=")
            if role.strip('"') != owner:
                for letter, word in _PRIVILEGES.items():
                    if letter in letters:
                        yield kind, int(oid), name, role.strip('"') or "PUBLIC", word


def _relation(row: Any) -> Relation:
    name, kind, filenode, table, *counters, parent = row[1:]
    scans, inserted, updated, deleted = (int(number or 0) for number in counters)
    file, owner, above = (None if one is None else int(one) for one in (filenode, table, parent))
    return Relation(name, kind, file, owner, scans, inserted, updated, deleted, above)


def take_snapshot(cursor: Any) -> SchemaSnapshot:
    """Read the catalog with a cursor of the driver."""
    cursor.execute(QUERY)
    rows = cursor.fetchone()[0]
    if isinstance(rows, str):
        rows = json.loads(rows)
    locks: dict[int, set[str]] = {}
    for oid, mode in rows["locks"] or ():
        locks.setdefault(int(oid), set()).add(mode)
    return SchemaSnapshot(
        relations={int(row[0]): _relation(row) for row in rows["relations"] or ()},
        locks={oid: frozenset(modes) for oid, modes in locks.items()},
        columns={(int(row[0]), row[1]): (row[2], row[3]) for row in rows["columns"] or ()},
        parts={(row[0], int(row[1])): (row[2], int(row[3])) for row in rows["parts"] or ()},
        children=frozenset((int(row[0]), int(row[1])) for row in rows["children"] or ()),
        defaults=frozenset(int(row[0]) for row in rows["children"] or () if row[2]),
        attributes=frozenset((int(row[0]), *row[1:]) for row in rows["attributes"] or ()),
        grants=frozenset(_grants(rows["grants"] or ())),
        labels=frozenset((int(row[0]), row[1], row[2]) for row in rows["labels"] or ()),
        identities={(int(row[0]), row[1]): row[2] for row in rows["identities"] or ()},
        computed=frozenset((int(row[0]), row[1]) for row in rows["computed"] or ()),
    )


_KINDS = {
    "r": "table", "p": "table", "f": "foreign table", "i": "index", "I": "index", "v": "view",
    "m": "materialized view", "S": "sequence",
}  # fmt: skip


def dropped_objects(
    before: SchemaSnapshot, after: SchemaSnapshot, statement: str, start: SchemaSnapshot
) -> Iterator[str]:
    """Yield dropped objects that the statement does not name.

    Args:
        before: the catalog before the statement.
        after: the catalog after it.
        statement: the SQL.
        start: the catalog before the revision; columns that the revision adds are ignored.
    """
    words = names_in(statement)
    gone = set(before.relations) - set(after.relations)
    yield from _dropped_relations(before, after, words, gone)
    yield from _dropped_parts(before, after, words, gone, start)


def _dropped_relations(
    before: SchemaSnapshot, after: SchemaSnapshot, words: set[str], gone: set[int]
) -> Iterator[str]:
    for oid in sorted(gone):
        one = before.relations[oid]
        if one.name.rpartition(".")[2].lower() in words or not gone.isdisjoint(
            {one.table, one.parent}
        ):
            continue
        if one.kind == "S" and ("owned sequence", oid) in before.parts:
            continue
        if one.kind in "iI" and (
            same_file(one, after)
            or _is_made_again(one, after)
            or _belongs_to_named_constraint(one, before, after, words)
        ):
            continue
        yield f"{_KINDS[one.kind]} {one.name}"


def _dropped_parts(
    before: SchemaSnapshot,
    after: SchemaSnapshot,
    words: set[str],
    gone: set[int],
    start: SchemaSnapshot,
) -> Iterator[str]:
    for (kind, oid), (name, owner) in before.parts.items():
        bare = name.partition("#")[0]
        if (kind, oid) in after.parts or kind == "owned sequence" or owner in gone:
            continue
        if bare.lower() in words or (name, owner) in after.parts.values():
            continue
        yield f"{kind} {bare}"
    for (table, number), (name, _type) in before.columns.items():
        # DROP TYPE and DROP DOMAIN may contain the name of a column that is dropped with them
        is_named = name.lower() in words and "alter" in words
        is_new = (table, number) not in start.columns
        if (table, number) in after.columns or table in gone or is_named or is_new:
            continue
        yield f"column {before.relations[table].name}.{name}"


def same_file(index: Relation, other: SchemaSnapshot) -> bool:
    """Return whether an index has the same file in both snapshots, so that it was not rebuilt."""
    return any(
        relation.filenode == index.filenode and relation.table == index.table
        for relation in other.relations.values()
        if relation.kind == "i"
    )


def _is_made_again(index: Relation, after: SchemaSnapshot) -> bool:
    return any(relation.name == index.name and relation.table == index.table
               for relation in after.relations.values())  # fmt: skip


def _belongs_to_named_constraint(
    index: Relation, before: SchemaSnapshot, after: SchemaSnapshot, words: set[str]
) -> bool:
    names = {
        name
        for key, (name, owner) in before.parts.items()
        if key[0] == "constraint" and owner == index.table and key not in after.parts
    }
    return index.name.rpartition(".")[2] in names or any(name.lower() in words for name in names)
