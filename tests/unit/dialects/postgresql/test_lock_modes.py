"""Locks of statements that run outside a transaction, and names of lock modes."""

from __future__ import annotations

import pytest

from limbeck.dialects.postgresql import lock_modes

WEAK = "SHARE UPDATE EXCLUSIVE"


@pytest.mark.parametrize(
    ("statement", "locks"),
    [
        ("CREATE INDEX CONCURRENTLY ix ON person (id)", {"person": WEAK}),
        ('CREATE UNIQUE INDEX CONCURRENTLY ix ON "Person" (id)', {"Person": WEAK}),
        ("create index concurrently ix on only crm.person (id)", {"crm.person": WEAK}),
        ("CREATE INDEX CONCURRENTLY ix ON public.person (id)", {"person": WEAK}),
        ("DROP INDEX CONCURRENTLY IF EXISTS ix", {"person": WEAK}),
        ("REINDEX INDEX CONCURRENTLY ix", {"person": WEAK}),
        ("REINDEX TABLE CONCURRENTLY person", {"person": WEAK}),
        ("DROP INDEX CONCURRENTLY unknown", {}),
        ("VACUUM person", {"person": WEAK}),
        ("VACUUM (FULL) person;", {"person": "ACCESS EXCLUSIVE"}),
        ("SELECT 1", {}),
    ],
)
def test_locks_outside_a_transaction(statement: str, locks: dict[str, str]) -> None:
    assert lock_modes.outside_locks(statement, {"ix": "person"}) == locks


def test_a_partition_is_detached_under_locks_of_both_tables() -> None:
    found = lock_modes.outside_locks("ALTER TABLE a.whole DETACH PARTITION a.part CONCURRENTLY", {})
    assert set(found) == {"a.whole", "a.part"}


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("AccessShareLock", "ACCESS SHARE"),
        ("ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"),
        ("ExclusiveLock", "EXCLUSIVE"),
    ],
)
def test_modes_are_named_as_in_the_manual(mode: str, name: str) -> None:
    assert lock_modes.mode_name(mode) == name
    assert name in lock_modes.RANKS


def test_the_strongest_mode() -> None:
    assert lock_modes.strongest(["SHARE", "ACCESS EXCLUSIVE", "ROW SHARE"]) == "ACCESS EXCLUSIVE"
    assert lock_modes.strongest([]) is None


@pytest.mark.parametrize(
    ("name", "quoted"), [("person", '"person"'), ("crm.person", '"crm"."person"')]
)
def test_quoted_names(name: str, quoted: str) -> None:
    assert lock_modes.quoted_name(name) == quoted
    assert lock_modes.plain(quoted) == name
