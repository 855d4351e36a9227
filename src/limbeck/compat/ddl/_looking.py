"""Table lookup for an implementation that was created without a migration context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limbeck.dialects import Scope, find

if TYPE_CHECKING:
    from limbeck.catalog import Key, Table


class ImplLookup:
    """Table lookup of a single implementation, through its connection if there is one."""

    def __init__(self, impl: Any) -> None:
        self.dialect = impl.dialect
        self.bind = impl.connection
        self.opts = impl.context_opts
        self.connection = None if impl.as_sql else impl.connection

    def table(self, key: Key) -> Table | None:
        """Return the current table; None if it is not known."""
        reflect = find(self.dialect.name).reflect
        if self.connection is None or reflect is None:
            return None
        scope = Scope((key.namespace,), frozenset({"table"}), frozenset({key.name}))
        return reflect(self.connection, scope).table(key.name, key.namespace)
