"""A `process_revision_directives` hook that consists of functions per class of operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import Any, ClassVar, TypeVar

from limbeck.errors import DraftError
from limbeck.operations import MigrationScript, OpContainer, Operation
from limbeck.render import Dispatcher

Rewrite = TypeVar("Rewrite", bound=Callable[..., Any])


class Rewriter:
    """Walk over drafts and replace operations.

    A rewriter is a `process_revision_directives` function. Each function registered with
    `rewrites` gets `(context, revision, operation)` and returns one or several operations, or none
    to remove the operation.
    """

    _traverse: ClassVar[Dispatcher] = Dispatcher()

    def __init__(self) -> None:
        self._functions = Dispatcher()
        self._chained: tuple[Callable[..., Any], ...] = ()

    def chain(self, other: Callable[..., Any]) -> Rewriter:
        """Return a rewriter that runs this one and then another rewriter or hook."""
        twin = copy(self)
        twin._chained = (*self._chained, other)
        return twin

    def rewrites(self, operator: Any) -> Callable[[Rewrite], Rewrite]:
        """Return a decorator that registers a function for one class or several classes."""
        classes = (operator,) if isinstance(operator, type) else tuple(operator)

        def register(function: Rewrite) -> Rewrite:
            for cls in classes:
                self._functions.dispatch_for(cls, replace=True)(function)
            return function

        return register

    def __call__(self, context: Any, revision: Any, directives: list[Any]) -> None:
        """Rewrite the drafts in place."""
        self.process_revision_directives(context, revision, directives)
        for hook in self._chained:
            hook(context, revision, directives)

    def process_revision_directives(
        self, context: Any, revision: Any, directives: list[Any]
    ) -> None:
        """Rewrite the drafts in place, without the rewriters chained to this one."""
        walked = [self._walk(context, revision, directive) for directive in directives]
        directives[:] = [op for ops in walked for op in ops]

    def _walk(self, context: Any, revision: Any, directive: Any) -> list[Any]:
        directives = list(self._rewritten(context, revision, directive))
        for op in directives:
            self._traverse.dispatch(op)(self, context, revision, op)
        return directives

    def _rewritten(self, context: Any, revision: Any, directive: Any) -> Iterator[Any]:
        function = self._functions.find(directive)
        seen: frozenset[Any] = getattr(directive, "_mutations", frozenset())
        if function is None or self in seen:
            yield directive
            return
        answer = function(context, revision, directive)
        for op in _listed(answer):
            op._mutations = getattr(op, "_mutations", frozenset()) | {self}
            yield op

    def _one(self, context: Any, revision: Any, container: Any, word: str) -> Any:
        containers = self._walk(context, revision, container)
        if len(containers) != 1:
            raise DraftError(
                f"A rewriter has to return exactly one {word}, not {len(containers)}", code="LB437"
            )
        return containers[0]


def _listed(answer: Any) -> list[Any]:
    if answer is None:
        return []
    return list(answer) if isinstance(answer, Iterable) else [answer]


@Rewriter._traverse.dispatch_for(MigrationScript)
def _script(rewriter: Rewriter, context: Any, revision: Any, script: MigrationScript) -> None:
    ups = [rewriter._one(context, revision, up, "UpgradeOps") for up in script.upgrade_ops_list]
    downs = [
        rewriter._one(context, revision, down, "DowngradeOps") for down in script.downgrade_ops_list
    ]
    script.upgrade_ops = ups
    script.downgrade_ops = downs


@Rewriter._traverse.dispatch_for(OpContainer)
def _container(rewriter: Rewriter, context: Any, revision: Any, container: OpContainer) -> None:
    walked = [rewriter._walk(context, revision, op) for op in container.ops]
    container.ops = [op for ops in walked for op in ops]


@Rewriter._traverse.dispatch_for(Operation)
def _leaf(rewriter: Rewriter, context: Any, revision: Any, op: Any) -> None:
    """Skip operations that contain no other operations."""
