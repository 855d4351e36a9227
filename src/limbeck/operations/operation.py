"""The base class of operations, and the protocols through which operations send their SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable
    from sqlalchemy import Table as SqlTable
    from sqlalchemy.engine import Dialect
    from sqlalchemy.engine.mock import MockConnection

    from limbeck.catalog import Key, Table


class Operation:
    """One directive of a migration script.

    Attributes:
        info: a dictionary for hooks; limbeck does not use it.
        runs_at_once: whether a batch block runs the operation at once instead of collecting it.
    """

    runs_at_once: ClassVar[bool] = False

    def __init__(self) -> None:
        self._info: dict[Any, Any] | None = None

    @property
    def info(self) -> dict[Any, Any]:
        """A dictionary for the use of hooks."""
        if getattr(self, "_info", None) is None:
            self._info = {}
        return self._info  # type: ignore[return-value]

    def run(self, context: Context) -> Any:
        """Run the operation and return what its directive returns."""
        return context.sink.apply(self)

    def reverse(self) -> Operation:
        """Return the operation that reverses this one.

        Raises:
            NotImplementedError: no reverse operation is known.
        """
        raise NotImplementedError

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return this operation as `compare_metadata` lists it.

        Raises:
            NotImplementedError: the operation is not a difference between models and database.
        """
        raise NotImplementedError


class Configured(Protocol):
    """An object with the options of env.py, from which naming conventions are read."""

    @property
    def opts(self) -> Mapping[str, Any]:
        """The options given to `context.configure`."""


class SchemaLookup(Protocol):
    """Looks up the current schema: by reflection with a connection, otherwise by a replay."""

    @property
    def connection(self) -> Connection | None:
        """The connection; None if there is none."""

    @property
    def opts(self) -> Mapping[str, Any]:
        """The options given to `context.configure`, for `operation.to_table(lookup)`."""

    @property
    def bind(self) -> Connection | MockConnection:
        """The target of table events: the connection, or a mock that sends SQL to the sink."""

    @property
    def dialect(self) -> Dialect:
        """The SQLAlchemy dialect for which statements are compiled."""

    def table(self, key: Key) -> Table | None:
        """Return the current definition of a table; None if the table does not exist."""


class Sink(Protocol):
    """The destination of operations and statements: a connection, a script, or a recorder."""

    @property
    def dialect(self) -> Dialect:
        """The SQLAlchemy dialect for which statements are compiled."""

    @property
    def bind(self) -> Connection | MockConnection | None:
        """The bind of `op.get_bind()` and of table events."""

    @property
    def is_script(self) -> bool:
        """Whether statements are written to a script instead of being run."""

    @property
    def lookup(self) -> SchemaLookup:
        """The schema lookup for operations that need the current definition of a table."""

    def execute(
        self,
        statement: Executable | str,
        parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> CursorResult[Any] | None:
        """Send one statement; a script or recorder returns None."""

    def apply(self, operation: Operation) -> object:
        """Run an operation with the dialect's DDL elements.

        `Operations.invoke` has already looked for a registered implementation.
        """


class Context(Protocol):
    """The part of a migration context that operations use."""

    @property
    def opts(self) -> dict[str, Any]:
        """The options given to `context.configure`."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""

    @property
    def bind(self) -> Connection | None:
        """The connection; None in a script."""

    @property
    def as_sql(self) -> bool:
        """Whether a script is written."""

    @property
    def impl(self) -> Any:
        """The dialect implementation for third-party code."""

    @property
    def sink(self) -> Sink:
        """The destination of operations."""

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Leave the transaction for the duration of a block."""

    def table(self, name: str, schema: str | None = None) -> SqlTable:
        """Return the definition of a table at this point of the migration."""

    def backfill(self, operation: Any) -> int | None:
        """Run a `BackfillOp`: change rows in batches, each in a separate transaction."""


class Invoker(Protocol):
    """Runs operations; implemented by `Operations` and `BatchOperations`."""

    def invoke(self, operation: Operation) -> Any:
        """Run the operation and return what it returns."""


class Block(Protocol):
    """The table of a batch block."""

    @property
    def table_name(self) -> str:
        """The table's name."""

    @property
    def schema(self) -> str | None:
        """The table's namespace."""


class BatchInvoker(Invoker, Protocol):
    """Runs operations on the table of a batch block."""

    @property
    def impl(self) -> Block:
        """The block."""


# ── operations that contain operations ────────────────────────────────────

Recreate = Literal["auto", "always", "never"]
_Ops = TypeVar("_Ops", bound="OpContainer")


class OpContainer(Operation):
    """A sequence of operations."""

    def __init__(self, ops: Sequence[Operation] = ()) -> None:
        super().__init__()
        self.ops: list[Operation] = list(ops)

    def is_empty(self) -> bool:
        """Return whether the container has no operations."""
        return not self.ops

    def as_diffs(self) -> Any:
        """Return the differences in the container as a flat list, like `compare_metadata`."""
        return list(_diffs(self))


def _diffs(container: OpContainer) -> Iterator[Any]:
    for op in container.ops:
        if isinstance(op, OpContainer):
            yield from _diffs(op)
        else:
            yield op.to_diff_tuple()


class ModifyTableOps(OpContainer):
    """The changes of one table."""

    def __init__(
        self, table_name: str, ops: Sequence[Operation], *, schema: str | None = None
    ) -> None:
        super().__init__(ops)
        self.table_name = table_name
        self.schema = schema

    def reverse(self) -> ModifyTableOps:
        """Return the changes that reverse these, last one first."""
        return ModifyTableOps(self.table_name, _reversed(self.ops), schema=self.schema)


class BatchAlterTableOp(ModifyTableOps):
    """The changes of one table, run together.

    They run one by one if the database can make all of them; SQLite copies the table once.

    Args:
        table_name: the table.
        ops: the changes of the table.
        schema: the schema of the table.
        recreate: "auto" copies the table if necessary, "always", "never".
        copy_from: the current table, if it cannot or should not be reflected.
        table_args: further constraints of the new table.
        table_kwargs: further keywords of the new table.
        reflect_args: columns that replace reflected ones.
        reflect_kwargs: keywords of reflection, including listeners.
        naming_convention: names for constraints that have none.
        partial_reordering: tuples of columns that are placed in this order.
    """

    def __init__(
        self,
        table_name: str,
        ops: Sequence[Operation] = (),
        *,
        schema: str | None = None,
        recreate: Recreate = "auto",
        copy_from: SqlTable | None = None,
        table_args: Sequence[Any] = (),
        table_kwargs: Mapping[str, Any] | None = None,
        reflect_args: Sequence[Any] = (),
        reflect_kwargs: Mapping[str, Any] | None = None,
        naming_convention: Mapping[str, Any] | None = None,
        partial_reordering: Sequence[tuple[str, ...]] | None = None,
    ) -> None:
        if recreate not in {"auto", "always", "never"}:
            raise ValueError("recreate may be one of 'auto', 'always', or 'never'.")
        super().__init__(table_name, ops, schema=schema)
        self.recreate = recreate
        self.copy_from = copy_from
        self.table_args = tuple(table_args)
        self.table_kwargs = dict(table_kwargs or {})
        self.reflect_args = tuple(reflect_args)
        self.reflect_kwargs = dict(reflect_kwargs or {})
        self.naming_convention = naming_convention
        self.partial_reordering = tuple(partial_reordering or ())

    def reverse(self) -> BatchAlterTableOp:
        """Return the block that reverses these changes; the table to copy is not known."""
        return BatchAlterTableOp(
            self.table_name,
            [op.reverse() for op in reversed(self.ops)],
            schema=self.schema,
            recreate=self.recreate,
            naming_convention=self.naming_convention,
        )


class UpgradeOps(OpContainer):
    """The operations of `upgrade()`."""

    def __init__(self, ops: Sequence[Operation] = (), upgrade_token: str = "upgrades") -> None:  # noqa: S107
        super().__init__(ops)
        self.upgrade_token = upgrade_token

    def reverse_into(self, downgrade_ops: DowngradeOps) -> DowngradeOps:
        """Fill `downgrade_ops` with the reverse operations, and return it."""
        downgrade_ops.ops[:] = _reversed(self.ops)
        return downgrade_ops

    def reverse(self) -> DowngradeOps:
        """Return the reverse operations."""
        return self.reverse_into(DowngradeOps())


class DowngradeOps(OpContainer):
    """The operations of `downgrade()`."""

    def __init__(self, ops: Sequence[Operation] = (), downgrade_token: str = "downgrades") -> None:  # noqa: S107
        super().__init__(ops)
        self.downgrade_token = downgrade_token

    def reverse(self) -> UpgradeOps:
        """Return the reverse operations."""
        return UpgradeOps(_reversed(self.ops))


def _reversed(ops: Sequence[Operation]) -> list[Operation]:
    return [op.reverse() for op in reversed(ops)]


class MigrationScript(Operation):
    """A revision file to write.

    Args:
        rev_id: the revision identifier.
        upgrade_ops: the upgrade, or a list with one for each database of a project.
        downgrade_ops: the downgrade, likewise.
        message: the first line of the docstring.
        imports: the import statements that the operations need.
        head: the revision that it follows.
        splice: it may follow a revision that is not a head.
        branch_label: a label for its branch.
        version_path: the directory to write to.
        depends_on: revisions that must run before it.
    """

    _needs_render: bool | None = None

    def __init__(
        self,
        rev_id: str | None,
        upgrade_ops: UpgradeOps,
        downgrade_ops: DowngradeOps,
        *,
        message: str | None = None,
        imports: set[str] | None = None,
        head: str | None = None,
        splice: bool | None = None,
        branch_label: str | Iterable[str] | None = None,
        version_path: str | None = None,
        depends_on: str | Iterable[str] | None = None,
    ) -> None:
        super().__init__()
        self.rev_id = rev_id
        self.message = message
        self.imports: set[str] = set() if imports is None else imports
        self.head = head
        self.splice = splice
        self.branch_label = branch_label
        self.version_path = version_path
        self.depends_on = depends_on
        self.upgrade_ops = upgrade_ops
        self.downgrade_ops = downgrade_ops

    @property
    def upgrade_ops(self) -> UpgradeOps | None:
        """The operations of a single `upgrade()`.

        Raises:
            ValueError: there is one `upgrade()` for each of several databases.
        """
        return _only(self._upgrade_ops, "upgrade_ops_list")

    @upgrade_ops.setter
    def upgrade_ops(self, upgrade_ops: UpgradeOps | Sequence[UpgradeOps] | None) -> None:
        self._upgrade_ops = _listed(upgrade_ops, UpgradeOps)

    @property
    def downgrade_ops(self) -> DowngradeOps | None:
        """The operations of a single `downgrade()`.

        Raises:
            ValueError: there is one `downgrade()` for each of several databases.
        """
        return _only(self._downgrade_ops, "downgrade_ops_list")

    @downgrade_ops.setter
    def downgrade_ops(self, downgrade_ops: DowngradeOps | Sequence[DowngradeOps] | None) -> None:
        self._downgrade_ops = _listed(downgrade_ops, DowngradeOps)

    @property
    def upgrade_ops_list(self) -> list[UpgradeOps]:
        """The operations of `upgrade()` for each database."""
        return self._upgrade_ops

    @property
    def downgrade_ops_list(self) -> list[DowngradeOps]:
        """The operations of `downgrade()` for each database."""
        return self._downgrade_ops


def _listed(given: Any, kind: type[_Ops]) -> list[_Ops]:
    operations = (
        [] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]
    )
    for item in operations:
        if not isinstance(item, kind):
            raise TypeError(f"{kind.__name__} expected, got {item!r}")
    return operations


def _only(operations: list[_Ops], attribute: str) -> _Ops | None:
    if len(operations) > 1:
        raise ValueError(
            f"This script has operations for {len(operations)} databases; "
            f"read {attribute!r} instead."
        )
    return operations[0] if operations else None
