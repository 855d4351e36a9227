"""The two catalogs of a comparison: reflected and read, filtered, normalized."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from limbeck import operations as ops
from limbeck.autogenerate.filters import (
    Detections,
    is_ignored,
    namespaces_to_read,
    refuse_duplicates,
    without_unnamed,
)
from limbeck.autogenerate.questioner import Answers
from limbeck.catalog import (
    KINDS,
    Catalog,
    Column,
    Definition,
    Extras,
    Key,
    SchemaObject,
    Table,
    kind_of,
)
from limbeck.dialects import Dialect, DraftRules, Scope, as_inspected
from limbeck.diff import Change, Rename, apply, with_needs
from limbeck.errors import DraftError
from limbeck.render import RenderContext
from limbeck.sqlalchemy_io import Snapshot, read

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect as SqlDialect

_JOURNAL = "limbeck_journal"
# the operations that a database with such objects has
_OPERATIONS: dict[str, type[ops.Operation]] = {
    "namespace": ops.CreateSchemaOp,
    "enum": ops.CreateEnumOp,
    "domain": ops.AlterDomainOp,
    "sequence": ops.CreateSequenceOp,
}


@dataclass(frozen=True)
class ProfileOptions:
    """The options of a profile; the profiles are limbeck's and Alembic's.

    Args:
        compares_all_kinds: compare enum types, sequences, views and other kinds, in every schema
            that the models use; otherwise only tables.
        guesses_renames: look for likely renames even if the policy accepts none, so that a draft
            can warn about them.
        reads_columns: draft the columns of the database as limbeck reads them; otherwise as
            SQLAlchemy reflects them.
        separates_parts: create constraints and keys of new columns and tables with separate
            operations where one statement for all of them can fail.
        drafts_runnable: add what the statements of a draft need to run: batch blocks, autocommit
            blocks, values for existing rows, casts.
        drafts_autoincrement: draft a change of `autoincrement`; otherwise the models' value is
            repeated.
    """

    compares_all_kinds: bool
    guesses_renames: bool
    reads_columns: bool
    separates_parts: bool
    drafts_runnable: bool
    drafts_autoincrement: bool


@dataclass
class Comparison:
    """The two catalogs of a comparison and what belongs to them.

    Args:
        ctx: options, filters, connection.
        profile: options of the profile.
        detections: the differences that the user wants.
        dialect: limbeck's record of the database.
        current: the catalog of the database.
        target: the catalog of the models.
        snapshot: the models as they were read, with their SQLAlchemy objects.
        namespaces: the schemas that were read, None for the default one.
        untouched: objects of the database that are never changed or dropped.
        before_normalize: both catalogs before normalization; None if they cannot be normalized
            again.
        answers: the user's answers about renames and the like.
        before: the current catalog under its present names.
        renamed: current keys of tables by the keys they have after the renames.
        old_columns: current names of columns by their names after the renames.
        final_column_names: final names of columns whose rename takes two steps.
    """

    ctx: RenderContext
    profile: ProfileOptions
    detections: Detections
    dialect: Dialect
    current: Catalog
    target: Catalog
    snapshot: Snapshot
    namespaces: tuple[str | None, ...] = (None,)
    untouched: frozenset[Key] = frozenset()
    before_normalize: tuple[Catalog, Catalog] | None = None
    answers: Answers = field(default_factory=Answers)
    before: Catalog = field(default_factory=Catalog)
    renamed: dict[Key, Key] = field(default_factory=dict)
    old_columns: dict[tuple[Key, str], str] = field(default_factory=dict)
    final_column_names: dict[tuple[Key, str], str] = field(default_factory=dict)
    _is_renormalized: bool = False

    @property
    def rules(self) -> DraftRules:
        """The rules by which changes are drafted for this database."""
        return self.dialect.autogenerate

    @property
    def sa_dialect(self) -> SqlDialect:
        """SQLAlchemy's dialect."""
        dialect: SqlDialect = self.ctx.migration_context.dialect
        return dialect

    def target_table(self, key: Key) -> Table:
        """Return a table of the models."""
        return _table(self.target, key)

    def current_table(self, key: Key) -> Table:
        """Return a table of the database, under the names it has after the renames."""
        return _table(self.current, key)

    def rename(self, changes: Sequence[Change]) -> None:
        """Give the current catalog the names that it has after the renames."""
        before = self.before_normalize
        self.before = before[0] if self._is_renormalized and before else self.current
        renames = [
            change
            for change in changes
            if isinstance(change, Rename) and isinstance(change.new, Table | Column)
        ]
        for change in renames:
            if change.owner is None:
                # two tables that swap their names are renamed over a temporary one
                first: Key = self.renamed.pop(change.old.key, change.old.key)  # type: ignore[union-attr]
                self.renamed[change.new.key] = first  # type: ignore[union-attr]
            else:
                old, new = str(change.old.name), str(change.new.name)  # type: ignore[union-attr]
                if (change.owner, old) in self.old_columns:
                    self.final_column_names[change.owner, old] = new
                was = self.old_columns.pop((change.owner, old), old)
                self.old_columns[change.owner, new] = was
        if renames and not self._is_renormalized:
            self.current = apply(self.current, renames)

    def renormalize(self, current: Catalog, target: Catalog) -> tuple[Catalog, Catalog]:
        """Normalize both catalogs again, with the names after the renames."""
        self._is_renormalized = True
        current, target = _normalized(self.dialect, current, target, self.ctx.connection)
        self.current, self.target = current, target
        return current, target

    def present_key(self, key: Key) -> Key:
        """Return the key that a table has in the database now, before the renames."""
        return self.renamed.get(key, key)

    def final_column_name(self, owner: Key, name: str) -> str:
        """Return the name of a column after all renames, some of which take two steps."""
        while (owner, name) in self.final_column_names:
            name = self.final_column_names[owner, name]
        return name


def _table(catalog: Catalog, key: Key) -> Table:
    obj = catalog.get(key)
    if not isinstance(obj, Table):
        raise DraftError(f"There is no table {key.name!r} on this side", code="LB438")
    return obj


def read_comparison(
    ctx: RenderContext,
    profile: ProfileOptions,
    detections: Detections,
    dialect: Dialect,
    answers: Answers,
) -> Comparison:
    """Reflect the database, read the models, filter and normalize both.

    Args:
        ctx: options, filters, connection.
        profile: options of the profile.
        detections: the differences that the user wants.
        dialect: limbeck's record of the database.
        answers: the user's answers about renames and the like.

    Raises:
        DraftError: there is no connection, or the models cannot be read.
    """
    if ctx.connection is None and ctx.replayed is None:
        raise DraftError(
            "Comparing needs a connection to the database",
            hint="call context.configure(connection=...) in env.py",
            code="LB403",
        )
    default = ctx.migration_context.dialect.default_schema_name
    snapshot = _read_models(ctx, default)
    refuse_duplicates(snapshot.catalog, dialect.capabilities.case_insensitive_kinds)
    all_kinds = profile.compares_all_kinds
    namespaces = namespaces_to_read(ctx, snapshot.catalog, default, all_schemas=all_kinds)
    owned = dialect.definitions.kinds if ctx.opts.get("undeclared") == "drop" else frozenset()
    kinds = owned if all_kinds else frozenset()
    if all_kinds:
        kinds |= {obj.key.kind for obj in snapshot.catalog if isinstance(obj, Definition)}
    reflected = dialect.definitions.reflected_kinds if all_kinds else None
    current = _read_current(ctx, dialect, Scope(namespaces or (), kinds=reflected, also=kinds))
    target = _comparable_target(ctx, dialect, snapshot)
    if kinds and dialect.definitions.canonical_names is not None:
        target = dialect.definitions.canonical_names(target)
    own = _own_tables(ctx, default, current)
    target = target.without(own)
    current, untouched = _changeable(
        current,
        target,
        hidden=own | snapshot.borrowed,
        ignore=ctx.opts.get("ignore") or (),
        owned=owned if all_kinds else None,
    )
    if ctx.has_name_filters:
        current = without_unnamed(current, target, ctx, detections)
    if not all_kinds:
        target = target.filter(_is_table)
    elif any(isinstance(obj, Definition) for obj in (*current, *target)):
        current, target = with_dependencies(current, target)
    comparison = Comparison(
        ctx,
        profile,
        detections,
        dialect,
        current,
        target,
        snapshot,
        namespaces or tuple(sorted({key.namespace for key in current.objects}, key=str)),
        untouched,
        before_normalize=(current, target),
        answers=answers,
    )
    comparison.current, comparison.target = _normalized(dialect, current, target, ctx.connection)
    return comparison


def _read_models(ctx: RenderContext, default: str | None) -> Snapshot:
    connection = ctx.connection
    execution = {} if connection is None else connection.get_execution_options()
    return read(
        ctx.metadatas,
        ctx.migration_context.dialect,
        default_namespace=default,
        schema_translate_map=execution.get("schema_translate_map"),
    )


def _comparable_target(ctx: RenderContext, dialect: Dialect, snapshot: Snapshot) -> Catalog:
    """Return the objects that the models declare, without kinds that cannot be compared."""
    # a replay does not know what raw SQL creates
    kinds = dialect.definitions.declarable_kinds if ctx.replayed is None else frozenset()
    return snapshot.catalog.without(snapshot.borrowed).filter(
        lambda obj: not isinstance(obj, Definition) or obj.key.kind in kinds
    )


def _normalized(
    dialect: Dialect, current: Catalog, target: Catalog, connection: Connection | None
) -> tuple[Catalog, Catalog]:
    """Return both catalogs in the same form, without objects that no operation creates.

    Only for databases that SQLAlchemy's inspector reads: there it creates an enum with its table.
    """
    if dialect.normalize is not None:
        current, target = dialect.normalize(current, target, connection)
    if dialect.normalize is not as_inspected and not dialect.is_third_party:
        return current, target
    missing = {kind for kind, needed in _OPERATIONS.items() if needed not in dialect.operations}
    if any(obj.key.kind in missing for obj in target):
        target = target.filter(lambda obj: obj.key.kind not in missing)
    return current, target


def _changeable(
    current: Catalog,
    target: Catalog,
    *,
    hidden: Collection[Key],
    ignore: Sequence[str],
    owned: Collection[str] | None,
) -> tuple[Catalog, frozenset[Key]]:
    """Return the objects of the database that are compared, and the keys of those that stay.

    Args:
        current: the catalog of the database.
        target: the catalog of the models; its objects are never left out.
        hidden: limbeck's own tables, and objects that the models use but do not own.
        ignore: the user's patterns of objects that are not compared.
        owned: kinds whose objects are dropped if the models lack them; None to compare only tables.
    """
    objects: list[SchemaObject] = []
    untouched: set[Key] = set()
    for key, obj in current.objects.items():
        if key in hidden or (owned is None and not isinstance(obj, Table)):
            continue
        if key not in target.objects:
            if ignore and is_ignored(key, ignore):
                continue
            if owned is not None and key.kind not in owned:
                if _stays(obj, target):
                    untouched.add(key)
                elif not _may_be_dropped(obj, target):
                    continue
        objects.append(obj)
    return Catalog.of(objects), frozenset(untouched)


def _read_current(ctx: RenderContext, dialect: Dialect, scope: Scope) -> Catalog:
    if ctx.replayed is not None:
        replayed: Catalog = ctx.replayed
        return replayed
    if dialect.reflect is None or ctx.connection is None:
        raise DraftError(f"limbeck cannot read a {dialect.name} database yet", code="LB432")
    return dialect.reflect(ctx.connection, scope)


def _is_table(obj: SchemaObject) -> bool:
    return isinstance(obj, Table)


def _may_be_dropped(obj: SchemaObject, target: Catalog) -> bool:
    """Return whether an object that the models lack may be dropped."""
    if isinstance(obj, Table):
        return not dict(obj.extras).get("partition_of")
    if obj.key.kind == "view_index":
        return getattr(obj, "on", None) in target
    return kind_of(obj.key).drop_by_default


def _own_tables(ctx: RenderContext, default: str | None, current: Catalog) -> set[Key]:
    """Return the version table, and the journal tables of all projects in the database."""
    context = ctx.migration_context
    name = getattr(context, "version_table", None) or ctx.opts.get("version_table")
    schema = getattr(context, "version_table_schema", None) or ctx.opts.get("version_table_schema")
    namespace = None if schema == default else schema
    own = {Key("table", (namespace, name or "alembic_version"))}
    for key in current.objects:
        if key.kind == "table" and (key.name == _JOURNAL or key.name.startswith(f"{_JOURNAL}_")):
            own.add(key)
    return own


# extras that models cannot declare, preserved if an object is dropped and created again
_DATABASE_ONLY = ("afterwards", "empty", "enabled", "replaceable")


def _stays(obj: SchemaObject, target: Catalog) -> bool:
    """Return whether an object that the models lack is left unchanged in any case."""
    if not isinstance(obj, Definition):
        return False
    if obj.key.kind == "view_index":
        return obj.on not in target
    kind = kind_of(obj.key)
    return kind.is_view or kind.owner != "none"


def with_dependencies(current: Catalog, target: Catalog) -> tuple[Catalog, Catalog]:
    """Return both catalogs with the owners and dependencies of definitions.

    Extras that models cannot declare are taken from the database.
    """
    definitions = []
    for obj in target:
        if isinstance(obj, Definition):
            placed = _with_view_as_owner(obj, current, target)
            definitions.append(_with_database_extras(placed, current.get(obj.key)))
    target = target.merge(definitions) if definitions else target
    return with_needs(current), with_needs(target)


def _with_view_as_owner(obj: Definition, current: Catalog, target: Catalog) -> Definition:
    """Return an object of a view with the view's key as its owner, instead of a table's."""
    on = obj.on
    if on is None or on in target:
        return obj
    for kind in (each.name for each in KINDS.values() if each.is_view):
        view = Key(kind, on.path)
        if view in target or (on not in current and view in current):
            needs = frozenset(view if need == on else need for need in obj.needs)
            return replace(obj, on=view, needs=needs)
    return obj


def _with_database_extras(obj: Definition, other: SchemaObject | None) -> Definition:
    if not isinstance(other, Definition):
        return obj
    kept = [pair for pair in other.extras if pair[0] in _DATABASE_ONLY]
    own = [pair for pair in obj.extras if pair[0] not in _DATABASE_ONLY]
    extras: Extras = tuple(sorted([*own, *kept]))
    if obj.key.kind == "extension":
        comment = obj.comment or other.comment
        return replace(obj, comment=comment, extras=other.extras)
    return replace(obj, extras=extras)
