"""Remarks about what nobody answered: in the log, and in the file for its reader."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from limbeck.autogenerate.draft_operations import NoteOp
from limbeck.autogenerate.questioner import flag, word

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Sides
    from limbeck.autogenerate.history_replay import Replayed, Unknown
    from limbeck.diff import Guess

_LOG = "alembic.autogenerate.compare.tables"


class OneWayNoteOp(NoteOp):
    """A remark about the way up only."""

    def reverse(self) -> NoteOp:
        """Return a remark that says nothing."""
        return NoteOp("")


def open_notes(sides: Sides) -> Iterator[NoteOp]:
    """Yield a remark for each likely rename that is drafted as drop and create; log it too."""
    for guess in sides.answers.open:
        told = _said(guess)
        logging.getLogger(_LOG).warning("%s", told.replace("\n", " "))
        yield OneWayNoteOp(told)


def unknown_notes(replayed: Replayed) -> Iterator[NoteOp]:
    """Yield a remark that names the places of a replay whose effect is not known; log it too."""
    if not replayed.unknown:
        return
    lines = [f"  {_place(one)}: {one.reason}" for one in replayed.unknown]
    told = "Compared without a database; what these did is not known:\n" + "\n".join(lines)
    logging.getLogger(_LOG).warning("%s", told)
    yield OneWayNoteOp(told)


def _place(unknown: Unknown) -> str:
    origin = unknown.origin
    if origin is None:
        return "somewhere"
    return f"{Path(origin.path).name}:{origin.line}"


def _said(guess: Guess) -> str:
    lost = "its values are lost" if guess.kind == "enum" else "what it holds is lost"
    return (
        f"{word(guess.old)} may have become {word(guess.new)}: {'; '.join(guess.evidence)}.\n"
        f"As drafted {lost}. If it was renamed, draft again with {flag(guess)}"
    )
