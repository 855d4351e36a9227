"""What can be wrong with revisions, their identifiers and the roads between them.

Each error carries the values it speaks of, so that a face can word it in its own way.
"""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.errors import HistoryError
from limbeck.history.revision import Revision


def listed(ids: Iterable[str]) -> str:
    """Join identifiers for a message, in a stable order."""
    return ", ".join(sorted(ids))


class UnknownRevision(HistoryError):
    """Nothing answers to this identifier."""

    code = "LB201"

    def __init__(self, symbol: str, *, message: str | None = None, hint: str | None = None) -> None:
        super().__init__(
            message or f"Can't locate revision identified by '{symbol}'",
            hint=hint or "`heads` and `history` list what there is.",
        )
        self.symbol = symbol


class NotInBranch(UnknownRevision):
    """A revision was looked for in a branch that it does not belong to."""

    def __init__(self, symbol: str, revision: str, branch: str) -> None:
        super().__init__(symbol, hint=f"Revision {revision} does not belong to branch '{branch}'.")
        self.revision = revision
        self.branch = branch


class MissingParent(UnknownRevision, KeyError):
    """A file names a revision below it that no file has."""

    __str__ = Exception.__str__  # that of KeyError would quote the sentence

    code = "LB202"

    def __init__(self, symbol: str, child: str, *, place: str | None = None) -> None:
        super().__init__(
            symbol,
            message=f"Revision {symbol} referenced from {child} is not present",
            hint="Restore the missing file, or correct `down_revision` or `depends_on` in the file "
            "that names it.",
        )
        self.child = child
        self.place = place


class AmbiguousRevision(HistoryError):
    """A partial identifier fits several revisions."""

    code = "LB203"

    def __init__(self, symbol: str, matches: Iterable[str]) -> None:
        self.symbol = symbol
        self.matches = tuple(sorted(matches))
        shown = ", ".join(f"'{match}'" for match in self.matches[:5])
        more = f" and {len(self.matches) - 5} more" if len(self.matches) > 5 else ""  # noqa: PLR2004 - five are enough to choose from
        super().__init__(
            f"Multiple revisions start with '{symbol}': {shown}{more}",
            hint="Give more characters of the one that is meant.",
        )


class SeveralHeads(HistoryError):
    """One head was asked for and there are several."""

    code = "LB204"

    def __init__(self, heads: Iterable[str], symbol: str) -> None:
        self.heads = tuple(sorted(heads))
        self.symbol = symbol
        super().__init__(
            f"Multiple head revisions are present for given argument '{symbol}': "
            f"{', '.join(self.heads)}",
            hint="Name one of them, `<branch>@head` for one branch, `heads` for all; "
            "`merge heads` joins them.",
        )


class AmbiguousStep(HistoryError):
    """A relative step meets a fork and cannot know which way is meant."""

    code = "LB205"

    def __init__(self, symbol: str, choices: Iterable[str], *, message: str = "") -> None:
        self.symbol = symbol
        self.choices = tuple(sorted(choices))
        super().__init__(
            message or f"Ambiguous walk: '{symbol}' could lead to {', '.join(self.choices)}",
            hint="Name the revision, or its branch as in `<branch>@+1`.",
        )


class TooFewRevisions(HistoryError):
    """A relative step leads beyond the end of the history."""

    code = "LB206"

    def __init__(self, symbol: str, steps: int) -> None:
        self.symbol = symbol
        self.steps = steps
        super().__init__(
            f"Relative revision {symbol} didn't produce {abs(steps)} migrations",
            hint="`current` says where the database is and `history` what lies around it.",
        )


class NotInRange(HistoryError):
    """The lower end of a range does not lie below its upper end."""

    code = "LB207"

    def __init__(self, lower: str, upper: str) -> None:
        self.lower = lower
        self.upper = upper
        super().__init__(
            f"Revision {lower} is not an ancestor of revision {upper}",
            hint="Turn the range round, or choose two revisions of one branch.",
        )


class NotApplied(NotInRange):
    """A downgrade's destination is not below what the database holds."""

    code = "LB208"

    def __init__(self, lower: str, upper: str) -> None:
        super().__init__(lower, upper)
        self.message = f"Destination {lower} is not a valid downgrade target from current head(s)"
        self.args = (self.message,)
        self.hint = f"The database is at {upper or 'base'}; choose a revision below that."


class OverlappingRevisions(HistoryError):
    """Of the revisions asked for, one already contains another."""

    code = "LB209"

    def __init__(self, revision: str, others: Iterable[str]) -> None:
        self.revision = revision
        self.others = tuple(sorted(others))
        super().__init__(
            f"Requested revision {revision} overlaps with other requested revisions "
            f"{', '.join(self.others)}",
            hint="Leave out the one that lies below the other.",
        )


class IllegalIdentifier(HistoryError):
    """A revision's identifier has a character with a meaning of its own, or is a reserved word."""

    code = "LB210"

    def __init__(self, identifier: str, reason: str) -> None:
        self.identifier = identifier
        super().__init__(
            f"{reason} in revision identifier '{identifier}'",
            hint="Letters, digits and underscores are safe.",
        )


class LabelTaken(HistoryError):
    """Two revisions carry one branch label, or a label is also an identifier."""

    code = "LB211"

    def __init__(self, label: str, revision: str, owner: str) -> None:
        self.label = label
        self.revision = revision
        self.owner = owner
        super().__init__(
            f"Branch name '{label}' in revision {revision} already used by revision {owner}",
            hint="Take the label out of one of the two files.",
        )


class Cycle(HistoryError):
    """Revisions lead back to themselves."""

    code = "LB212"
    words = "Cycle is detected in revisions"

    def __init__(self, revisions: Iterable[str]) -> None:
        self.revisions = tuple(sorted(revisions))
        super().__init__(
            f"{self.words} ({', '.join(self.revisions)})",
            hint="Correct `down_revision` or `depends_on` in one of these files.",
        )


class DependencyCycle(Cycle):
    """Revisions lead back to themselves through `depends_on`."""

    words = "Dependency cycle is detected in revisions"


class Loop(Cycle):
    """A revision names itself as its own predecessor."""

    words = "Self-loop is detected in revisions"

    def __init__(self, revision: str) -> None:
        self.revision = revision
        super().__init__((revision,))


class DependencyLoop(DependencyCycle, Loop):
    """A revision depends on itself."""

    words = "Dependency self-loop is detected in revisions"

    def __init__(self, revision: str) -> None:
        Loop.__init__(self, revision)


class NoIdentifier(HistoryError):
    """A revision file does not say which revision it is."""

    code = "LB213"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"Could not determine revision id from file {place}",
            hint='Give the file a line `revision = "..."`, or move it out of the folder.',
            place=place,
        )


class RepeatedRevision(HistoryError):
    """Two files say that they are the same revision."""

    code = "LB216"

    def __init__(self, earlier: Revision, later: Revision) -> None:
        super().__init__(
            f"Revision {later.id} is present more than once: {earlier.path} and {later.path}",
            hint="Take one of the two files away, or give it an identifier of its own.",
            place=str(later.path),
        )


class UnreadableHeader(HistoryError):
    """A revision file's header holds something that cannot be a header."""

    code = "LB214"
