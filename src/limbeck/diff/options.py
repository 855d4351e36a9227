"""What a comparison of two catalogs takes into account."""

from __future__ import annotations

from dataclasses import dataclass

from limbeck.catalog import Key

PART_KINDS = ("primary_key", "unique", "check", "foreign_key", "exclude", "index")


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What is compared, and how differences are expressed as changes.

    Args:
        skip: what is not compared: a kind ("enum"; "check" concerns the checks of tables that
            both sides have), a field ("column.comment", "index.name", "table.extras") or one
            option ("table.extras.engine"). The default of a column is "column.default",
            "column.identity" or "column.computed".
        renamable_kinds: kinds of constraints and indexes for which a difference of only the name
            is a Rename. For other kinds it is a Drop and a Create.
        unknown_defaults: columns whose default is not compared (`FetchedValue`).
        recreates_computed: a column that becomes computed, or whose expression changes, is
            dropped and created, for databases that cannot alter it.
        can_drop_expression: kinds of computed columns ("stored", "virtual") that can become
            plain columns and keep their values. Others are dropped and created.
        recreates_on_type_change: foreign keys on a column whose type changes, and computed
            columns that use it, are dropped before and created after.
        keeps_foreign_key_indexes: an index that the server created for a foreign key exists as
            long as the foreign key, even if another index covers its columns.
        create_or_replace: kinds of text-defined objects that are replaced in place if the
            server accepts the new text. Others are dropped and created, together with the
            objects that depend on them.
        views_track_renames: the server rewrites views, triggers and constraints when a column
            that they use is renamed.
        foreign_keys_need_index: a foreign key needs an index of its own table, and the server
            does not drop the last one.
        inserts_casts: the server puts casts into expressions over a column whose type changes,
            and keeps them. Objects with such expressions are dropped and created.
        views_block_column_changes: the server refuses to change a column that a view, policy
            or trigger uses.
    """

    skip: frozenset[str] = frozenset()
    renamable_kinds: frozenset[str] = frozenset(PART_KINDS)
    unknown_defaults: frozenset[Key] = frozenset()
    recreates_computed: bool = True
    can_drop_expression: frozenset[str] = frozenset({"stored", "virtual"})
    recreates_on_type_change: bool = True
    keeps_foreign_key_indexes: bool = True
    create_or_replace: frozenset[str] = frozenset()
    views_track_renames: bool = True
    foreign_keys_need_index: bool = False
    inserts_casts: bool = False
    views_block_column_changes: bool = True

    def compares(self, kind: str, field: str | None = None) -> bool:
        """Return whether a kind, or a field of it, is compared."""
        if not self.skip:
            return True
        return kind not in self.skip and (field is None or f"{kind}.{field}" not in self.skip)


DEFAULT = DiffOptions()
