"""Remarks about what nobody answered: in the log, and in the file for its reader."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from limbeck.autogenerate.answering import flag, word
from limbeck.autogenerate.rebuild import NoteOp

if TYPE_CHECKING:
    from limbeck.autogenerate.snapshots import Sides
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


def _said(guess: Guess) -> str:
    lost = "its values are lost" if guess.kind == "enum" else "what it holds is lost"
    return (
        f"{word(guess.old)} may have become {word(guess.new)}: {'; '.join(guess.evidence)}.\n"
        f"As drafted {lost}. If it was renamed, draft again with {flag(guess)}"
    )
