"""Errors about revisions, their identifiers and the routes between them.

Each error has attributes with the values that it concerns.
"""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.errors import HistoryError


def listed(ids: Iterable[str]) -> str:
    """Join identifiers for a message, in a stable order."""
    return ", ".join(sorted(ids))


def near_revision(name: str, known: Iterable[str]) -> str | None:
    """Return a hint with the most similar revision or label, None if none is similar."""
    from difflib import get_close_matches

    found = get_close_matches(name, list(known), n=1, cutoff=0.7) if name else []
    return f"did you mean {found[0]}? `history` lists all revisions" if found else None


class UnknownRevisionError(HistoryError):
    """No revision has this identifier."""

    code = "LB201"

    def __init__(self, symbol: str, *, message: str | None = None, hint: str | None = None) -> None:
        super().__init__(
            message or f"Can't locate revision identified by '{symbol}'",
            hint=hint or "`heads` and `history` list the revisions.",
        )
        self.symbol = symbol


class NotInBranchError(UnknownRevisionError):
    """The revision does not belong to the branch that was named with it."""

    def __init__(self, symbol: str, revision: str, branch: str) -> None:
        super().__init__(symbol, hint=f"Revision {revision} does not belong to branch '{branch}'.")
        self.revision = revision
        self.branch = branch


class MissingParentError(UnknownRevisionError, KeyError):
    """A revision file refers to a revision that has no file."""

    __str__ = Exception.__str__  # KeyError.__str__ would add quotes

    code = "LB202"

    def __init__(self, symbol: str, child: str, *, place: str | None = None) -> None:
        super().__init__(
            symbol,
            message=f"Revision {symbol} referenced from {child} is not present",
            hint="Restore the missing file, or correct `down_revision` or `depends_on` in the file "
            "that refers to it.",
        )
        self.child = child
        self.place = place


class AmbiguousRevisionError(HistoryError):
    """A partial identifier matches several revisions."""

    code = "LB203"

    def __init__(self, symbol: str, matches: Iterable[str]) -> None:
        self.symbol = symbol
        self.matches = tuple(sorted(matches))
        shown = ", ".join(f"'{match}'" for match in self.matches[:5])
        more = f" and {len(self.matches) - 5} more" if len(self.matches) > 5 else ""  # noqa: PLR2004 - see above
        super().__init__(
            f"Multiple revisions start with '{symbol}': {shown}{more}",
            hint="Give more characters of the identifier.",
        )


class MultipleHeadsError(HistoryError):
    """A command needs one head, but there are several."""

    code = "LB204"

    def __init__(self, heads: Iterable[str], symbol: str) -> None:
        self.heads = tuple(sorted(heads))
        self.symbol = symbol
        super().__init__(
            f"Multiple head revisions are present for given argument '{symbol}': "
            f"{', '.join(self.heads)}",
            hint="Name one of them, `<branch>@head` for one branch, `heads` for all; "
            "`merge heads` joins them, and `rebase` puts one behind the other.",
        )


class AmbiguousStepError(HistoryError):
    """A relative step reaches a branch point and several revisions are possible."""

    code = "LB205"

    def __init__(self, symbol: str, choices: Iterable[str], *, message: str = "") -> None:
        self.symbol = symbol
        self.choices = tuple(sorted(choices))
        super().__init__(
            message or f"Ambiguous walk: '{symbol}' could lead to {', '.join(self.choices)}",
            hint="Name the revision, or its branch as in `<branch>@+1`.",
        )


class TooFewRevisionsError(HistoryError):
    """A relative step goes beyond the end of the history."""

    code = "LB206"

    def __init__(self, symbol: str, steps: int) -> None:
        self.symbol = symbol
        self.steps = steps
        super().__init__(
            f"Relative revision {symbol} didn't produce {abs(steps)} migrations",
            hint="`current` shows the revision of the database, `history` the others.",
        )


class NotInRangeError(HistoryError):
    """The lower end of a range is not an ancestor of its upper end."""

    code = "LB207"

    def __init__(self, lower: str, upper: str) -> None:
        self.lower = lower
        self.upper = upper
        super().__init__(
            f"Revision {lower} is not an ancestor of revision {upper}",
            hint="Exchange the two ends, or choose two revisions of one branch.",
        )


class NotAppliedError(NotInRangeError):
    """The destination of a downgrade is not an ancestor of the database's revisions."""

    code = "LB208"

    def __init__(self, lower: str, upper: str) -> None:
        super().__init__(lower, upper)
        self.message = f"Destination {lower} is not a valid downgrade target from current head(s)"
        self.args = (self.message,)
        self.hint = f"The database is at {upper or 'base'}; choose a revision below that."


class OverlappingRevisionsError(HistoryError):
    """One of the requested revisions is an ancestor of another."""

    code = "LB209"

    def __init__(self, revision: str, others: Iterable[str]) -> None:
        self.revision = revision
        self.others = tuple(sorted(others))
        super().__init__(
            f"Requested revision {revision} overlaps with other requested revisions "
            f"{', '.join(self.others)}",
            hint="Remove the one that is an ancestor of the other.",
        )


class IllegalIdentifierError(HistoryError):
    """A revision's identifier contains a reserved character, or is a reserved word."""

    code = "LB210"

    def __init__(self, identifier: str, reason: str) -> None:
        self.identifier = identifier
        super().__init__(
            f"{reason} in revision identifier '{identifier}'",
            hint="Use letters, digits and underscores.",
        )


class DuplicateLabelError(HistoryError):
    """Two revisions have the same branch label, or a label is also an identifier."""

    code = "LB211"

    def __init__(self, label: str, revision: str, owner: str) -> None:
        self.label = label
        self.revision = revision
        self.owner = owner
        super().__init__(
            f"Branch name '{label}' in revision {revision} already used by revision {owner}",
            hint="Remove the label from one of the two files.",
        )


class CycleError(HistoryError):
    """Revisions are ancestors of themselves."""

    code = "LB212"
    title = "Cycle is detected in revisions"

    def __init__(self, revisions: Iterable[str]) -> None:
        self.revisions = tuple(sorted(revisions))
        super().__init__(
            f"{self.title} ({', '.join(self.revisions)})",
            hint="Correct `down_revision` or `depends_on` in one of these files.",
        )


class DependencyCycleError(CycleError):
    """Revisions are ancestors of themselves through `depends_on`."""

    title = "Dependency cycle is detected in revisions"


class SelfReferenceError(CycleError):
    """A revision names itself as its parent."""

    title = "Self-loop is detected in revisions"

    def __init__(self, revision: str) -> None:
        self.revision = revision
        super().__init__((revision,))


class DependencySelfReferenceError(DependencyCycleError, SelfReferenceError):
    """A revision depends on itself."""

    title = "Dependency self-loop is detected in revisions"

    def __init__(self, revision: str) -> None:
        SelfReferenceError.__init__(self, revision)


class NoIdentifierError(HistoryError):
    """A revision file does not define its identifier."""

    code = "LB213"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"Could not determine revision id from file {place}",
            hint='Give the file a line `revision = "..."`, or move it out of the folder.',
            place=place,
        )


class UnreadableHeaderError(HistoryError):
    """The header of a revision file has an invalid value."""

    code = "LB214"


class DuplicateRevisionError(HistoryError):
    """Two files define the same revision."""

    code = "LB216"

    def __init__(self, revision: str, earlier: str, later: str) -> None:
        super().__init__(
            f"Revision {revision} is present more than once: {earlier} and {later}",
            hint="Remove one of the two files, or give it another identifier.",
            place=later,
        )


class ReplacedTwiceError(HistoryError):
    """Two revisions replace the same one, or a revision replaces itself."""

    code = "LB691"

    def __init__(self, revision: str, one: str, other: str) -> None:
        self.revision = revision
        words = (
            f"Revision {other} replaces itself"
            if one == other
            else f"Revision {revision} is replaced by {one} and by {other}"
        )
        super().__init__(
            words, hint="Correct `replaces` in the headers of these files: ranges must not overlap."
        )


class InsideReplacedError(UnknownRevisionError):
    """The database is inside a range of squashed revisions whose files do not exist."""

    code = "LB690"

    def __init__(self, revision: str, by: str) -> None:
        super().__init__(
            revision,
            message=f"The database is at {revision}, inside the range that {by} replaces, and the "
            "files of that range do not exist",
            hint="Nothing was run. Restore the replaced files from version control (or with "
            f"`restore {revision}`, if the journal has them), run `upgrade`, and remove them "
            "again with `squash --finish`.",
        )
