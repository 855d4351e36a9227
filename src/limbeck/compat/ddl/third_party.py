"""Convert subclasses of `DefaultImpl` in other packages to dialect records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from limbeck.compat.ddl.impl import DefaultImpl, _impls
from limbeck.dialects import AlembicRules, Capabilities, Dialect, built_in, generic_capabilities

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import Connection, Inspector

    from limbeck.dialects.inspector_reflection import Adjust
    from limbeck.operations import Operation, SchemaLookup

_HOME = __name__.rpartition(".")[0]


# Methods of comparison, each with the attributes of a class that affect it.
_COMPARES: Mapping[str, tuple[str, ...]] = {
    "compare_type": (
        "compare_type",
        "_column_types_match",
        "_column_args_match",
        "_tokenize_column_type",
        "type_synonyms",
        "type_arg_extract",
    ),
    "compare_server_default": ("compare_server_default",),
    "correct_for_autogen_constraints": ("correct_for_autogen_constraints",),
    "correct_for_autogen_foreignkeys": ("correct_for_autogen_foreignkeys",),
    "autogen_column_reflect": ("autogen_column_reflect",),
}


def dialect_of(name: str) -> Dialect | None:
    """Return the dialect that a package's class describes; None if limbeck's dialect is used.

    A database with a name that limbeck does not know is read only through its SQLAlchemy dialect,
    even if its statements are those of a known database.
    """
    kind = _impls.get(name)
    if kind is None or _is_ours(kind):
        return None
    parent = built_in(kind._native) if kind._native else None
    base = parent or Dialect(name, generic_capabilities(name))
    if built_in(name) is None:
        from limbeck.dialects.inspector_reflection import Inspected, unread
        from limbeck.dialects.sequences import OPERATIONS

        base = Dialect(
            name,
            base.capabilities,
            reflect=Inspected(_adjust(kind)),
            transaction_rules=base.transaction_rules,
            operations=tuple(dict.fromkeys((*base.operations, *OPERATIONS))),
            alembic=AlembicRules(unread_parts=unread),
            is_third_party=True,
        )
    return replace(
        base,
        name=name,
        capabilities=_capabilities(kind, base.capabilities),
        elements=_Elements(kind),
        alembic=_with_methods(base.alembic, kind),
    )


def _with_methods(rules: AlembicRules, kind: type[DefaultImpl]) -> AlembicRules:
    """Return the rules with the comparison methods that a package's class overrides."""

    def method(name: str) -> _Method | None:
        return _Method(kind, name) if _overrides_any(kind, _COMPARES[name]) else None

    return replace(
        rules,
        compare_type=method("compare_type") or rules.compare_type,
        compare_server_default=method("compare_server_default") or rules.compare_server_default,
        correct_for_autogen_constraints=(
            method("correct_for_autogen_constraints") or rules.correct_for_autogen_constraints
        ),
        correct_for_autogen_foreignkeys=(
            method("correct_for_autogen_foreignkeys") or rules.correct_for_autogen_foreignkeys
        ),
        autogen_column_reflect=method("autogen_column_reflect") or rules.autogen_column_reflect,
    )


def _is_ours(kind: type) -> bool:
    return kind.__module__.rpartition(".")[0] == _HOME


def _overrides_any(kind: type[DefaultImpl], names: Iterable[str]) -> bool:
    """Return whether a package's class, rather than limbeck's base class, has one of the names."""
    own = [each for each in kind.__mro__ if issubclass(each, DefaultImpl) and not _is_ours(each)]
    return any(name in vars(each) for name in names for each in own)


def _adjust(kind: type[DefaultImpl]) -> Adjust | None:
    if not _overrides_any(kind, _COMPARES["autogen_column_reflect"]):
        return None

    def adjust(connection: Connection, inspector: Inspector, table: sa.Table, column: Any) -> None:
        impl = kind(connection.dialect, connection, False, None, None, {})
        impl.autogen_column_reflect(inspector, table, column)

    return adjust


@dataclass(frozen=True, slots=True)
class _Method:
    """A method of a package's class, called on the implementation of a migration context."""

    kind: type[DefaultImpl]
    method: str

    def __call__(self, context: Any, *arguments: Any) -> Any:
        impl = context.impl
        if not isinstance(impl, self.kind):
            impl = self.kind(context.dialect, context.bind, False, None, None, dict(context.opts))
        return getattr(impl, self.method)(*arguments)


def _capabilities(kind: type[DefaultImpl], base: Capabilities) -> Capabilities:
    return replace(
        base,
        transactional_ddl=kind.transactional_ddl,
        statement_end=kind.command_terminator,
        batch_separator=kind.batch_separator,
    )


class _Elements:
    """Statements of a package's class; methods that it does not override are limbeck's."""

    def __init__(self, kind: type[DefaultImpl]) -> None:
        self._kind = kind

    def __call__(self, operation: Operation, lookup: SchemaLookup) -> Iterator[Any]:
        impl = self._kind(
            lookup.dialect,
            lookup.bind,  # type: ignore[arg-type]
            lookup.connection is None,
            None,
            None,
            dict(lookup.opts),
        )
        impl._sink = _LookupSink(lookup)
        statements = impl._statements()
        if type(operation) not in statements.handlers:
            from limbeck.dialects.sequences import sequences

            statements = statements.replace(handlers=sequences())
        return statements(operation, lookup)


class _LookupSink:
    # An implementation that only builds statements can look up tables, but runs nothing.
    is_script = False

    def __init__(self, lookup: SchemaLookup) -> None:
        self.lookup = lookup

    def execute(
        self, statement: Any, parameters: Any = None, *, execution_options: Any = None
    ) -> Any:
        bind = self.lookup.bind
        if execution_options and self.lookup.connection is not None:
            bind = self.lookup.connection.execution_options(**execution_options)
        return (
            bind.execute(statement) if parameters is None else bind.execute(statement, parameters)
        )
