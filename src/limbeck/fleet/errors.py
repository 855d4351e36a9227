"""The errors of working on many databases at once; the base class is in `limbeck.errors`."""

from __future__ import annotations

from limbeck.errors import FleetError


class NoTenantsError(FleetError):
    """The fleet has no tenants, or none that was selected."""

    code = "LB651"


class DuplicateTenantError(FleetError):
    """Two tenants have the same id."""

    code = "LB652"


class UnknownTenantError(FleetError):
    """No tenant of the fleet has this id."""

    code = "LB653"


class TenantsUnsupportedError(FleetError):
    """This database or driver cannot work on schemas as tenants."""

    code = "LB656"


class TenantSourceError(FleetError):
    """The list of tenants cannot be read."""

    code = "LB657"


class ExecutorError(FleetError):
    """The executor cannot be started, or cannot take these tenants."""

    code = "LB658"


class TenantNotEmptyError(FleetError):
    """A tenant that is to be created has tables already."""

    code = "LB659"


class WorkerLostError(FleetError):
    """The worker of a tenant ended before it had answered."""

    code = "LB660"


class TenantNotMovedError(FleetError):
    """A run ended without an error, but the version table does not show it."""

    code = "LB661"
