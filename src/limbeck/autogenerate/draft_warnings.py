"""Warnings about a draft: unconfirmed renames, views of lost columns, unknown effects."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from limbeck.autogenerate.draft_operations import NoteOp, UpgradeOnlyNoteOp
from limbeck.autogenerate.questioner import answer_name, rename_option
from limbeck.catalog import Column, Definition
from limbeck.diff import Alter, Change, Create, Drop, columns_read

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.history_replay import ReplayResult, UnknownEffect
    from limbeck.diff import Guess

_LOG = "alembic.autogenerate.compare.tables"


def rename_warnings(comparison: Comparison) -> Iterator[NoteOp]:
    """Yield and log a warning for each likely rename that is drafted as drop and create."""
    refused = comparison.answers.refused
    for guess in (
        unresolved for unresolved in comparison.answers.unresolved if unresolved not in refused
    ):
        text = _rename_warning(guess)
        logging.getLogger(_LOG).warning("%s", text.replace("\n", " "))
        yield UpgradeOnlyNoteOp(text)


def view_warnings(comparison: Comparison, changes: Sequence[Change]) -> Iterator[NoteOp]:
    """Yield and log a warning for each view that stays and uses a column that is dropped."""
    created = {
        (change.owner, change.what.name)
        for change in changes
        if isinstance(change, Create) and isinstance(change.what, Column)
    }
    dropped = [
        (change.owner, change.what.name)
        for change in changes
        if isinstance(change, Drop) and isinstance(change.what, Column) and change.owner is not None
    ]
    gone = [column for column in dropped if column not in created]
    changed = [
        change.old if isinstance(change, Alter) else change.what
        for change in changes
        if isinstance(change, Alter | Drop)
    ]
    for obj in comparison.current:
        if not isinstance(obj, Definition) or obj in changed:
            continue
        for key in columns_read(obj, gone):
            text = (
                f"{obj.key.kind.replace('_', ' ')} {obj.key.name} uses {answer_name(key)}, which "
                "this draft drops.\nThe server refuses that as long as the view is there: change "
                "or drop it first"
            )
            logging.getLogger(_LOG).warning("%s", text.replace("\n", " "))
            yield UpgradeOnlyNoteOp(text)


def replay_warnings(replayed: ReplayResult) -> Iterator[NoteOp]:
    """Yield and log a warning that lists the statements of a replay whose effect is unknown."""
    if not replayed.unknown:
        return
    lines = [f"  {_location(effect)}: {effect.reason}" for effect in replayed.unknown]
    text = "Compared without a database. The effect of these statements is unknown:\n" + "\n".join(
        lines
    )
    logging.getLogger(_LOG).warning("%s", text)
    yield UpgradeOnlyNoteOp(text)


def _location(unknown: UnknownEffect) -> str:
    origin = unknown.origin
    if origin is None:
        return "unknown place"
    return f"{Path(origin.path).name}:{origin.line}"


def _rename_warning(guess: Guess) -> str:
    lost = "values" if guess.kind == "enum" else "data"
    return (
        f"{answer_name(guess.old)} may have become {answer_name(guess.new)}: "
        f"{'; '.join(guess.evidence)}.\n"
        f"This draft loses its {lost}. If it was renamed, draft again with {rename_option(guess)}"
    )
