"""Have and want: reflected, read, filtered, given the same words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from limbeck.autogenerate.belongings import is_bystander, settled_beside
from limbeck.autogenerate.names import by_name, refuse_twins, wanted_namespaces, without_ignored
from limbeck.autogenerate.options import Detections
from limbeck.catalog import (
    Catalog,
    Column,
    Definition,
    Expr,
    Index,
    Key,
    PrimaryKey,
    SchemaObject,
    Table,
    kind_of,
)
from limbeck.dialects import Dialect, Scope, as_changed, find
from limbeck.diff import Change, Rename, apply
from limbeck.errors import DraftError
from limbeck.operations import RenameConstraintOp
from limbeck.render import RenderContext
from limbeck.sqlalchemy_io import Snapshot, read

_JOURNAL = "limbeck_journal"


@dataclass
class Sides:
    """The two catalogs of a comparison and what is known around them.

    Args:
        ctx: options, filters, connection.
        detections: what to look for.
        dialect: what limbeck knows of the database.
        have: what is there.
        want: what should be.
        snapshot: the models as they were read, with their SQLAlchemy objects.
        namespaces: the schemas that were read, None for the default one.
    """

    ctx: RenderContext
    detections: Detections
    dialect: Dialect
    have: Catalog
    want: Catalog
    snapshot: Snapshot
    namespaces: tuple[str | None, ...] = (None,)
    renamed: dict[Key, Key] = field(default_factory=dict)
    old_columns: dict[tuple[Key, str], str] = field(default_factory=dict)
    before: Catalog = field(default_factory=Catalog)
    bystanders: frozenset[Key] = frozenset()
    names: dict[Key, set[str]] = field(default_factory=dict)
    answers: Any = None
    as_read: tuple[Catalog, Catalog] | None = None
    finals: dict[tuple[Key, str], str] = field(default_factory=dict)
    _has_respelled: bool = False

    @cached_property
    def unread(self) -> frozenset[str]:
        """The kinds of parts that nobody can read of this database."""
        known = self.dialect.alembic.unread_parts
        if known is None or self.ctx.connection is None:
            return frozenset()
        return known(self.ctx.connection)

    @property
    def needs_batch(self) -> bool:
        """Whether changes of a table have to be made by copying it."""
        return not self.dialect.capabilities.alters_constraints

    @property
    def autoincrement_is_part_of_type(self) -> bool:
        """Whether a column that is said anew loses its counter when it is not said."""
        return self.dialect.autogenerate.redefines_columns

    def rekeyed(self, owner: Key) -> bool:
        """Whether a table gets another primary key."""
        had, wanted = self.have_table(owner).primary_key, self.want_table(owner).primary_key
        columns = (key.columns if key is not None else () for key in (had, wanted))
        return len(set(columns)) > 1

    def want_table(self, key: Key) -> Table:
        """Return the whole wanted table."""
        return _table(self.want, key)

    def have_table(self, key: Key) -> Table:
        """Return the whole present table under the names it has after the renames."""
        return _table(self.have, key)

    def rename(self, changes: Sequence[Change]) -> None:
        """Let the present side speak in the names that it has after the renames."""
        self.before = self.as_read[0] if self._has_respelled and self.as_read else self.have
        renames = [change for change in changes if isinstance(change, Rename) and _is_first(change)]
        for change in renames:
            if change.owner is None:
                # names that change hands go by a third one
                first: Key = self.renamed.pop(change.old.key, change.old.key)  # type: ignore[union-attr]
                self.renamed[change.new.key] = first  # type: ignore[union-attr]
            else:
                old, new = str(change.old.name), str(change.new.name)  # type: ignore[union-attr]
                if (change.owner, old) in self.old_columns:
                    self.finals[change.owner, old] = new
                was = self.old_columns.pop((change.owner, old), old)
                self.old_columns[change.owner, new] = was
        if renames and not self._has_respelled:
            self.have = apply(self.have, renames)

    def respell(self, have: Catalog, want: Catalog) -> tuple[Catalog, Catalog]:
        """Give both sides the same words, with the names that hold after the renames."""
        self._has_respelled = True
        if self.dialect.normalize is not None:
            have, want = self.dialect.normalize(have, want, self.ctx.connection)
        self.have, self.want = have, want
        return have, want

    def final(self, owner: Key, name: str) -> str:
        """Return the name that a column has in the end; names that change hands go by a third."""
        while (owner, name) in self.finals:
            name = self.finals[owner, name]
        return name

    # ── what the dialect knows ────────────────────────────────────────────

    def cast(
        self, owner: Key, old: Column, new: Column
    ) -> tuple[dict[str, Any], dict[str, Any], bool]:
        """Return options for a change of type, for its way back, and if defaults must go first.

        Raises:
            DraftError: somebody told how to convert, and this database cannot be told.
        """
        told = self.answers.cast(owner, new.name) if self.answers is not None else None
        known = self.dialect.autogenerate.cast_keywords
        if known is None and told is not None:
            raise DraftError(
                f"{self.dialect.name} converts {owner.name}.{new.name} by its own rules and "
                f"takes no {told!r}",
                hint="leave the answer out and convert the values in the revision file",
                code="LB443",
            )
        if known is None or not (self.detections.everything or told):
            return {}, {}, False
        there, back = known(old, new, told), known(new, old, None)
        return there, back, bool(there or back) or _is_respelled(old, new)

    def counter(
        self, owner: Key, old: Column, new: Column
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return what stops and what starts the counting of a column, around its change."""
        from limbeck.autogenerate.draft_operations import StatementOp

        known = self.dialect.autogenerate.identity_transition
        if known is None or not self.detections.everything:
            return (), ()
        first, last = known(owner, old, new)
        back_first, back_last = known(owner, new, old)
        if first is None and back_first is None:
            back_first, back_last = back_last, None
        return (
            tuple(StatementOp(sql, undo) for sql, undo in _opposed(first, back_last)),
            tuple(StatementOp(sql, undo) for sql, undo in _opposed(last, back_first)),
        )

    def key_statements(self, owner: Key, part: Any) -> tuple[str, str] | None:
        """Return SQL that adds and drops a primary key for which no operation has the words."""
        known = self.dialect.autogenerate.primary_key_ddl
        if known is None or not isinstance(part, PrimaryKey) or not part.extras:
            return None
        if not self.detections.everything:
            return None
        name = part.name or self.default_name(owner, part)
        return known(owner, replace(part, name=name))

    def moved(self, old: Table, new: Table) -> Any:
        """Return the operation that takes a table to another namespace; None where none does."""
        from limbeck.autogenerate.draft_operations import StatementOp

        known = self.dialect.autogenerate.set_schema
        if known is None or old.key.namespace == new.key.namespace:
            return None
        return StatementOp(known(old.key, new.key), known(new.key, old.key))

    def statements(self, change: Change) -> Sequence[str]:
        """Return the SQL for a thing that has no operation of its own."""
        known = self.dialect.definitions.statements
        return tuple(known(change)) if known is not None else ()

    def default_name(self, owner: Key, part: Any) -> str | None:
        """Return the name that the server would give a constraint without one."""
        known = self.dialect.autogenerate.default_name
        if known is None or not self.detections.everything:
            return None
        table = self.want_table(owner)
        present = self.have.get(owner)
        parts = [*table.constraints, *table.indexes]
        if isinstance(present, Table):
            parts += [*present.constraints, *present.indexes]
        taken = self.names.setdefault(owner, {p.name for p in parts if p.name})
        name = known(table, part, taken)
        if name is not None:
            taken.add(name)
        return name

    def table_options(self, old: Table, new: Table) -> Iterator[Any]:
        """Yield operations for a table's changed options."""
        from limbeck.autogenerate.draft_operations import NoteOp, OnTheWayBackOp, StatementOp

        known = self.dialect.autogenerate.alter_table_options
        there = tuple(known(old, new)) if known is not None else ()
        if known is None or not there:
            yield NoteOp(
                f"options of {new.key.name} differ: {dict(old.extras)} here, "
                f"{dict(new.extras)} in the models"
            )
            return
        back = tuple(known(new, old))
        if len(there) == len(back) == 1:
            yield StatementOp(there[0], back[0])
            return
        yield from (OnTheWayBackOp(StatementOp(sql, "")) for sql in reversed(back))
        yield from (StatementOp(sql, "") for sql in there)

    def rename_part(self, change: Rename, owner: Key, schema: str | None) -> Any:
        """Return the operation that renames an index or constraint; None: drop and create."""
        from limbeck.autogenerate.draft_operations import StatementOp

        known = self.dialect.autogenerate.rename_part
        if known is None:
            return None
        there, back = known(change, owner), known(change.inverse(), owner)
        if there and not isinstance(change.old, Index):
            old, new = change.old, change.new
            names = str(old.name), str(new.name)  # type: ignore[union-attr]
            return RenameConstraintOp(*names, owner.name, schema=schema)
        return StatementOp(there, back) if there else None

    @cached_property
    def sa_dialect(self) -> Any:
        """SQLAlchemy's dialect."""
        return self.ctx.migration_context.dialect


def _table(catalog: Catalog, key: Key) -> Table:
    thing = catalog.get(key)
    if not isinstance(thing, Table):
        raise DraftError(f"There is no table {key.name!r} on this side", code="LB438")
    return thing


def read_sides(ctx: RenderContext, detections: Detections) -> Sides:
    """Reflect the database, read the models, filter both and give them the same words.

    Raises:
        DraftError: there is no connection, or the models cannot be read.
    """
    if ctx.connection is None and ctx.replayed is None:
        raise DraftError(
            "Comparing needs a connection to the database",
            hint="call context.configure(connection=...) in env.py",
            code="LB403",
        )
    sa_dialect = ctx.migration_context.dialect
    dialect = find(sa_dialect.name)
    if not detections.everything and ctx.connection is not None:
        dialect = as_changed(dialect, ctx.connection)
    default = sa_dialect.default_schema_name
    snapshot = read(
        ctx.metadatas,
        sa_dialect,
        default_namespace=default,
        schema_translate_map=_translated(ctx),
    )
    refuse_twins(snapshot.catalog, dialect.capabilities.case_insensitive_kinds)
    namespaces = wanted_namespaces(ctx, detections, snapshot.catalog, default)
    kinds = dialect.definitions.reflected_kinds if detections.everything else None
    owned = _owned(ctx, dialect)
    also = owned | _declared(snapshot.catalog) if detections.everything else frozenset()
    have = _have(ctx, dialect, Scope(namespaces or (), kinds=kinds, also=also))
    # a replay sees raw SQL and not what it makes
    is_seen = ctx.replayed is None
    declares = dialect.definitions.declarable_kinds if is_seen else frozenset()
    want = snapshot.catalog.without(snapshot.borrowed).filter(
        lambda thing: not isinstance(thing, Definition) or thing.key.kind in declares
    )
    server_names = dialect.definitions.canonical_names
    if also and server_names is not None:
        want = server_names(want)
    own = _own_tables(ctx, default) | _journals(have)
    have, want = have.without(own | snapshot.borrowed), want.without(own)
    have = without_ignored(have, want, ctx.opts.get("ignore") or ())
    have = by_name(have, want, ctx, detections)
    bystanders: frozenset[Key] = frozenset()
    if not detections.everything:
        have, want = have.filter(_is_table), want.filter(_is_table)
    else:
        have, bystanders = _ours(have, want, owned)
    if detections.everything:
        have, want = settled_beside(have, want)
    as_read = (have, want)
    if dialect.normalize is not None:
        have, want = dialect.normalize(have, want, ctx.connection)
    found = namespaces or tuple(sorted({k.namespace for k in have.objects}, key=str))
    sides = Sides(ctx, detections, dialect, have, want, snapshot, found, bystanders=bystanders)
    sides.as_read = as_read
    return sides


def _ours(have: Catalog, want: Catalog, owned: frozenset[str]) -> tuple[Catalog, frozenset[Key]]:
    """Return what may be changed, and in it the views that only stand in the way of changes."""
    bystanders = frozenset(
        thing.key for thing in have if thing.key.kind not in owned and is_bystander(thing, want)
    )

    def counts(thing: SchemaObject) -> bool:
        return thing.key in bystanders or thing.key.kind in owned or _is_ours(thing, want)

    return have.filter(counts), bystanders


def _is_respelled(old: Column, new: Column) -> bool:
    """Say whether a default that stays would keep the old type in the server's words."""
    quoted = isinstance(new.default, Expr) and new.default.text.startswith("'")
    return quoted and isinstance(old.default, Expr) and old.type.name != new.type.name


def _opposed(there: str | None, back: str | None) -> Iterator[tuple[str, str]]:
    if there is not None:
        yield there, back or ""


def _have(ctx: RenderContext, dialect: Dialect, scope: Scope) -> Catalog:
    if ctx.replayed is not None:
        replayed: Catalog = ctx.replayed
        return replayed
    if dialect.reflect is None or ctx.connection is None:
        raise DraftError(f"limbeck cannot read a {dialect.name} database yet", code="LB432")
    return dialect.reflect(ctx.connection, scope)


def _translated(ctx: RenderContext) -> Any:
    if ctx.connection is None:
        return None
    return ctx.connection.get_execution_options().get("schema_translate_map")


def _owned(ctx: RenderContext, dialect: Dialect) -> frozenset[str]:
    """Return the kinds of things known by their text of which all belong to the models."""
    return dialect.definitions.kinds if ctx.opts.get("undeclared") == "drop" else frozenset()


def _declared(want: Catalog) -> frozenset[str]:
    """Return the kinds of things known by their text that the models have."""
    return frozenset(thing.key.kind for thing in want if isinstance(thing, Definition))


def _is_first(change: Rename) -> bool:
    return isinstance(change.new, Table | Column)


def _is_table(thing: SchemaObject) -> bool:
    return isinstance(thing, Table)


def _is_ours(thing: SchemaObject, want: Catalog) -> bool:
    """Say whether a thing that the models do not mention may be proposed for dropping."""
    if thing.key in want:
        return True
    if isinstance(thing, Table):
        return not dict(thing.extras).get("partition_of")
    if thing.key.kind == "view_index":
        return getattr(thing, "on", None) in want
    return kind_of(thing.key).drop_by_default


def _own_tables(ctx: RenderContext, default: str | None) -> frozenset[Key]:
    context = ctx.migration_context
    name = getattr(context, "version_table", None) or ctx.opts.get("version_table")
    schema = getattr(context, "version_table_schema", None) or ctx.opts.get("version_table_schema")
    namespace = None if schema == default else schema
    return frozenset({Key("table", (namespace, name or "alembic_version"))})


def _journals(have: Catalog) -> frozenset[Key]:
    """Return the journals that stand beside any project's version table."""
    return frozenset(key for key in have.objects if key.kind == "table" and _is_journal(key.name))


def _is_journal(name: str) -> bool:
    return name == _JOURNAL or name.startswith(f"{_JOURNAL}_")


def with_column(table: Table, column: Column) -> Table:
    """Return the table with one of its columns replaced."""
    columns = tuple(column if each.name == column.name else each for each in table.columns)
    return replace(table, columns=columns)
