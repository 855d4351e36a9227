"""Fleets: many databases or schemas with one history, migrated with one command.

`settings` says which tenants there are, `tenant_sources` finds them. `coordinator` gives their ids
to an executor; a `worker` there holds one loaded project and runs a command for one tenant after
the other. `bulk_status` reads where they stand.
"""

from __future__ import annotations

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.environment import Tenant
    from limbeck.fleet.fleet import (
        TenantPlan,
        check,
        create,
        downgrade,
        plan,
        run,
        stamp,
        status,
        upgrade,
    )
    from limbeck.fleet.order import Order
    from limbeck.fleet.results import SOME_FAILED, Summary, TenantResult, TenantStatus, summarize
    from limbeck.fleet.settings import FleetSettings

__all__ = [
    "SOME_FAILED",
    "FleetSettings",
    "Order",
    "Summary",
    "Tenant",
    "TenantPlan",
    "TenantResult",
    "TenantStatus",
    "check",
    "create",
    "downgrade",
    "plan",
    "run",
    "stamp",
    "status",
    "summarize",
    "upgrade",
]

_lazy = lazy_exports(
    __name__,
    {
        "fleet": (
            "TenantPlan", "check", "create", "downgrade", "plan", "run", "stamp", "status",
            "upgrade",
        ),
        "order": ("Order",),
        "results": ("SOME_FAILED", "Summary", "TenantResult", "TenantStatus", "summarize"),
        "settings": ("FleetSettings",),
    },
)  # fmt: skip


def __getattr__(name: str) -> object:
    if name == "Tenant":
        from limbeck.environment import Tenant

        return Tenant
    return _lazy(name)
