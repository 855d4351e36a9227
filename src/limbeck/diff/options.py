"""What counts as a difference: the one place where a comparison is told what to leave out."""

from __future__ import annotations

from dataclasses import dataclass

from limbeck.catalog import Key

PART_KINDS = ("primary_key", "unique", "check", "foreign_key", "exclude", "index")


@dataclass(frozen=True, slots=True)
class Sameness:
    """What a comparison looks at, and how it says what it found.

    Args:
        skip: what is not compared. A word is a kind ("enum", "check": objects or parts of that
            kind neither come nor go nor change on tables that both sides have), a field
            ("column.comment", "index.name", "table.extras") or one option
            ("table.extras.engine"). Of a column's default, "column.identity" and
            "column.computed" are fields of their own beside "column.default".
        renames: kinds of constraints and indexes for which the same content under another
            name is a Rename; for the others it is a Drop and a Create.
        unknown_defaults: columns whose default is not compared (`FetchedValue`).
        remakes_computed: a column that becomes computed, or is computed by another
            expression, is dropped and created, as databases without an ALTER for it need.
        frees: kinds of computed columns ("stored", "virtual") that can become plain ones as
            they are; others are dropped and created.
        detaches: foreign keys on a column whose type changes are dropped before and created
            after, and so are computed columns that read it.
        replaced: kinds of text-defined objects that are replaced in place, as long as the
            server takes the new text for a replacement; others are dropped and created, with
            all that needs them.
        follows: what reads a column under its old name reads it under the new one by itself.
        recasts: the server puts casts into the expressions over a column that gets another
            type, and keeps them: what holds such expressions is dropped and created.
        leans: a foreign key leans on an index of its own table and cannot lose the last one.
        pins: views, policies and triggers that read a column are in the way of its change.
        keeps_key_indexes: an index that the server made for a foreign key stays as long as
            the foreign key does, whether it is needed or not.
    """

    skip: frozenset[str] = frozenset()
    renames: frozenset[str] = frozenset(PART_KINDS)
    unknown_defaults: frozenset[Key] = frozenset()
    remakes_computed: bool = True
    frees: frozenset[str] = frozenset({"stored", "virtual"})
    detaches: bool = True
    keeps_key_indexes: bool = True
    replaced: frozenset[str] = frozenset()
    follows: bool = True
    leans: bool = False
    recasts: bool = False
    pins: bool = True

    def compares(self, kind: str, field: str | None = None) -> bool:
        """Say whether a kind, or a field of it, is compared."""
        if not self.skip:
            return True
        return kind not in self.skip and (field is None or f"{kind}.{field}" not in self.skip)


DEFAULT = Sameness()
