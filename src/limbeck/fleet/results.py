"""Results for each tenant: its state, and what came of an action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal[
    "at head", "behind", "unknown revision", "missing", "locked", "failed", "unreachable"
]
Outcome: TypeAlias = Literal["done", "skipped", "failed", "not run"]
Action: TypeAlias = Literal["upgrade", "downgrade", "stamp", "check", "create"]
PROBLEMS: frozenset[State] = frozenset(
    {"unknown revision", "missing", "locked", "failed", "unreachable"}
)


@dataclass(frozen=True, slots=True)
class TenantStatus:
    """Where a tenant stands.

    Args:
        tenant: its id.
        state: in two words at most.
        revisions: what its version table holds.
        behind: how many revisions it lacks.
        detail: what is wrong; "" where nothing is.
        code: the code of that error.
        group: the tenant's group.
    """

    tenant: str
    state: State
    revisions: tuple[str, ...] = ()
    behind: int = 0
    detail: str = ""
    code: str = ""
    group: str | None = None

    @property
    def is_problem(self) -> bool:
        """Whether something is wrong with it; being behind is not."""
        return self.state in PROBLEMS

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class TenantResult:
    """What came of an action for a tenant.

    Args:
        tenant: its id.
        action: what was to be done.
        outcome: `done`; `skipped`, as there was nothing to do; `failed`; `not run`, as the run
            ended before.
        before: its revisions before.
        after: its revisions after, as far as they are known.
        moves: the revisions that were applied or taken back, in order.
        seconds: how long it took.
        attempts: how often it was tried.
        code: the code of the error.
        error: what happened, and in which state the tenant is.
        hint: what to do next.
        can_retry: the failure may pass by itself.
        group: the tenant's group.
        wave: the number of its wave, counted from 1; 0 before the first.
        started: when it was begun, in UTC.
        remaining: how many tenants of the run had no result yet when this one came.
    """

    tenant: str
    action: Action
    outcome: Outcome
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    seconds: float = 0.0
    attempts: int = 0
    code: str = ""
    error: str = ""
    hint: str = ""
    can_retry: bool = False
    group: str | None = None
    wave: int = 0
    started: str = ""
    remaining: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TenantResult:
        """Read what `to_dict` returned, also where JSON has been in between."""
        lists = ("before", "after", "moves")
        read: dict[str, Any] = {n: tuple(v) if n in lists else v for n, v in values.items()}
        return cls(**read)


@dataclass(slots=True)
class Summary:
    """Counts of results, kept while they come in; the failures themselves up to a limit.

    Args:
        failure_limit: how many failures are stored.
    """

    failure_limit: int = 1000
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[TenantResult] = field(default_factory=list)

    def add(self, result: TenantResult) -> None:
        """Count a result."""
        self.outcomes[result.outcome] += 1
        if result.outcome == "failed" and len(self.failures) < self.failure_limit:
            self.failures.append(result)

    @property
    def total(self) -> int:
        """How many results there were."""
        return sum(self.outcomes.values())

    @property
    def failed(self) -> int:
        """How many tenants failed."""
        return self.outcomes["failed"]

    @property
    def not_run(self) -> int:
        """How many tenants were not run, as the run ended before."""
        return self.outcomes["not run"]

    @property
    def exit_code(self) -> int:
        """The exit code of the command line.

        0: no failure; 10: some tenants failed; 11: all failed; 12: the run ended before all
        tenants had their turn.
        """
        if self.not_run:
            return STOPPED
        if not self.failed:
            return 0
        return ALL_FAILED if self.failed == self.total else SOME_FAILED


SOME_FAILED, ALL_FAILED, STOPPED = 10, 11, 12


def summarize(results: Iterable[TenantResult]) -> Summary:
    """Count results."""
    found = Summary()
    for result in results:
        found.add(result)
    return found
