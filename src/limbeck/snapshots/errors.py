"""Errors of snapshots, of adopted databases and of databases that are copied from a template."""

from __future__ import annotations

from limbeck.errors import DatabaseError


class SnapshotError(DatabaseError):
    """A snapshot cannot be made or used."""

    code = "LB480"


class SnapshotInvalidError(SnapshotError):
    """The file of a snapshot was edited, is truncated or has another format."""

    code = "LB481"


class TooManyRowsError(SnapshotError):
    """The revisions insert more rows than a snapshot may have."""

    code = "LB482"


class SnapshotNotProvenError(SnapshotError):
    """A restored snapshot is not what the revisions lead to."""

    code = "LB483"


class InterruptedRestoreError(SnapshotError):
    """A run was interrupted while it restored a snapshot that is no longer there."""

    code = "LB484"


class SnapshotStaleError(SnapshotError):
    """A snapshot does not belong to the revision files as they are."""

    code = "LB485"


class DatabaseTemplateError(DatabaseError):
    """A test database cannot be made or dropped."""

    code = "LB486"


class AdoptError(DatabaseError):
    """A database cannot be adopted: it fits no revision, or there is nothing to adopt."""

    code = "LB488"


class ExistingTablesError(DatabaseError):
    """A database without version rows has tables that the revisions create."""

    code = "LB479"
