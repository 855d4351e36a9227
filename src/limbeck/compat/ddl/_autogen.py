"""`alembic.ddl._autogen`: the result of comparing two parts of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class ComparisonResult(NamedTuple):
    """Equal, different with reasons, or skipped with reasons."""

    status: Literal["equal", "different", "skip"]
    message: str

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return self.status == "equal"

    @property
    def is_different(self) -> bool:
        """Whether something differs."""
        return self.status == "different"

    @property
    def is_skip(self) -> bool:
        """Whether the parts could not be compared."""
        return self.status == "skip"

    @classmethod
    def Equal(cls) -> ComparisonResult:  # noqa: N802 - a public name
        """Return the result that nothing differs."""
        return cls("equal", "the two sides are equal")

    @classmethod
    def Different(cls, reason: str | Sequence[str]) -> ComparisonResult:  # noqa: N802
        """Return the result that something differs, and why."""
        return cls("different", ", ".join([reason] if isinstance(reason, str) else reason))

    @classmethod
    def Skip(cls, reason: str | Sequence[str]) -> ComparisonResult:  # noqa: N802
        """Return the result that the parts could not be compared, and why."""
        return cls("skip", ", ".join([reason] if isinstance(reason, str) else reason))
