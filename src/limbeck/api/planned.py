"""`plan` for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limbeck.api.options import opened

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from limbeck.api.options import Options
    from limbeck.planning import Plan


def plan(
    revision: str = "head",
    *,
    measure: bool = True,
    check_rows: bool = True,
    scratch_url: str | None = None,
    query_limit: float | None = None,
    **options: Unpack[Options],
) -> tuple[Plan, ...]:
    """Return what an upgrade or downgrade would do to each database, without changing it.

    Args:
        revision: the destination; an applied revision stands for a downgrade.
        measure: run the revisions on scratch databases; if False, only their text is examined.
        check_rows: check the existing rows against the requirements of the revisions.
        scratch_url: another server for the scratch databases.
        query_limit: seconds for each query on the database; 10 by default.
        options: project, database and limits; see `Options`.

    Raises:
        HistoryError: the destination is unknown, or the database is at an unknown revision.
        PlanError: limbeck cannot plan for this kind of database.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    from limbeck import commands
    from limbeck.planning import DEFAULT_TIME_LIMIT

    with opened("plan", options) as given:
        request = commands.PlanRequest(
            revision,
            measures=measure,
            checks=check_rows,
            scratch_url=scratch_url,
            time_limit=DEFAULT_TIME_LIMIT if query_limit is None else query_limit,
        )
        return commands.plan(given.project, request, script=given.script)
