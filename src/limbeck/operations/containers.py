"""Operations that hold operations: a script, its two directions, the changes of one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from limbeck.operations.operation import Operation

if TYPE_CHECKING:
    from sqlalchemy import Table

Recreate = Literal["auto", "always", "never"]
_Ops = TypeVar("_Ops", bound="OpContainer")


class OpContainer(Operation):
    """A sequence of operations."""

    def __init__(self, ops: Sequence[Operation] = ()) -> None:
        super().__init__()
        self.ops: list[Operation] = list(ops)

    def is_empty(self) -> bool:
        """Tell whether there is nothing in it."""
        return not self.ops

    def as_diffs(self) -> Any:
        """Return the differences in it, flat, as `compare_metadata` lists them."""
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
        """Return the changes that undo these, last one first."""
        return ModifyTableOps(self.table_name, _reversed(self.ops), schema=self.schema)


class BatchAlterTableOp(ModifyTableOps):
    """The changes of one table, run together.

    A database that can alter everything runs them one by one; SQLite copies the table once.

    Args:
        table_name: the table.
        ops: its changes.
        schema: its namespace.
        recreate: "auto" copies the table where it must, "always", "never".
        copy_from: the table as it is, where it cannot or shall not be reflected.
        table_args: further constraints of the new table.
        table_kwargs: further keywords of the new table.
        reflect_args: columns that replace what reflection finds.
        reflect_kwargs: keywords of reflection, listeners among them.
        naming_convention: names for the constraints that have none.
        partial_reordering: tuples of columns that shall stand in this order.
    """

    def __init__(
        self,
        table_name: str,
        ops: Sequence[Operation] = (),
        *,
        schema: str | None = None,
        recreate: Recreate = "auto",
        copy_from: Table | None = None,
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
        """Return the block that undoes these changes; what was copied is not known then."""
        return BatchAlterTableOp(
            self.table_name,
            [op.reverse() for op in reversed(self.ops)],
            schema=self.schema,
            recreate=self.recreate,
            naming_convention=self.naming_convention,
        )


class UpgradeOps(OpContainer):
    """What `upgrade()` does."""

    def __init__(self, ops: Sequence[Operation] = (), upgrade_token: str = "upgrades") -> None:  # noqa: S107
        super().__init__(ops)
        self.upgrade_token = upgrade_token

    def reverse_into(self, downgrade_ops: DowngradeOps) -> DowngradeOps:
        """Fill `downgrade_ops` with what undoes these, and return it."""
        downgrade_ops.ops[:] = _reversed(self.ops)
        return downgrade_ops

    def reverse(self) -> DowngradeOps:
        """Return what undoes these."""
        return self.reverse_into(DowngradeOps())


class DowngradeOps(OpContainer):
    """What `downgrade()` does."""

    def __init__(self, ops: Sequence[Operation] = (), downgrade_token: str = "downgrades") -> None:  # noqa: S107
        super().__init__(ops)
        self.downgrade_token = downgrade_token

    def reverse(self) -> UpgradeOps:
        """Return what undoes these."""
        return UpgradeOps(_reversed(self.ops))


def _reversed(ops: Sequence[Operation]) -> list[Operation]:
    return [op.reverse() for op in reversed(ops)]


class MigrationScript(Operation):
    """A revision file that is to be written.

    Args:
        rev_id: its identifier.
        upgrade_ops: what it does, or one for each database of a project with several.
        downgrade_ops: what undoes it.
        message: its first line.
        imports: import statements that it needs.
        head: what it stands on.
        splice: it may stand on a revision that is no head.
        branch_label: a label for its branch.
        version_path: the folder to write to.
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
        """What the one `upgrade()` does.

        Raises:
            ValueError: there is one for each of several databases.
        """
        return _only(self._upgrade_ops, "upgrade_ops_list")

    @upgrade_ops.setter
    def upgrade_ops(self, upgrade_ops: UpgradeOps | Sequence[UpgradeOps] | None) -> None:
        self._upgrade_ops = _listed(upgrade_ops, UpgradeOps)

    @property
    def downgrade_ops(self) -> DowngradeOps | None:
        """What the one `downgrade()` does.

        Raises:
            ValueError: there is one for each of several databases.
        """
        return _only(self._downgrade_ops, "downgrade_ops_list")

    @downgrade_ops.setter
    def downgrade_ops(self, downgrade_ops: DowngradeOps | Sequence[DowngradeOps] | None) -> None:
        self._downgrade_ops = _listed(downgrade_ops, DowngradeOps)

    @property
    def upgrade_ops_list(self) -> list[UpgradeOps]:
        """What `upgrade()` does, for each database."""
        return self._upgrade_ops

    @property
    def downgrade_ops_list(self) -> list[DowngradeOps]:
        """What `downgrade()` does, for each database."""
        return self._downgrade_ops


def _listed(given: Any, kind: type[_Ops]) -> list[_Ops]:
    found = [] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]
    for item in found:
        if not isinstance(item, kind):
            raise TypeError(f"{kind.__name__} expected, got {item!r}")
    return found


def _only(found: list[_Ops], attribute: str) -> _Ops | None:
    if len(found) > 1:
        raise ValueError(
            f"This script has operations for {len(found)} databases; read {attribute!r} instead."
        )
    return found[0] if found else None
