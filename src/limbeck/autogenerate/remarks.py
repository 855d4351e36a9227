"""Comments on constraints and indexes, where the server takes them as statements of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from limbeck.autogenerate.rebuild import OnTheWayBackOp, StatementOp
from limbeck.diff import Alter
from limbeck.values import replace

if TYPE_CHECKING:
    from limbeck import operations as ops
    from limbeck.autogenerate.snapshots import Sides
    from limbeck.catalog import Key


def said(sides: Sides, owner: Key, parts: Iterable[Any]) -> Iterator[ops.Operation]:
    """Yield what says the comments of parts that have just been made.

    Args:
        sides: what is compared.
        owner: their table.
        parts: constraints and indexes.
    """
    for text in _texts(sides, owner, parts):
        yield StatementOp(text, "")


def said_again(sides: Sides, owner: Key, parts: Iterable[Any]) -> Iterator[ops.Operation]:
    """Yield what says, on the way back, the comments of parts that are about to go."""
    for text in _texts(sides, owner, parts):
        yield OnTheWayBackOp(StatementOp(text, ""))


def changed(sides: Sides, owner: Key, change: Any) -> ops.Operation | None:
    """Return what gives a part another comment; None where that, or more, takes making it anew.

    Args:
        sides: what is compared.
        owner: the table.
        change: of the part.
    """
    remark = _remark(sides)
    if remark is None or not isinstance(change, Alter) or change.fields != {"comment"}:
        return None
    new = replace(change.new, name=change.old.name)  # type: ignore[type-var, union-attr]
    return StatementOp(remark(owner, new), remark(owner, change.old))


def _remark(sides: Sides) -> Any:
    return sides.dialect.options.get("remark") if sides.detections.everything else None


def _texts(sides: Sides, owner: Key, parts: Iterable[Any]) -> Iterator[str]:
    remark = _remark(sides)
    for part in parts if remark is not None else ():
        if part.comment is not None and part.name is not None:
            yield remark(owner, part)
