"""The policy for migrations that lose data: warn, ask for confirmation or refuse."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from limbeck.dialects import find
from limbeck.errors import (
    DataLossRefusedError,
    InvalidValueError,
)
from limbeck.history import SQL_SUFFIX, Move
from limbeck.project import Project, split_parts

if TYPE_CHECKING:
    from limbeck.data_loss.counts import Loss, Risk

_log = logging.getLogger("alembic.runtime.migration")
POLICIES = ("ask", "refuse", "tell", "off")
_MAX_LINES = 10
# what changes rows in a revision file
_CHANGES_ROWS = re.compile(
    r"\b(?:execute|bulk_insert|get_bind|backfill|(?:insert|update|delete)_rows"
    r"|UPDATE|INSERT|DELETE)\b"
)
# what may give a table a primary key
_CHANGES_KEYS = re.compile(r"(?i)primary[_ ]key|create_table|rename_table|\b(?:execute|get_bind)\b")
_ROWS_HINT = (
    "Correct the rows, or let the migration correct them before this statement, for example with "
    "`op.execute` or `op.backfill`; --yes runs the migrations nevertheless."
)
_KEY_HINT = (
    "Create a primary key before the backfill, or change the rows with `op.execute`; --yes runs "
    "the migrations nevertheless."
)
_NAMES = {"up": "upgrade", "down": "downgrade"}
Confirm: TypeAlias = Callable[[Sequence[str]], bool]


class DataLossGuard:
    """Checks, before migrations run, which existing rows they would lose or fail on.

    Args:
        project: the project, whose setting `data_loss` is the policy.
        confirmed: the user has confirmed in advance, with `--yes`.
        confirm: asks the user whether to continue; None if nobody can be asked.
    """

    def __init__(self, project: Project, *, confirmed: bool, confirm: Confirm | None) -> None:
        self._policy = read_policy(project)
        # in projects with an env.py migrations run without a terminal, as with Alembic
        self._refuses = self._policy == "ask" and project.declared
        self._confirmed = confirmed
        self._confirm = confirm
        self._reported: dict[str, None] = {}

    @property
    def reported(self) -> tuple[str, ...]:
        """The losses that were found, as text."""
        return tuple(self._reported)

    def check(self, moves: Iterable[Move], context: Any) -> None:
        """Warn of data that migrations will lose, ask for confirmation, or refuse.

        Args:
            moves: the migrations, in order.
            context: the migration context.

        Raises:
            DataLossRefusedError: the loss is not confirmed.
        """
        if self._policy == "off" or context.as_sql:
            return
        moves = list(moves)
        owners: dict[Risk, Move] = {risk: move for move in moves for risk in _risks(move, context)}
        if not owners:
            return
        losses = _losses(context, moves, owners)
        lines = [_line(loss, owners[loss.risk]) for loss in losses]
        # a run that is repeated after a lock timeout does not ask again
        if set(lines) <= self._reported.keys():
            return
        self._reported.update(dict.fromkeys(lines))
        if self._policy == "ask" and self._confirm is not None and not self._confirmed:
            if not self._confirm(truncate(lines)):
                raise DataLossRefusedError(
                    "Nothing was run: the loss of data was not confirmed",
                    hint="Save the data you need, or run the same command again and answer yes.",
                )
            return
        refuses = self._refuses and not self._confirmed
        if refuses and (failing := [loss for loss in losses if not loss.loses_data]):
            lacks_key = all(loss.risk.kind == "no_key" for loss in failing)
            what = (
                "a table has no primary key" if lacks_key else "existing rows do not allow a change"
            )
            raise DataLossRefusedError(
                f"Nothing was run: {what}\n  "
                + "\n  ".join(truncate([_line(loss, owners[loss.risk]) for loss in failing])),
                hint=_KEY_HINT if lacks_key else _ROWS_HINT,
            )
        if refuses and _downgrade_loses(losses, owners):
            raise DataLossRefusedError(
                "Nothing was run: the downgrade would lose data, and there is no terminal to "
                "confirm it\n  " + "\n  ".join(truncate(lines)),
                hint="Save the data you need; run the same command with --yes to continue.",
            )
        if self._policy == "refuse" and not self._confirmed:
            raise DataLossRefusedError(
                "Nothing was run: the migrations would lose data or fail on existing rows\n  "
                + "\n  ".join(truncate(lines)),
                hint="Save the data you need; run the same command with --yes to continue.",
            )
        for line in truncate(lines):
            _log.warning("%s", line)


def _losses(context: Any, moves: Sequence[Move], owners: Mapping[Risk, Move]) -> list[Loss]:
    """Return the losses, without failures that an earlier migration may prevent."""
    from limbeck.data_loss.counts import find_losses  # most runs have no risks

    return [
        loss
        for loss in find_losses(context.target, owners)
        if loss.loses_data or not _may_be_prepared(loss, moves[: moves.index(owners[loss.risk])])
    ]


def _may_be_prepared(loss: Loss, earlier: Iterable[Move]) -> bool:
    """Return whether an earlier migration may change the rows or key that a statement needs."""
    changes = _CHANGES_KEYS if loss.risk.kind == "no_key" else _CHANGES_ROWS
    for move in earlier:
        source = "" if move.revision.path is None else _source(move.revision.path)
        if changes.search(source) and (loss.risk.table in source or "get_bind" in source):
            return True
    return False


def _source(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _downgrade_loses(losses: Iterable[Loss], owners: Mapping[Risk, Move]) -> bool:
    return any(loss.loses_data and owners[loss.risk].direction == "down" for loss in losses)


def read_policy(project: Project) -> str:
    """Return the project's policy for data loss.

    Raises:
        InvalidValueError: the setting has another value.
    """
    default = "ask" if project.detect == "all" else "tell"
    policy = str(project.option("data_loss") or default)
    if policy not in POLICIES:
        raise InvalidValueError(
            f"data_loss is {policy!r}", hint=f"Write one of {', '.join(POLICIES)}."
        )
    return policy


def truncate(lines: Sequence[str]) -> list[str]:
    """Return the first lines and the number of the others."""
    if len(lines) <= _MAX_LINES:
        return list(lines)
    return [*lines[:_MAX_LINES], f"... and {len(lines) - _MAX_LINES} more"]


def _risks(move: Move, context: Any) -> Sequence[Risk]:
    path = move.revision.path
    if move.direction == "stamp" or path is None or path.suffix not in {".py", SQL_SUFFIX}:
        return []
    source = _source(path)
    # imported only when there are migrations to run
    from limbeck.data_loss.script_analysis import risks_of, risks_of_sql

    name = _NAMES[move.direction]
    if path.suffix == SQL_SUFFIX:
        part = split_parts(source, path).get(name, "")
        return risks_of_sql(part, str(path), find(context.dialect.name).capabilities.quoting)
    return risks_of(source, str(path), name)


def _line(loss: Loss, move: Move) -> str:
    location = ""
    if loss.risk.origin is not None:
        location = f' (File "{loss.risk.origin.path}", line {loss.risk.origin.line})'
    end = "" if loss.loses_data else ": the statement will fail"
    what = _NAMES[move.direction]
    return f"The {what} of {move.revision.id} {loss.text}{end}{location}"
