"""Snapshots: the schema at a revision as SQL, with the rows that its revisions insert."""

from limbeck.snapshots.schema_sql import SchemaScript, schema_script

__all__ = ["SchemaScript", "schema_script"]
