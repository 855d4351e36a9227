"""The state shared by comparison and rendering: options, filters, the models, imports."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from limbeck.errors import DraftError, DuplicateTableError, LimbeckError

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData, Table
    from sqlalchemy.engine import Dialect
    from sqlalchemy.engine.reflection import Inspector


class RenderContext:
    """State of one run of autogenerate; available to hooks as AutogenContext.

    Args:
        migration_context: provides options, dialect and connection.
        metadata: the models; `target_metadata` of the options by default.
        opts: options that replace those of the migration context.
        autogenerate: models and database will be compared, so both must be available.

    Attributes:
        imports: import lines that the rendered source needs; hooks may add lines.
        names: the names that the rendered source uses, in native projects.
        comparators: the comparators that run; None for all registered ones.
        without_create_type: replaces a column's type by one that is created separately; None if
            not needed.

    Raises:
        DraftError: a script is written, so there is no database to compare with.
    """

    # defined on the class for packages that inspect its attributes
    connection: Connection | None = None
    metadata: Any = None
    imports: set[str] = set()  # noqa: RUF012 - each context sets its own

    def __init__(
        self,
        migration_context: Any,
        metadata: MetaData | Sequence[MetaData] | None = None,
        opts: Mapping[str, Any] | None = None,
        autogenerate: bool = True,  # noqa: FBT001, FBT002 -- Alembic's signature
    ) -> None:
        chosen: Any = opts if opts is not None else migration_context.opts
        self.opts: dict[str, Any] = chosen
        self.migration_context = migration_context
        self.metadata = metadata if metadata is not None else chosen.get("target_metadata")
        self.imports = set()
        self.names: set[str] = set()
        self.type_calls: dict[tuple[Any, ...], str] = {}
        self.comparators: Any = None
        self.without_create_type: Callable[[Any], Any] | None = None
        self.replayed: Any = None
        self._in_batch = False
        self.connection = migration_context.bind if migration_context is not None else None
        self._compares = autogenerate and self.connection is not None
        if autogenerate and chosen.get("as_sql"):
            raise DraftError(
                "Autogenerate reads the database and so cannot work in --sql mode",
                hint="run it without --sql",
                code="LB402",
            )
        self._name_filters = _given(chosen, "include_name")
        self._object_filters = _given(chosen, "include_object")

    @property
    def dialect(self) -> Dialect | None:
        """SQLAlchemy's dialect; None if the database is not known."""
        return None if self.migration_context is None else self.migration_context.dialect

    @cached_property
    def inspector(self) -> Inspector:
        """An Inspector for the connection, created on first access."""
        if self.connection is None:
            raise DraftError("There is no connection to inspect the database with", code="LB403")
        from sqlalchemy import inspect

        return inspect(self.connection)

    def stand_on(self, catalog: Any) -> None:
        """Compare with a replayed catalog instead of a database.

        Args:
            catalog: the result of the replay.
        """
        self.connection, self.replayed, self._compares = None, catalog, True

    # ── filters ───────────────────────────────────────────────────────────

    def run_name_filters(
        self, name: str | None, type_: str, parent_names: Mapping[str, str | None]
    ) -> bool:
        """Return whether the user's `include_name` includes an object of the database."""
        if not self._name_filters:
            return True
        parents = dict(parent_names)
        if "schema_name" in parents:
            table = name if type_ == "table" else parents.get("table_name")
            namespace = parents["schema_name"]
            if table:
                full = f"{namespace}.{table}" if namespace else table
                parents["schema_qualified_table_name"] = full
        return all(wanted(name, type_, parents) for wanted in self._name_filters)

    def run_object_filters(
        self,
        object_: Any,
        name: str | None,
        type_: str,
        reflected: bool,  # noqa: FBT001 -- Alembic's signature
        compare_to: Any,
    ) -> bool:
        """Return whether the user's `include_object` includes an object in the comparison."""
        return all(f(object_, name, type_, reflected, compare_to) for f in self._object_filters)

    run_filters = run_object_filters

    @property
    def has_name_filters(self) -> bool:
        """Whether `include_name` was given."""
        return bool(self._name_filters)

    @property
    def has_object_filters(self) -> bool:
        """Whether `include_object` was given."""
        return bool(self._object_filters)

    # ── models ────────────────────────────────────────────────────────────

    @property
    def metadatas(self) -> tuple[MetaData, ...]:
        """The models, always as a tuple.

        Raises:
            DraftError: a comparison needs models, and there are none.
        """
        if self.metadata is None and self._compares:
            unread = self.opts.get("models_error")
            if isinstance(unread, LimbeckError):
                raise unread
            raise DraftError(
                "Autogenerate has no models to compare the database with",
                hint="set `metadata` in the configuration, or pass target_metadata=Base.metadata "
                "to context.configure() in env.py",
                code="LB401",
            )
        if self.metadata is None:
            return ()
        if isinstance(self.metadata, (list, tuple)):
            return tuple(self.metadata)
        return (self.metadata,)

    @cached_property
    def sorted_tables(self) -> list[Table]:
        """The tables of all MetaData, referenced tables first."""
        return [table for metadata in self.metadatas for table in metadata.sorted_tables]

    @cached_property
    def table_key_to_table(self) -> dict[str, Table]:
        """The tables of all MetaData by key.

        Raises:
            DuplicateTableError: two MetaData have a table of the same key.
        """
        tables: dict[str, Table] = {}
        for metadata in self.metadatas:
            twice = sorted(tables.keys() & metadata.tables.keys())
            if twice:
                raise DuplicateTableError(
                    f"Several MetaData objects have a table of the same name: {', '.join(twice)}",
                    hint="a table may be in one of them only",
                )
            tables.update(metadata.tables)
        return tables

    # ── printing ──────────────────────────────────────────────────────────

    @contextmanager
    def _within_batch(self) -> Iterator[None]:
        before, self._in_batch = self._in_batch, True
        try:
            yield
        finally:
            self._in_batch = before

    @property
    def in_batch(self) -> bool:
        """Whether the operation being rendered is inside a batch block."""
        return self._in_batch

    @property
    def op_prefix(self) -> str:
        """The prefix of operation names: `op.` or `batch_op.`."""
        return "batch_op." if self._in_batch else (self.opts.get("alembic_module_prefix") or "")

    @property
    def sa_prefix(self) -> str:
        """The prefix of SQLAlchemy names: `sa.`."""
        return self.opts.get("sqlalchemy_module_prefix") or ""

    def rendered_by_user(self, kind: str, obj: Any) -> str | bool | None:
        """Call the user's `render_item`; return False if the user does not render the object."""
        hook = self.opts.get("render_item")
        if hook is None:
            return False
        answer: str | bool | None = hook(kind, obj, self)
        return answer


def _given(opts: Mapping[str, Any], name: str) -> list[Callable[..., bool]]:
    hook = opts.get(name)
    return [hook] if hook is not None else []


# ── registry of renderers ─────────────────────────────────────────────────

Registered = TypeVar("Registered", bound=Callable[..., Any])


class Dispatcher:
    """Functions registered for a class, including its subclasses, or for a name.

    Functions for a `qualifier` (for example a dialect's name) precede those for "default".
    """

    def __init__(self) -> None:
        self._registry: dict[tuple[Hashable, str], Callable[..., Any]] = {}

    def dispatch_for(
        self, target: Any, *, qualifier: str = "default", replace: bool = False
    ) -> Callable[[Registered], Registered]:
        """Return a decorator that registers a function for `target`.

        Args:
            target: a class or a name.
            qualifier: restricts the function, for example to a dialect.
            replace: replace a registered function.

        Raises:
            ValueError: a function is registered and `replace` is False.
        """

        def register(function: Registered) -> Registered:
            key = (target, qualifier)
            if key in self._registry and not replace:
                raise ValueError(
                    f"{target!r} ({qualifier}): the key already exists; replace=True replaces it"
                )
            self._registry[key] = function
            return function

        return register

    def find(self, obj: Any, qualifier: str = "default") -> Callable[..., Any] | None:
        """Return the function for an object, class or name; None if there is none."""
        if isinstance(obj, str):
            targets: tuple[Hashable, ...] = (obj,)
        else:
            targets = (obj if isinstance(obj, type) else type(obj)).__mro__
        realms = (qualifier,) if qualifier == "default" else (qualifier, "default")
        for target in targets:
            for realm in realms:
                function = self._registry.get((target, realm))
                if function is not None:
                    return function
        return None

    def dispatch(self, obj: Any, qualifier: str = "default") -> Callable[..., Any]:
        """Return the function for an object, class or name.

        Raises:
            ValueError: no function is registered for it.
        """
        function = self.find(obj, qualifier)
        if function is None:
            raise ValueError(f"There is no dispatch function for {obj!r}")
        return function

    def branch(self) -> Dispatcher:
        """Return an independent copy."""
        twin = Dispatcher()
        twin._registry.update(self._registry)
        return twin


renderers = Dispatcher()
"""Renderers `(context, operation) -> str | list[str]` by class of operation."""
