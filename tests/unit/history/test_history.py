"""The graph, the symbols for its revisions, and the routes through it."""

from __future__ import annotations

import pytest

from limbeck.history import (
    AmbiguousRevisionError,
    AmbiguousStepError,
    CycleError,
    DependencyCycleError,
    DependencySelfReferenceError,
    DuplicateLabelError,
    History,
    IllegalIdentifierError,
    MissingParentError,
    MultipleHeadsError,
    NotAppliedError,
    NotInRangeError,
    OverlappingRevisionsError,
    Revision,
    SelfReferenceError,
    TooFewRevisionsError,
    UnknownRevisionError,
)


def rev(
    id_: str, *down: str, needs: tuple[str, ...] = (), labels: tuple[str, ...] = ()
) -> Revision:
    return Revision(id_, down, needs, frozenset(labels))


@pytest.fixture
def history() -> History:
    """aaaa1 forks into aaaa2 and bbbb1; bbbb2 also needs aaaa2; cccc1 merges, dddd1 goes on."""
    return History(
        [
            rev("aaaa1"),
            rev("aaaa2", "aaaa1"),
            rev("bbbb1", "aaaa1", labels=("lb",)),
            rev("bbbb2", "bbbb1", needs=("aaaa2",)),
            rev("cccc1", "aaaa2", "bbbb2"),
            rev("dddd1", "aaaa2", labels=("ld",)),
        ]
    )


def ids(revisions: tuple[Revision, ...]) -> list[str]:
    return [revision.id for revision in revisions]


def test_bases_heads_and_branch_points(history: History) -> None:
    assert history.heads == {"cccc1", "dddd1"}
    assert history.bases == {"aaaa1"}
    assert history.branch_points == {"aaaa1", "aaaa2"}
    assert history.labels_of("cccc1") == {"lb"}
    assert history.labels_of("aaaa1") == frozenset()
    assert ids(tuple(history)) == ["cccc1", "dddd1", "bbbb2", "bbbb1", "aaaa2", "aaaa1"]


def test_a_dependency_takes_the_effective_head(history: History) -> None:
    graph = History([rev("a1"), rev("b1", needs=("a1",))])
    assert graph.heads == {"a1", "b1"}
    assert graph.effective_heads == {"b1"}


@pytest.mark.parametrize(
    ("symbol", "meant"),
    [
        ("heads", ["cccc1", "dddd1"]),
        ("base", []),
        ("cccc", ["cccc1"]),
        ("lb", ["bbbb1"]),
        ("lb@head", ["cccc1"]),
        ("ld@heads", ["dddd1"]),
        ("lb@base", []),
        ("cccc1@head", ["cccc1"]),
        ("ld@aaaa2", ["aaaa2"]),
        ("dddd1-1", ["aaaa2"]),
        ("bbbb1+1", ["bbbb2"]),
        ("ld@head-1", ["aaaa2"]),
        ("lb@aaaa1+1", ["bbbb1"]),
    ],
)
def test_symbols(history: History, symbol: str, meant: list[str]) -> None:
    assert ids(history.resolve(symbol)) == meant


@pytest.mark.parametrize(
    ("symbol", "error"),
    [
        ("head", MultipleHeadsError),
        ("aaaa1@head", MultipleHeadsError),
        ("aaaa", AmbiguousRevisionError),
        ("zzzz", UnknownRevisionError),
        ("ld@cccc", UnknownRevisionError),
        ("cccc1-1", AmbiguousStepError),
        ("aaaa1+1", AmbiguousStepError),
        ("dddd1+1", TooFewRevisionsError),
        ("", UnknownRevisionError),
    ],
)
def test_unknown_and_ambiguous_symbols_are_refused(
    history: History, symbol: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        history.resolve(symbol)


def test_current_and_steps_from_the_database(history: History) -> None:
    assert ids(history.resolve("current", ["bbbb2"])) == ["bbbb2"]
    assert ids(history.resolve("-1", ["dddd1"])) == ["aaaa2"]
    assert ids(history.resolve("+1", ["bbbb2"])) == ["cccc1"]


@pytest.mark.parametrize(
    ("at", "to", "rows"),
    [
        (
            [],
            "heads",
            ["aaaa1", "aaaa2", "aaaa2 bbbb1", "bbbb2", "bbbb2 dddd1", "cccc1 dddd1"],
        ),
        (["aaaa2"], "lb@head", ["aaaa2 bbbb1", "bbbb2", "cccc1"]),
        (["bbbb2"], "+1", ["cccc1"]),
        (["aaaa1"], "lb@+1", ["bbbb1"]),
        (["cccc1", "dddd1"], "heads", []),
    ],
)
def test_upgrade_rows(history: History, at: list[str], to: str, rows: list[str]) -> None:
    moves = history.route(at, to, "up")
    assert [" ".join(sorted(move.after)) for move in moves] == rows


@pytest.mark.parametrize(
    ("at", "to", "rows"),
    [
        (["bbbb2"], "-1", ["aaaa2 bbbb1"]),
        (["cccc1"], "aaaa2", ["bbbb2"]),
        (["cccc1"], "bbbb1", ["bbbb2", "aaaa2 bbbb1"]),
        (["aaaa2", "bbbb1"], "lb@aaaa1", ["aaaa2"]),
        (["cccc1", "dddd1"], "ld@-1", ["cccc1"]),
        (["aaaa1"], "base", [""]),
        (["aaaa2"], "aaaa2", []),
    ],
)
def test_downgrade_rows(history: History, at: list[str], to: str, rows: list[str]) -> None:
    moves = history.route(at, to, "down")
    assert [" ".join(sorted(move.after)) for move in moves] == rows


def test_a_relative_downgrade_from_several_rows_is_refused_by_default(history: History) -> None:
    with pytest.raises(AmbiguousStepError):
        history.route(["bbbb1", "aaaa2"], "-1", "down")
    (move,) = history.route(["bbbb1", "aaaa2"], "-1", "down", first_of_several=True)
    assert move.revision.id == "bbbb1"


@pytest.mark.parametrize(
    ("at", "to", "rows"),
    [
        (["aaaa2"], ["heads"], ["cccc1", "cccc1 dddd1"]),
        (["cccc1", "dddd1"], ["aaaa1"], ["aaaa1"]),
        (["cccc1", "dddd1"], ["base"], ["dddd1", ""]),
        (["aaaa2"], ["bbbb1"], ["aaaa2 bbbb1"]),
        ([], ["aaaa2", "cccc1"], ["cccc1"]),
    ],
)
def test_stamp_rows(history: History, at: list[str], to: list[str], rows: list[str]) -> None:
    moves = history.route(at, to, "stamp")
    assert [" ".join(sorted(move.after)) for move in moves] == rows


def test_routes_that_do_not_exist(history: History) -> None:
    with pytest.raises(NotAppliedError):
        history.route(["aaaa2"], "bbbb1", "down")
    with pytest.raises(UnknownRevisionError, match="zzzz"):
        history.route(["zzzz"], "heads", "up")
    with pytest.raises(OverlappingRevisionsError):
        history.route(["aaaa1", "aaaa2"], "heads", "up")
    with pytest.raises(TooFewRevisionsError):
        history.route([], "-1", "down")


def test_ranges(history: History) -> None:
    assert ids(history.range("aaaa2", "dddd1")) == ["dddd1", "aaaa2"]
    assert ids(history.range(None, "bbbb1")) == ["bbbb1", "aaaa1"]
    assert ids(history.range("-1", "dddd1")) == ["dddd1", "aaaa2"]
    assert ids(history.range("bbbb1", "current", ["bbbb2"])) == ["bbbb2", "bbbb1"]
    assert ids(history.range("-2", "bbbb1")) == ["bbbb1", "aaaa1"]
    with pytest.raises(NotInRangeError):
        history.range("dddd1", "bbbb1")
    with pytest.raises(NotInRangeError):
        history.range(None, "-1")


@pytest.mark.parametrize(
    ("revisions", "error", "named"),
    [
        ([rev("a", "a")], SelfReferenceError, ("a",)),
        ([rev("a", "c"), rev("b", "a"), rev("c", "b"), rev("d", "c")], CycleError, ("a", "b", "c")),
        ([rev("a", needs=("a",))], DependencySelfReferenceError, ("a",)),
        ([rev("a", needs=("b",)), rev("b", "a")], DependencyCycleError, ("a", "b")),
    ],
)
def test_cycles(revisions: list[Revision], error: type[CycleError], named: tuple[str, ...]) -> None:
    with pytest.raises(error) as caught:
        History(revisions)
    assert caught.value.revisions == named


def test_contradictory_histories_are_refused() -> None:
    with pytest.raises(MissingParentError, match="zz referenced from a"):
        History([rev("a", "zz")])
    with pytest.raises(DuplicateLabelError):
        History([rev("a", labels=("x",)), rev("b", labels=("x",))])
    with pytest.raises(DuplicateLabelError):
        History([rev("a"), rev("b", labels=("a",))])
    with pytest.raises(IllegalIdentifierError):
        History([rev("a-b")])
    assert len(History([rev("a"), rev("a")]).repeated) == 1
