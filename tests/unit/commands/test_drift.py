"""Revisions that were inserted below an applied revision."""

from __future__ import annotations

from collections.abc import Iterator

from limbeck.commands.drift import inserted_revisions
from limbeck.history import History, Revision
from limbeck.runtime import AppliedSource


class CountingHistory(History):
    """Counts how many sets of ancestors are made."""

    walks = 0

    def ancestors(self, ids: Iterator[str], *, dependencies: bool = True) -> set[str]:
        self.walks += 1
        return super().ancestors(ids, dependencies=dependencies)


def applied(id_: str, *below: str) -> AppliedSource:
    return AppliedSource(id_, "", "", "", "", "", below, "")


def test_a_history_as_it_was_applied_is_compared_without_a_walk_for_each_revision() -> None:
    ids = [f"r{number}" for number in range(500)]
    pairs = list(zip(["", *ids], ids, strict=False))
    history = CountingHistory([Revision(id_, (below,) if below else ()) for below, id_ in pairs])
    kept = {id_: applied(id_, *([below] if below else [])) for below, id_ in pairs}
    assert inserted_revisions(history, ids, kept) == ()
    assert history.walks == 0


def test_an_inserted_revision_is_found_below_one_that_was_applied() -> None:
    history = History([Revision("a"), Revision("new", ("a",)), Revision("b", ("new",))])
    kept = {"a": applied("a"), "b": applied("b", "a")}
    assert [one.id for one in inserted_revisions(history, {"a", "b"}, kept)] == ["new"]


def test_revisions_below_a_deleted_revision_are_still_compared() -> None:
    history = History([Revision("a"), Revision("b", ("a",))])
    kept = {"b": applied("b", "gone")}
    assert [one.id for one in inserted_revisions(history, {"b"}, kept)] == ["a"]
