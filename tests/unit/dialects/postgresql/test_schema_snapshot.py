"""Objects that a statement drops without naming them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from limbeck.dialects.postgresql.schema_snapshot import (
    Relation,
    SchemaSnapshot,
    dropped_objects,
    same_file,
)


def relation(name: str, kind: str, *, table: int | None = None, file: int = 0) -> Relation:
    return Relation(name, kind, file or None, table, 0, 0, 0, 0)


PERSON, VISIT, INDEX, VIEW, SEQUENCE, KEY_INDEX = 1, 2, 3, 4, 5, 6
BEFORE = SchemaSnapshot(
    relations={
        PERSON: relation("person", "r", file=10),
        VISIT: relation("crm.visit", "r", file=11),
        INDEX: relation("ix_nick", "i", table=PERSON, file=12),
        KEY_INDEX: relation("person_nick_key", "i", table=PERSON, file=13),
        VIEW: relation("people", "v"),
        SEQUENCE: relation("person_id_seq", "S", file=14),
    },
    columns={(PERSON, 1): ("id", "integer"), (PERSON, 2): ("nick", "text")},
    parts={
        ("constraint", 20): ("visit_person_fkey", VISIT),
        ("constraint", 21): ("person_nick_key", PERSON),
        ("trigger", 22): ("touch", PERSON),
        ("function", 23): ("touch#abc", 1),
        ("owned sequence", SEQUENCE): ("1", PERSON),
    },
)


def without(
    *oids: int, parts: tuple[int, ...] = (), columns: tuple[int, ...] = ()
) -> SchemaSnapshot:
    return replace(
        BEFORE,
        relations={oid: one for oid, one in BEFORE.relations.items() if oid not in oids},
        parts={key: one for key, one in BEFORE.parts.items() if key[1] not in {*oids, *parts}},
        columns={key: one for key, one in BEFORE.columns.items() if key[1] not in columns},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "after", "dropped"),
    [
        ("SELECT 1", BEFORE, []),
        # the foreign key of another table and a view are dropped without being named; the index,
        # the trigger and the sequence belong to the table
        (
            "DROP TABLE person CASCADE",
            replace(
                without(PERSON, INDEX, KEY_INDEX, VIEW, SEQUENCE, parts=(20, 21, 22)), columns={}
            ),
            ["view people", "constraint visit_person_fkey"],
        ),
        ("DROP VIEW people", without(VIEW), []),
        # with a column go its index and its constraint
        (
            "ALTER TABLE person DROP COLUMN nick",
            without(INDEX, KEY_INDEX, parts=(21,), columns=(2,)),
            ["index ix_nick", "constraint person_nick_key"],
        ),
        # the index of a named constraint is the constraint
        (
            "ALTER TABLE person DROP CONSTRAINT person_nick_key",
            without(KEY_INDEX, parts=(21,)),
            [],
        ),
        # DROP TYPE may drop a column of the same name
        ("DROP TYPE nick CASCADE", without(columns=(2,)), ["column person.nick"]),
        ("DROP FUNCTION touch CASCADE", without(parts=(22, 23)), []),
        ("DROP FUNCTION IF EXISTS other", without(parts=(23,)), ["function touch"]),
    ],
)
def test_dropped_objects(statement: str, after: SchemaSnapshot, dropped: list[str]) -> None:
    assert list(dropped_objects(BEFORE, after, statement, BEFORE)) == dropped


def test_columns_that_the_revision_added_are_ignored() -> None:
    start = without(columns=(2,))
    assert list(dropped_objects(BEFORE, without(columns=(2,)), "SELECT f()", start)) == []


def test_a_rebuilt_or_renamed_index_is_not_dropped() -> None:
    again = replace(without(INDEX), relations={**without(INDEX).relations, 30: relation(
        "ix_nick", "i", table=PERSON, file=31)})  # fmt: skip
    assert list(dropped_objects(BEFORE, again, "SELECT f()", BEFORE)) == []
    renamed = replace(again, relations={**without(INDEX).relations, 30: relation(
        "ix_name", "i", table=PERSON, file=12)})  # fmt: skip
    assert same_file(BEFORE.relations[INDEX], renamed)
    assert not same_file(BEFORE.relations[INDEX], again)
    assert list(dropped_objects(BEFORE, renamed, "SELECT f()", BEFORE)) == []


def test_names_by_oid() -> None:
    assert BEFORE.tables == {PERSON: "person", VISIT: "crm.visit"}
    assert BEFORE.tables_of_indexes == {"ix_nick": "person", "person_nick_key": "person"}


def grants(*listed: tuple[str, int, str, str, str]) -> SchemaSnapshot:
    return replace(BEFORE, grants=frozenset(listed))


TABLE_GRANT = ("table", PERSON, "person", "web", "SELECT")
COLUMN_GRANT = ("column", PERSON, "person.nick", "web", "SELECT")


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (grants(TABLE_GRANT), grants(), [TABLE_GRANT]),
        (grants(COLUMN_GRANT), grants(), [COLUMN_GRANT]),
        # a privilege on the table is one on all its columns
        (grants(TABLE_GRANT, COLUMN_GRANT), grants(TABLE_GRANT), []),
        (grants(COLUMN_GRANT), grants(TABLE_GRANT), []),
        # what is renamed keeps its privileges
        (grants(TABLE_GRANT), grants(("table", PERSON, "people", "web", "SELECT")), []),
        # with the column goes the privilege
        (grants(COLUMN_GRANT), replace(without(columns=(2,)), grants=frozenset()), []),
        (grants(TABLE_GRANT), replace(without(PERSON), grants=frozenset()), []),
    ],
)
def test_lost_privileges(before: SchemaSnapshot, after: SchemaSnapshot, lost: list[object]) -> None:
    assert list(before.lost_grants(after)) == lost


def test_the_index_of_a_partition_is_dropped_with_that_of_the_partitioned_table() -> None:
    before = replace(
        BEFORE,
        relations=dict(BEFORE.relations)
        | {30: relation("part_nick_idx", "i", table=VISIT), 31: relation("ix_all", "I")},
    )
    relations = dict(before.relations)
    relations[30] = replace(relations[30], parent=31)
    before = replace(before, relations=relations)
    after = replace(before, relations={k: v for k, v in relations.items() if k < 30})
    assert list(dropped_objects(before, after, "DROP INDEX ix_all", before)) == []
