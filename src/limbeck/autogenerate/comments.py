"""Comments on constraints and indexes, where the server takes them as statements of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.schema import CreateIndex, DropIndex

from limbeck.autogenerate.draft_operations import OnTheWayBackOp, StatementOp
from limbeck.dialects import undoubled
from limbeck.diff import Alter

if TYPE_CHECKING:
    from limbeck import operations as ops
    from limbeck.autogenerate.comparison import Sides
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
    known = sides.dialect.autogenerate.alter_part if sides.detections.everything else None
    if known is None or not isinstance(change, Alter):
        return None
    old: Any = change.old
    new: Any = replace(change.new, name=old.name)  # type: ignore[type-var]
    there = known(owner, new, change.fields, sides.sa_dialect)
    back = known(owner, old, change.fields, sides.sa_dialect)
    return None if there is None else StatementOp(there, back)


def whole_index(sides: Sides, index: Any, origin: Any) -> tuple[str, str] | None:
    """Return SQL that makes and drops an index for which SQLAlchemy lacks the words.

    Args:
        sides: what is compared.
        index: the value.
        origin: SQLAlchemy's index.
    """
    ending = sides.dialect.autogenerate.index_suffix
    if ending is None or not sides.detections.everything:
        return None
    words: str = ending(index, sides.sa_dialect)
    if not words:
        return None
    made = undoubled(CreateIndex(origin).compile(dialect=sides.sa_dialect))
    gone = undoubled(DropIndex(origin).compile(dialect=sides.sa_dialect))
    return f"{made.strip()}{words}", gone.strip()


def _remark(sides: Sides) -> Any:
    return sides.dialect.autogenerate.comment_ddl if sides.detections.everything else None


def _texts(sides: Sides, owner: Key, parts: Iterable[Any]) -> Iterator[str]:
    remark = _remark(sides)
    for part in parts if remark is not None else ():
        if part.comment is not None and part.name is not None:
            yield remark(owner, part)
