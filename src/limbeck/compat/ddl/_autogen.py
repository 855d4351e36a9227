"""`alembic.ddl._autogen`: what comparing two parts of a table came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class ComparisonResult(NamedTuple):
    """Equal, different for reasons, or left out for reasons."""

    status: Literal["equal", "different", "skip"]
    message: str

    @property
    def is_equal(self) -> bool:
        """True when nothing differs."""
        return self.status == "equal"

    @property
    def is_different(self) -> bool:
        """True when something differs."""
        return self.status == "different"

    @property
    def is_skip(self) -> bool:
        """True when it could not be compared."""
        return self.status == "skip"

    @classmethod
    def Equal(cls) -> ComparisonResult:  # noqa: N802 - a public name
        """Return the answer that nothing differs."""
        return cls("equal", "the two sides are equal")

    @classmethod
    def Different(cls, reason: str | Sequence[str]) -> ComparisonResult:  # noqa: N802
        """Return the answer that something differs, and why."""
        return cls("different", ", ".join([reason] if isinstance(reason, str) else reason))

    @classmethod
    def Skip(cls, reason: str | Sequence[str]) -> ComparisonResult:  # noqa: N802
        """Return the answer that it could not be compared, and why."""
        return cls("skip", ", ".join([reason] if isinstance(reason, str) else reason))
