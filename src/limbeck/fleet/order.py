"""The order that a worker gets for a tenant."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from limbeck.fleet.results import Action
from limbeck.history import Direction
from limbeck.runtime import seconds


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done for a tenant.

    Args:
        action: what.
        revisions: where to; one, except for a stamp.
        tag: the value of `--tag`, for env.py.
        lock_timeout: seconds to wait for another runner.
        confirmed: run migrations that lose data.
        purge: empty the version table before a stamp.
    """

    action: Action
    revisions: tuple[str, ...] = ()
    tag: str | None = None
    lock_timeout: float | None = None
    confirmed: bool = False
    purge: bool = False

    def __post_init__(self) -> None:
        """Refuse a time that is none once, and not for each tenant."""
        seconds({"lock_timeout": self.lock_timeout}, "lock_timeout", 0.0)

    @property
    def direction(self) -> Direction | None:
        """The way through the history, None for a check."""
        ways: dict[str, Direction] = {"upgrade": "up", "create": "up", "downgrade": "down"}
        return "stamp" if self.action == "stamp" else ways.get(self.action)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Order:
        """Read what `to_dict` returned."""
        return cls(**{**values, "revisions": tuple(values["revisions"])})
