"""Every error limbeck raises on purpose.

LimbeckError                 code, message, hint, place
├── ProjectError     LB1xx   configuration, files, templates, env.py
├── HistoryError     LB2xx   revisions, identifiers, routes
├── DatabaseError    LB3xx   connections, locks, failing statements
├── DraftError       LB4xx   comparing, drafting, rendering
│   └── TwoTables    LB413   one name twice in the models; a ValueError, too
└── LintError        LB5xx   rules
"""

from __future__ import annotations


class LimbeckError(Exception):
    """A mishap told to the user without a traceback.

    Args:
        message: what happened, in one sentence; it may carry the place.
        hint: what to do next.
        place: file, line, revision or statement concerned, ready to print.
        code: the stable code of the error's documentation page.
    """

    code = "LB000"
    is_whole = False
    """Told in full however long it is, as programs read it."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        place: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place
        if code is not None:
            self.code = code


class ProjectError(LimbeckError):
    """The project's configuration or one of its files is missing or broken."""

    code = "LB100"


class HistoryError(LimbeckError):
    """The revisions on disk, or an identifier of one, make no sense."""

    code = "LB200"


class DatabaseError(LimbeckError):
    """The database refused, was busy, or is not in the state it should be in."""

    code = "LB300"


class DraftError(LimbeckError):
    """Models and database cannot be compared, or a change cannot be written."""

    code = "LB400"


class TwoTables(DraftError, ValueError):
    """The models have two tables of one name."""

    code = "LB413"


class LintError(LimbeckError):
    """A rule cannot be run as asked."""

    code = "LB500"
