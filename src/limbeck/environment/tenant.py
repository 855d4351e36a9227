"""A tenant: one of many databases or schemas with the same history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TENANT = "tenant"
"""The name of `-x tenant=...` and of `config.attributes["tenant"]`."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A database or a schema that is migrated separately.

    Args:
        id: its name, unique in the fleet.
        url: the SQLAlchemy URL of its database; None if env.py names it. Never printed.
        schema: its schema in that database; None if the whole database is the tenant.
        tags: labels for selecting tenants.
        group: the group it belongs to, for reports and selection.
    """

    id: str
    url: str | None = None
    schema: str | None = None
    tags: tuple[str, ...] = ()
    group: str | None = None

    @property
    def name(self) -> str:
        """The value of `-x tenant=`: the schema, or else the id."""
        return self.schema or self.id

    def __repr__(self) -> str:
        # a URL may contain a password
        return f"Tenant(id={self.id!r}, schema={self.schema!r}, group={self.group!r})"

    def __str__(self) -> str:
        return self.name


def given_tenant(attributes: Mapping[str, Any], x: Mapping[str, str]) -> Tenant | None:
    """Return the tenant of a run: the one of the fleet, or the one named by `-x tenant=`."""
    found = attributes.get(TENANT)
    if isinstance(found, Tenant):
        return found
    name = x.get(TENANT)
    return None if name is None else Tenant(name, schema=name)
