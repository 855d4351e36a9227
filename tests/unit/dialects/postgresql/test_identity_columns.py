"""Transitions between serial, identity and plain columns; values for existing rows."""

from __future__ import annotations

import pytest

from limbeck.catalog import Catalog, Column, Enum, Identity, Key, Sequence, Type
from limbeck.dialects.postgresql import identity_columns
from tests.unit.dialects.postgresql import unquoted

OWNER = Key("table", ("crm", "person"))
MOOD = Enum(Key("enum", (None, "mood")), ("it's ok", "bad"))
PLAIN = Column("id", Type.parse("integer"), False)
SERIAL = Column("id", Type.parse("integer"), False, extras=(("serial", True),))
BIG_SERIAL = Column("id", Type.parse("bigint"), False, extras=(("serial", True),))
IDENTITY = Column("id", Type.parse("integer"), False, Identity())
DESCENDING = Column("id", Type.parse("integer"), False, Identity(increment=-1))


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (Type.parse("bigint"), "0"),
        (Type.parse("character varying(10)"), "''"),
        (Type.parse("timestamp with time zone"), "now()"),
        (Type.parse("integer[]"), "'{}'"),
        (Type.parse("int4range"), "'empty'"),
        (Type.parse("int4multirange"), "'{}'"),
        (Type("mood", ref=MOOD.key), "'it''s ok'"),
        (Type("other", ref=Key("domain", (None, "other"))), None),
        (Type.parse("point"), None),
    ],
)
def test_neutral_values(type_: Type, value: str | None) -> None:
    assert identity_columns.fill(Column("c", type_), Catalog.of([MOOD])) == value


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        (PLAIN, PLAIN, None, None),
        (SERIAL, PLAIN, "DROP SEQUENCE", None),
        (SERIAL, IDENTITY, "DROP SEQUENCE", "OPERATOR(pg_catalog.<=) 2147483647"),
        (PLAIN, SERIAL, None, "CREATE SEQUENCE crm.person_id_seq AS integer OWNED BY crm.person.id"),
        (SERIAL, BIG_SERIAL, None, "' AS bigint'"),
        (PLAIN, IDENTITY, None, "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence('crm.person', 'id'),"),
        # the values of a descending identity are not continued
        (PLAIN, DESCENDING, None, None),
        (IDENTITY, PLAIN, None, None),
    ],
)  # fmt: skip
def test_transitions(old: Column, new: Column, before: str | None, after: str | None) -> None:
    for text, part in zip(identity_columns.counter(OWNER, old, new), (before, after), strict=True):
        assert text is None if part is None else part in unquoted(text or "")


@pytest.mark.parametrize(
    ("sequence", "options"),
    [
        (Sequence(MOOD.key), (1, 1, 1, 9223372036854775807)),
        (Sequence(MOOD.key, "smallint"), (1, 1, 1, 32767)),
        (Sequence(MOOD.key, "integer", increment=-1), (-1, -1, -2147483648, -1)),
        (Sequence(MOOD.key, "integer", minvalue=5), (5, 1, 5, 2147483647)),
        (Sequence(MOOD.key, start=7, increment=2), (7, 2, 1, 9223372036854775807)),
    ],
)
def test_the_server_s_defaults_of_a_sequence(sequence: Sequence, options: tuple[int, ...]) -> None:
    found = identity_columns.whole_sequence(sequence)
    names = ("start", "increment", "minvalue", "maxvalue")
    assert tuple(found[name] for name in names) == options
    assert (found["cycle"], found["cache"]) == (False, 1)


def test_a_nullable_serial_column_is_changed_after_it_was_added() -> None:
    added = unquoted(identity_columns.add_serial(OWNER, BIG_SERIAL))
    assert added == "ALTER TABLE crm.person ADD COLUMN id bigserial"
    nullable = Column("id", Type.parse("smallint"), extras=(("serial", True),))
    text = unquoted(identity_columns.add_serial(OWNER, nullable))
    assert "ADD COLUMN id smallserial; ALTER TABLE crm.person ALTER COLUMN id DROP NOT NULL" in text
