"""The kinds of database objects, one record for each; used by the comparison and autogenerate.

A new kind requires a record here and, for each dialect that supports it, a reader and statements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from limbeck.catalog.objects import Definition, Domain, Enum, Key, Namespace, Sequence, Table

TABLE_RANK = 5
LATE_RANK = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """The properties that all objects of one kind share.

    Args:
        name: the name in `Key.kind`.
        value: the class of the values.
        create_rank: order of creation between objects that do not depend on each other;
            objects are dropped in reverse order.
        owner: the kind of object that an object of this kind belongs to and is dropped with.
        is_view: the object is a query that can be selected from.
        is_routine: the object is a function or procedure; its name includes argument types.
        refers_by_name: the text of the object refers to other objects by their names.
        is_referred_to: texts of other objects refer to the object by its plain name.
        reads_owner_columns: the text refers to columns of the table that owns the object, so
            that it prevents changes of these columns.
        drop_by_default: an object that the models lack is dropped. Other kinds are only
            dropped when the configuration says `undeclared = drop`.
    """

    name: str
    value: type
    create_rank: int = LATE_RANK
    owner: Literal["none", "table", "view", "any"] = "none"
    is_view: bool = False
    is_routine: bool = False
    refers_by_name: bool = False
    is_referred_to: bool = False
    reads_owner_columns: bool = False
    drop_by_default: bool = False

    @property
    def has_dependents(self) -> bool:
        """Whether other text-defined objects can depend on the text of the object."""
        return self.is_view or self.is_routine


_ALL = (
    Kind("namespace", Namespace, 0),
    Kind("extension", Definition, 1),
    Kind("enum", Enum, 2, is_referred_to=True, drop_by_default=True),
    Kind("domain", Domain, 3, is_referred_to=True, drop_by_default=True),
    Kind("sequence", Sequence, 4, is_referred_to=True, drop_by_default=True),
    Kind("table", Table, TABLE_RANK, is_referred_to=True, drop_by_default=True),
    Kind("view", Definition, is_view=True, refers_by_name=True, is_referred_to=True),
    Kind("materialized_view", Definition, is_view=True, refers_by_name=True, is_referred_to=True),
    Kind("view_index", Definition, owner="view", refers_by_name=True),
    Kind("function", Definition, is_routine=True, refers_by_name=True),
    Kind("procedure", Definition, is_routine=True, refers_by_name=True),
    Kind("trigger", Definition, owner="table", refers_by_name=True, reads_owner_columns=True),
    Kind("policy", Definition, owner="table", refers_by_name=True, reads_owner_columns=True),
    Kind("row_security", Definition, owner="table"),
    Kind("grant", Definition, owner="any"),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})


def kind_of(key: Key) -> Kind:
    """Return the properties of an object's kind.

    A kind that only a third-party dialect defines is text-defined and has no owner.
    """
    return KINDS.get(key.kind) or Kind(key.kind, Definition)
