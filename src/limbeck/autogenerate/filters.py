"""What a comparison includes: its options, the user's `include_name`, and names to ignore."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Catalog, ForeignKey, Index, Key, Table
from limbeck.dialects import inspector
from limbeck.errors import DuplicateTableError

if TYPE_CHECKING:
    from limbeck.render import RenderContext


# The detections of each of Alembic's built-in plugins, which can be switched off by name.
_PLUGINS: Mapping[str, frozenset[str]] = {
    "alembic.autogenerate.schemas": frozenset(),
    "alembic.autogenerate.tables": frozenset({"tables", "columns"}),
    "alembic.autogenerate.types": frozenset({"types"}),
    "alembic.autogenerate.constraints": frozenset(
        {"nullable", "indexes", "uniques", "foreign_keys"}
    ),
    "alembic.autogenerate.defaults": frozenset({"defaults"}),
    "alembic.autogenerate.comments": frozenset({"comments"}),
    "alembic.ext.checkconstraint_byname": frozenset({"checks_by_name"}),
}
# Former names of plugins.
_FORMER_NAMES = {
    "alembic.autogenerate.checkconstraint_byname": "alembic.ext.checkconstraint_byname",
}
_STANDARD_PLUGINS = ("alembic.autogenerate.*",)
_ALL_PARTS = frozenset(
    {
        "tables",
        "columns",
        "types",
        "nullable",
        "defaults",
        "comments",
        "indexes",
        "uniques",
        "foreign_keys",
        "primary_keys",
        "checks",
        "excludes",
        "options",
        "things",
    }
)


@dataclass(frozen=True)
class Detections:
    """The differences to look for.

    Args:
        parts: the kinds of differences that are detected.
        compare_type: True, False, or the user's function.
        compare_server_default: the same for defaults.
        plugins: names of comparator plugins that run.
    """

    parts: frozenset[str]
    compare_type: bool | Callable[..., Any]
    compare_server_default: bool | Callable[..., Any]
    plugins: tuple[str, ...] = _STANDARD_PLUGINS

    @classmethod
    def of(cls, opts: Mapping[str, Any], context: Any = None) -> Detections:
        """Read the detections from the options given to `context.configure`.

        Args:
            opts: the options.
            context: a migration context whose two comparison methods may have been replaced.
        """
        all_parts = opts.get("detect", "alembic") == "all"
        listed = opts.get("autogenerate_plugins") or _STANDARD_PLUGINS
        plugins = tuple([_present_name(name) for name in listed])
        parts = _ALL_PARTS if all_parts else _parts_of(plugins)
        type_ = getattr(context, "_user_compare_type", opts.get("compare_type"))
        default = getattr(
            context, "_user_compare_server_default", opts.get("compare_server_default")
        )
        return cls(
            parts=parts,
            compare_type=True if type_ is None else type_,
            compare_server_default=all_parts if default in (None, False) else default,
            plugins=plugins,
        )

    def __contains__(self, part: str) -> bool:
        return part in self.parts


def _parts_of(plugins: Iterable[str]) -> frozenset[str]:
    """Return the parts that Alembic's plugins detect, of those that the patterns select."""
    wanted = plugin_filter(plugins)
    found: set[str] = set()
    for name, parts in _PLUGINS.items():
        if wanted(name):
            found |= parts
    return frozenset(found)


def _present_name(pattern: str) -> str:
    sign = "~" if pattern.startswith("~") else ""
    name = pattern.removeprefix("~")
    return sign + _FORMER_NAMES.get(name, name)


def plugin_filter(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a predicate for plugin names: patterns with `*`; a leading `~` excludes a pattern."""
    listed = list(patterns)

    def wanted(name: str) -> bool:
        is_included = False
        for pattern in listed:
            if pattern.startswith("~") and fnmatchcase(name, pattern[1:]):
                return False
            is_included = is_included or fnmatchcase(name, pattern)
        return is_included

    return wanted


# ── filters by name ───────────────────────────────────────────────────────


def namespaces_to_read(
    ctx: RenderContext, target: Catalog, default: str | None, *, all_schemas: bool
) -> tuple[str | None, ...] | None:
    """Return the schemas to read, None among them for the default schema; None for all schemas."""
    if ctx.opts.get("include_schemas"):
        if not ctx.has_name_filters:
            return None
        found = _schema_names(ctx)
        names = [None if name == default else name for name in found]
        internal = {"information_schema"}
        chosen = [n for n in dict.fromkeys([None, *names]) if n not in internal]
        return tuple(name for name in chosen if ctx.run_name_filters(name, "schema", {}))
    spaces: set[str | None] = {None}
    if all_schemas:
        spaces |= {key.namespace for key in target.objects if key.kind != "namespace"}
    ordered = sorted(spaces, key=lambda name: name or "")
    return tuple(name for name in ordered if ctx.run_name_filters(name, "schema", {}))


def is_ignored(key: Key, patterns: Iterable[str]) -> bool:
    """Return whether the user's patterns exclude an object of the database.

    Args:
        key: the key of the object.
        patterns: names with `*`, `?` and `[...]`, optionally with a schema (`audit.*`) or a kind
            (`view:report_*`). `table:` and `view:` are kinds, `any:` matches all kinds.
    """
    names = {key.name, key.full_name}
    for pattern in patterns:
        kind, colon, name_pattern = pattern.partition(":")
        if not colon:
            kind, name_pattern = "any", pattern
        if kind in {"any", key.kind} and any(fnmatchcase(name, name_pattern) for name in names):
            return True
    return False


def _schema_names(ctx: RenderContext) -> list[str | None]:
    if ctx.replayed is not None:
        return sorted({key.namespace for key in ctx.replayed.objects}, key=str)
    names = ctx.inspector if ctx.connection is None else inspector(ctx.connection)
    return list(names.get_schema_names())


def without_unnamed(
    current: Catalog, target: Catalog, ctx: RenderContext, detections: Detections
) -> Catalog:
    """Return the current catalog without what the user's `include_name` excludes.

    The function is called for every table. It is called for the parts of a table if the models
    have the table too, and for checks if these are compared.
    """
    objects = []
    for obj in current:
        if not isinstance(obj, Table):
            objects.append(obj)
        elif ctx.run_name_filters(obj.key.name, "table", {"schema_name": obj.key.namespace}):
            other = target.get(obj.key)
            if isinstance(other, Table):
                objects.append(_with_wanted_parts(obj, other, ctx, detections))
            else:
                objects.append(obj)
    return Catalog.of(objects)


def _with_wanted_parts(
    table: Table, wanted: Table, ctx: RenderContext, detections: Detections
) -> Table:
    parents = {"schema_name": table.key.namespace, "table_name": table.key.name}

    def keep(parts: Iterable[Any], word: str) -> tuple[Any, ...]:
        return tuple(p for p in parts if ctx.run_name_filters(p.name, word, dict(parents)))

    keys = keep(table.foreign_keys, "foreign_key_constraint")
    hidden = [key for key in table.foreign_keys if key not in keys]
    names = {index.name for index in wanted.indexes}
    indexes = (i for i in table.indexes if i.name in names or not _is_index_of_key(i, hidden))
    has_checks = "checks" in detections or "checks_by_name" in detections
    return replace(
        table,
        columns=keep(table.columns, "column"),
        uniques=keep(table.uniques, "unique_constraint"),
        indexes=keep(indexes, "index"),
        foreign_keys=keys,
        checks=keep(table.checks, "check_constraint") if has_checks else table.checks,
    )


def _is_index_of_key(index: Index, keys: Iterable[ForeignKey]) -> bool:
    """Return whether the server created an index for a foreign key: by its columns and name."""
    columns = tuple(element.column for element in index.elements)
    return not index.unique and any(
        columns == key.columns and index.name in {key.name, key.columns[0]} for key in keys
    )


def refuse_duplicates(target: Catalog, folded: Iterable[str]) -> None:
    """Raise an error if the models have two names that the database regards as equal.

    Args:
        target: the catalog of the models.
        folded: the kinds of names that are case-insensitive: "table", "column".

    Raises:
        DuplicateTableError: two tables, or two columns of a table, differ only in case.
    """
    kinds = frozenset(folded)
    if "table" in kinds:
        names = [table.key.full_name for table in target.tables]
        _refuse_duplicates("tables of the models", names)
    if "column" in kinds:
        for table in target.tables:
            _refuse_duplicates(
                f"columns of {table.key.name}", (column.name for column in table.columns)
            )


def _refuse_duplicates(what: str, names: Iterable[str]) -> None:
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(name.lower(), name)
        if other != name:
            raise DuplicateTableError(
                f"Two {what}, {other!r} and {name!r}, differ only in case, which this database "
                "ignores",
                hint="Rename one of them.",
            )
