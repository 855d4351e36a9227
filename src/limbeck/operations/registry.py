"""Register the methods and implementations of operations, and check keyword arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeVar

from limbeck.errors import UnknownKeywordError
from limbeck.operations.operation import Operation

Implementation = Callable[[Any, Any], Any]
_Kind = TypeVar("_Kind", bound=type[Any])
_Function = TypeVar("_Function", bound=Implementation)


class Implementations:
    """The implementations of operations that third-party code registered."""

    def __init__(self) -> None:
        self._registry: dict[tuple[type[Any], str], Implementation] = {}


_ANYWHERE = "default"  # test suites of other projects expect this name with the class
_REGISTRY = Implementations()


def implementation_of(operation: Operation) -> Implementation | None:
    """Return the function registered for an operation's class or its nearest base class."""
    known = _REGISTRY._registry
    for kind in type(operation).__mro__:
        if (kind, _ANYWHERE) in known:
            return known[kind, _ANYWHERE]
    return None


def implement(kind: type[Any], *, replace: bool) -> Callable[[_Function], _Function]:
    """Return a decorator that registers an implementation of an operation.

    Raises:
        ValueError: the operation has an implementation and `replace` is False.
    """

    def register(function: _Function) -> _Function:
        if not replace and ((kind, _ANYWHERE) in _REGISTRY._registry or _is_native(kind)):
            raise ValueError(
                f"{kind.__name__} already has an implementation; pass replace=True to replace it."
            )
        _REGISTRY._registry[kind, _ANYWHERE] = function
        return function

    return register


def _is_native(kind: type[Any]) -> bool:
    return kind.__module__.partition(".")[0] == __name__.partition(".")[0]


def _of_method(make: Callable[..., Any]) -> inspect.Signature:
    # the class method gets the operations object first, which is `self` in the method
    signature = inspect.signature(make)
    first, *others = signature.parameters.values()
    return signature.replace(parameters=[first.replace(name="self"), *others])


def add_method(owner: type[Any], name: str, source: str | None) -> Callable[[_Kind], _Kind]:
    """Return a class decorator that makes an operation's constructor a method of `owner`."""

    def register(kind: _Kind) -> _Kind:
        make = getattr(kind, source or name)
        signature = _of_method(make)
        is_checked = _is_native(kind)
        # `**kw` of a directive is passed to the constructor
        built_with = inspect.signature(kind).parameters if is_checked else ()
        passed_on = {*_PASSED_ON.get(name, ()), *built_with} - {"kw"}

        def method(self: Any, *args: Any, **kw: Any) -> Any:
            if kw and is_checked:
                refuse_unknown_keywords(name, signature, passed_on, kw, self.migration_context)
            return make(self, *args, **kw)

        method.__name__ = name
        method.__qualname__ = f"{owner.__name__}.{name}"
        method.__doc__ = make.__doc__
        method.__signature__ = signature  # type: ignore[attr-defined]
        setattr(owner, name, method)
        return kind

    return register


# SQLAlchemy's dialects; another dialect is known if it is that of the database
_DIALECTS = frozenset({"mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite"})
_CONSTRAINT = frozenset({"comment", "deferrable", "info", "initially"})
_SEQUENCE = frozenset(
    {"cache", "cycle", "data_type", "increment", "maxvalue", "minvalue", "owned_by", "start"}
)  # fmt: skip
# keywords that `**kw` passes on, in addition to the options of dialects
_PASSED_ON: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "alter_column": frozenset({"autoincrement", "existing_autoincrement", "postgresql_using"}),
        "alter_sequence": _SEQUENCE | {"restart"},
        "create_check_constraint": _CONSTRAINT,
        "create_exclude_constraint": _CONSTRAINT | {"ops", "schema", "using", "where"},
        "create_foreign_key": _CONSTRAINT | {"use_alter"},
        "create_index": frozenset({"if_not_exists", "info", "quote", "unique"}),
        "create_sequence": _SEQUENCE,
        "create_table": frozenset(
            {
                "comment", "extend_existing", "implicit_returning", "info", "keep_existing",
                "listeners", "prefixes", "quote", "quote_schema", "schema",
            }
        ),
        "create_unique_constraint": _CONSTRAINT | {"schema"},
        "drop_column": frozenset({"if_exists"}),
        "drop_index": frozenset({"if_exists", "info", "quote"}),
        "drop_table": frozenset({"comment", "info", "prefixes"}),
    }
)  # fmt: skip
# dialects whose options limbeck reads in cases in which SQLAlchemy does not check them
_READ_HERE = MappingProxyType({"alter_column": "postgresql"})


def refuse_unknown_keywords(
    name: str,
    signature: inspect.Signature,
    passed_on: Collection[str],
    given: Mapping[str, Any],
    context: Any,
) -> None:
    """Raise an error for keyword arguments that a directive does not have.

    In projects of Alembic, keywords that a directive passes on are not checked, as in Alembic.

    Args:
        name: the directive.
        signature: the parameters of the directive.
        passed_on: keywords that it accepts by `**kw`, in addition to the options of dialects.
        given: the keyword arguments of the call.
        context: the migration context.

    Raises:
        UnknownKeywordError: the directive does not have one of the keyword arguments.
    """
    parameters = signature.parameters
    unknown = [word for word in given if word not in parameters]
    if not unknown:
        return
    passes_on = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    if passes_on and getattr(context, "opts", {}).get("detect") != "all":
        return
    extra = set(passed_on) if passes_on else set()
    for word in unknown:
        if word in extra or (passes_on and _is_option_of_dialect(name, word, context)):
            continue
        known = [
            one.name
            for one in parameters.values()
            if one.name != "self" and one.kind in {one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD}
        ]
        near = get_close_matches(word, [*known, *sorted(extra)], n=1)
        raise UnknownKeywordError(
            f"op.{name}() has no keyword argument {word!r}",
            hint=f"Did you mean {near[0]!r}?"
            if near
            else f"It has {', '.join([*known, *sorted(extra)])}.",
        )


def _is_option_of_dialect(name: str, word: str, context: Any) -> bool:
    dialect = getattr(context, "dialect", None)
    known = {*_DIALECTS, getattr(dialect, "name", "")} - {_READ_HERE.get(name)}
    return any(word.startswith(f"{one}_") for one in known if one)
