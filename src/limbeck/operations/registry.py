"""Which method runs which operation, and how: the two things outside code may register."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from limbeck.operations.keywords import refuse_unknown_keywords
from limbeck.operations.operation import Operation

Implementation = Callable[[Any, Any], Any]
_Kind = TypeVar("_Kind", bound=type[Any])
_Function = TypeVar("_Function", bound=Implementation)


class Implementations:
    """The implementations of operations that outside code registered."""

    def __init__(self) -> None:
        self._registry: dict[tuple[type[Any], str], Implementation] = {}


_ANYWHERE = "default"  # other projects' test suites expect this word with the class
_REGISTRY = Implementations()


def implementation_of(operation: Operation) -> Implementation | None:
    """Return the function registered for an operation's class or the nearest base of it."""
    known = _REGISTRY._registry
    for kind in type(operation).__mro__:
        if (kind, _ANYWHERE) in known:
            return known[kind, _ANYWHERE]
    return None


def implement(kind: type[Any], *, replace: bool) -> Callable[[_Function], _Function]:
    """Return a decorator that registers how an operation runs.

    Raises:
        ValueError: the operation has an implementation already and `replace` is not given.
    """

    def register(function: _Function) -> _Function:
        if not replace and ((kind, _ANYWHERE) in _REGISTRY._registry or _is_native(kind)):
            raise ValueError(
                f"{kind.__name__} has an implementation already; pass replace=True to replace it."
            )
        _REGISTRY._registry[kind, _ANYWHERE] = function
        return function

    return register


def _is_native(kind: type[Any]) -> bool:
    return kind.__module__.partition(".")[0] == __name__.partition(".")[0]


def _of_method(make: Callable[..., Any]) -> inspect.Signature:
    # the constructor is called with the operations, which the method itself stands for
    signature = inspect.signature(make)
    first, *others = signature.parameters.values()
    return signature.replace(parameters=[first.replace(name="self"), *others])


def add_method(owner: type[Any], name: str, source: str | None) -> Callable[[_Kind], _Kind]:
    """Return a class decorator that makes an operation's constructor a method of `owner`."""

    def register(kind: _Kind) -> _Kind:
        make = getattr(kind, source or name)
        signature = _of_method(make)
        is_checked = _is_native(kind)

        def method(self: Any, *args: Any, **kw: Any) -> Any:
            if kw and is_checked:
                refuse_unknown_keywords(name, signature, kw, self.migration_context)
            return make(self, *args, **kw)

        method.__name__ = name
        method.__qualname__ = f"{owner.__name__}.{name}"
        method.__doc__ = make.__doc__
        method.__signature__ = signature  # type: ignore[attr-defined]
        setattr(owner, name, method)
        return kind

    return register
