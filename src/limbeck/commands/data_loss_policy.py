"""Data that a run would lose: told before anything happens, asked about, or refused."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from limbeck.errors import DatabaseError, DraftError
from limbeck.history import Move
from limbeck.project import BadValue, Project
from limbeck.runtime import Loss, Risk, find_losses

_log = logging.getLogger("alembic.runtime.migration")
POLICIES = ("ask", "refuse", "tell", "off")
_SHOWN = 10
_NAMES = {"up": "upgrade", "down": "downgrade"}
Consent: TypeAlias = Callable[[Sequence[str]], bool]


class NotAgreed(DatabaseError):
    """The run would lose data, and nobody has agreed to that."""

    code = "LB352"


class Stakes:
    """Looks, before a route is run, what it will do to the rows that are there.

    Args:
        project: its setting `data_loss` says what becomes of what is found.
        agreed: the user has agreed beforehand.
        consent: asks a person; None where there is nobody to ask.
    """

    def __init__(self, project: Project, *, agreed: bool, consent: Consent | None) -> None:
        self._policy = policy_of(project)
        self._agreed = agreed
        self._consent = consent
        self._known: set[str] = set()

    def weigh(self, moves: Iterable[Move], context: Any) -> None:
        """Tell what a route will lose.

        Raises:
            NotAgreed: nobody agrees to it.
        """
        if self._policy == "off" or context.as_sql:
            return
        owners: dict[Risk, Move] = {risk: move for move in moves for risk in _risks(move)}
        if not owners:
            return
        losses = find_losses(context.target, owners)
        lines = [_line(loss, owners[loss.risk]) for loss in losses]
        # a run that has to begin again asks no second time
        if set(lines) <= self._known:
            return
        self._known.update(lines)
        if self._policy == "ask" and self._consent is not None and not self._agreed:
            if not self._consent(shown(lines)):
                raise NotAgreed(
                    "Stopped before anything was run: not agreed to what would happen to the data",
                    hint="Save what is needed, or run the same command again and agree.",
                )
            return
        for line in shown(lines):
            _log.warning("%s", line)
        if self._policy == "refuse" and not self._agreed:
            raise NotAgreed(
                "Stopped before anything was run: the data would not stay as it is\n  "
                + "\n  ".join(shown(lines)),
                hint="Save what is needed; with --yes the same command goes on.",
            )


MANY = 5
_draft_log = logging.getLogger("alembic.autogenerate")


class ManyDrops(DraftError):
    """Most tables of the database would be dropped: models were hardly imported."""

    code = "LB446"


class EmptyModels(DraftError):
    """There is nothing in the models: hardly what was meant."""

    code = "LB447"


def foretell(project: Project, operations: Iterable[Any], context: Any, *, drops: bool) -> None:
    """Tell what a draft will do to the rows that are there.

    Args:
        project: what it is drafted for.
        operations: the way up.
        context: the migration context with its connection.
        drops: dropping most tables is meant.

    Raises:
        EmptyModels: the models have no tables, and nobody said that all are to go.
        ManyDrops: most tables would go, and nobody said that they are to.
    """
    from limbeck.autogenerate import draft_risks

    if project.detect == "all" and not drops:
        _refuse_nothing(context.opts.get("target_metadata"))
    policy = policy_of(project)
    if policy == "off" or context.connection is None:
        return
    risks = list(draft_risks(operations))
    gone = [risk.name for risk in risks if risk.kind == "drop_table"]
    if len(gone) >= MANY and not drops and len(gone) * 2 > _present(context, risks):
        _refuse_many(project, gone)
    for line in shown([_drafted(loss) for loss in find_losses(context.target, risks)]):
        _draft_log.warning("%s", line)


def _refuse_nothing(models: Any) -> None:
    """Stop where no model says anything; what is declared beside tables counts as well."""
    listed = models if isinstance(models, (list, tuple)) else [models]
    if any(one is None or one.tables or one._sequences or one.info for one in listed):
        return
    raise EmptyModels(
        "The models have no tables: nothing was written",
        hint="Import the modules that define them where target_metadata comes from; if all "
        "tables are to be dropped, say so with --allow-drops.",
    )


def _present(context: Any, risks: Iterable[Risk]) -> int:
    import sqlalchemy as sa

    inspector = sa.inspect(context.connection)
    schemas = {risk.namespace for risk in risks}
    return sum(len(inspector.get_table_names(schema=schema)) for schema in schemas)


def _refuse_many(project: Project, gone: Sequence[str]) -> None:
    few = ", ".join(gone[: MANY - 1])
    words = f"The models lack {len(gone)} of the database's tables ({few}, ...)"
    hint = (
        "If models were not imported, import their modules where env.py gets target_metadata; if "
        "other programs own the tables, leave them out with include_name; if they are to be "
        "dropped, say so with --allow-drops."
    )
    if project.detect == "all":
        raise ManyDrops(f"{words}: nothing was written", hint=hint)
    _draft_log.warning("%s: they would all be dropped. Were all models imported?", words)


def _drafted(loss: Loss) -> str:
    end = "" if loss.is_final else ": it is going to fail"
    return f"The new revision {loss.words}{end}"


def policy_of(project: Project) -> str:
    """Return what is to happen where data is at stake.

    Raises:
        BadValue: the configuration says something else.
    """
    default = "ask" if project.detect == "all" else "tell"
    policy = str(project.option("data_loss") or default)
    if policy not in POLICIES:
        raise BadValue(f"data_loss is {policy!r}", hint=f"Write one of {', '.join(POLICIES)}.")
    return policy


def shown(lines: Sequence[str]) -> list[str]:
    """Return the first lines, and how many there are besides."""
    if len(lines) <= _SHOWN:
        return list(lines)
    return [*lines[:_SHOWN], f"... and {len(lines) - _SHOWN} more"]


def _risks(move: Move) -> list[Risk]:
    path = move.revision.path
    if move.direction == "stamp" or path is None or path.suffix != ".py":
        return []
    try:
        source = path.read_text("utf-8", "replace")
    except OSError:
        return []
    # the reading of Python is asked for by a run that has revisions ahead of it
    from limbeck.commands.script_analysis import risks_of

    return risks_of(source, str(path), _NAMES[move.direction])


def _line(loss: Loss, move: Move) -> str:
    place = ""
    if loss.risk.origin is not None:
        place = f' (File "{loss.risk.origin.path}", line {loss.risk.origin.line})'
    end = "" if loss.is_final else ": it is going to fail"
    what = _NAMES[move.direction]
    return f"The {what} of {move.revision.id} {loss.words}{end}{place}"
