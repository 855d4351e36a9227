"""Lint without a server: the statements of a revision, judged by what is known of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from limbeck.dialects import Measured, known_effects
from limbeck.lint.findings import sorted_dangers
from limbeck.lint.recorded_run import RecordedStatement
from limbeck.lint.verdicts import Verdict
from limbeck.operations import Operations
from limbeck.runtime import RecordingSink, origin_of_caller

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from limbeck.catalog import Catalog

_ONE_DATABASE = "upgrade_"
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_CREATED = re.compile(
    r"\s*CREATE\s+(?:TEMP(?:ORARY)?\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[`\"\[]?([\w$.]+)",
    re.IGNORECASE,
)


class _StatementRecorder(RecordingSink):
    """Takes the statements that a revision would send, with their lines."""

    def __init__(self, context: Any, path: str | None, catalog: Catalog | None) -> None:
        replayed = None if catalog is None else lambda: catalog
        super().__init__(
            context.dialect, context.sink.record, context.opts, replayed=replayed, path=path
        )
        self._context = context
        self.statements: list[RecordedStatement] = []

    def execute(
        self,
        statement: Executable | str,
        parameters: Any = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Record a statement."""
        del parameters, execution_options
        origin = origin_of_caller(self.path)
        text = self._compile(statement, literal=self._inside)
        line = None if origin is None else origin.line
        rules = self.record.transaction_rules
        is_outside = self._context.is_outside_transaction or (
            rules is not None and rules.is_non_transactional(text)
        )
        self.statements.append(RecordedStatement(text, line, is_outside=is_outside))


def _arguments_of(program: Callable[..., None]) -> list[tuple[str, ...]]:
    """Return the arguments to call an upgrade function with, once for each database.

    With several databases, env.py passes a name, and the file has a function
    `upgrade_<name>` for each.
    """
    parameters = inspect.signature(program).parameters.values()
    required = [one for one in parameters if one.default is one.empty and one.kind in _POSITIONAL]
    if len(required) != 1:
        return [()]
    names = [one for one in program.__globals__ if one.startswith(_ONE_DATABASE)]
    return [(one.removeprefix(_ONE_DATABASE),) for one in names] or [()]


def judge_without_server(
    program: Callable[..., None],
    context: Any,
    *,
    path: str | None,
    catalog: Catalog | None = None,
) -> Iterator[Verdict]:
    """Yield a verdict for each statement of a revision, from its text.

    Args:
        program: the upgrade function.
        context: a migration context without a connection.
        path: the revision file.
        catalog: the schema before the revision, for changes that need to know a table.
    """
    record = context.sink.record
    tape = _StatementRecorder(context, path, catalog)
    before = context.sink, context.connection
    context.sink, context.connection = tape, tape.bind
    try:
        with Operations.context(context):
            for arguments in _arguments_of(program):
                program(*arguments)
    finally:
        context.sink, context.connection = before
    fresh: set[str] = set()
    for statement in tape.statements:
        if found := _CREATED.match(statement.sql):
            fresh.add(found[1].lower())
            yield Verdict(statement, (), ())
            continue
        known = known_effects(statement.sql, record.name)
        if known is None or (known.table is not None and known.table.lower() in fresh):
            yield Verdict(statement, (), ())
            continue
        statement.measured = Measured(
            locks={} if known.table is None or known.lock is None else {known.table: known.lock},
            strongest=known.lock,
            source="known",
        )
        yield Verdict(statement, sorted_dangers(set(known.dangers)), (known.reason,))
