"""A squashed revision: the meaning of the old identifiers, and the routes of databases."""

from __future__ import annotations

import pytest

from limbeck.errors import HistoryError
from limbeck.history import (
    History,
    InsideReplacedError,
    MultipleHeadsError,
    ReplacedTwiceError,
    Revision,
    read_header,
    read_sql_header,
)

OLD = ("a", "b", "c")


def _history(*more: Revision, files: tuple[str, ...] = OLD) -> History:
    """Return z, then a to c in their files with s in their place, then d and e."""
    below = {"a": ("z",), "b": ("a",), "c": ("b",)}
    return History(
        [
            Revision("z"),
            *(Revision(id_, below[id_]) for id_ in files),
            Revision("s", ("z",), replaces=OLD),
            Revision("d", ("c",)),
            Revision("e", ("d",)),
            *more,
        ]
    )


def _moves(history: History, at: str, to: str, direction: str = "up") -> str:
    moves = history.route(at.split(), to, direction)  # type: ignore[arg-type]
    rows = frozenset(at.split())
    for move in moves:
        assert move.before == rows
        rows = move.after
    marks = {"up": "+", "down": "-", "stamp": "="}
    return " ".join(f"{marks[move.direction]}{move.revision.id}" for move in moves)


def test_replaced_revisions_are_not_in_the_graph() -> None:
    history = _history()
    assert [one.id for one in history] == ["e", "d", "s", "z"]
    assert (history.heads, history.parents("d")) == ({"e"}, ("s",))
    assert [history.resolve(name)[0].id for name in OLD] == ["s"] * 3
    assert history.get("b").id == "b"
    assert [one.id for one in history.range("b", "d")] == ["d", "s"]


@pytest.mark.parametrize(
    ("at", "to", "direction", "expected"),
    [
        ("", "head", "up", "+z +s +d +e"),
        ("z", "head", "up", "+s +d +e"),
        ("a", "head", "up", "+b +c +d +e"),
        ("b", "c", "up", "+c =s"),
        ("b", "s", "up", "+c =s"),
        ("c", "head", "up", "=s +d +e"),
        ("c", "c", "up", "=s"),
        ("s", "head", "up", "+d +e"),
        ("d", "head", "up", "+e"),
        ("a", "+1", "up", "+b"),
        ("b", "+1", "up", "+c =s"),
        ("z", "b", "up", "+a +b"),
        ("e", "s", "down", "-e -d"),
        ("e", "c", "down", "-e -d"),
        ("e", "b", "down", "-e -d -c"),
        ("s", "b", "down", "=c -c"),
        ("c", "z", "down", "=s -s"),
        ("s", "z", "down", "-s"),
        ("b", "z", "down", "-b -a"),
        ("b", "-1", "down", "-b"),
        ("b", "head", "stamp", "=e"),
        ("e", "b", "stamp", "=b"),
        ("", "c", "stamp", "=s"),
    ],
)
def test_routes_with_the_files_of_replaced_revisions(
    at: str, to: str, direction: str, expected: str
) -> None:
    assert _moves(_history(), at, to, direction) == expected


@pytest.mark.parametrize(
    ("at", "to", "direction", "expected"),
    [
        ("z", "head", "up", "+s +d +e"),
        ("c", "head", "up", "=s +d +e"),
        ("z", "b", "up", "+s"),
        ("e", "b", "down", "-e -d"),
    ],
)
def test_routes_without_the_files_of_replaced_revisions(
    at: str, to: str, direction: str, expected: str
) -> None:
    assert _moves(_history(files=()), at, to, direction) == expected


def test_a_database_at_a_replaced_revision_without_files_is_refused() -> None:
    with pytest.raises(InsideReplacedError) as caught:
        _history(files=("a", "b")).route(["b"], "head", "up")
    assert caught.value.code == "LB690"
    with pytest.raises(HistoryError) as gone:
        _history(files=()).route(["d"], "b", "stamp")
    assert gone.value.code == "LB693"


def test_some_files_are_missing_in_the_middle() -> None:
    with pytest.raises(HistoryError) as caught:
        _history(files=("a", "c")).route(["a"], "head", "up")
    assert caught.value.code == "LB692"


def test_a_revision_that_follows_a_replaced_one_follows_the_squash() -> None:
    history = _history(Revision("q", ("b",)))
    assert history.heads == {"e", "q"}
    assert history.parents("q") == ("s",)
    # a database that has it without the rest of the range goes on along the files
    assert _moves(history, "q", "heads") == "+c +d +e"
    with pytest.raises(MultipleHeadsError):
        history.route(["q"], "head", "up")


def test_squashes_of_squashes() -> None:
    second = Revision("t", ("z",), replaces=("a", "b", "c", "s", "d"))
    history = _history(second, files=())
    assert [one.id for one in history] == ["e", "t", "z"]
    assert _moves(history, "c", "head") == "=s +d +e"
    assert _moves(history, "s", "head") == "+d +e"
    assert _moves(history, "d", "head") == "=t +e"
    with pytest.raises(InsideReplacedError):
        history.route(["b"], "head", "up")


def test_overlapping_ranges_are_refused() -> None:
    with pytest.raises(ReplacedTwiceError) as caught:
        _history(Revision("t", ("z",), replaces=("c", "d")))
    assert caught.value.code == "LB691"
    with pytest.raises(ReplacedTwiceError, match="replaces itself"):
        History([Revision("x", replaces=("x",))])


def test_labels_of_the_replaced_files_are_taken_over() -> None:
    history = History(
        [
            Revision("a", labels=frozenset({"web"})),
            Revision("b", ("a",)),
            Revision("s", replaces=("a", "b")),
            Revision("c", ("b",)),
        ]
    )
    assert history.resolve("web@head")[0].id == "c"
    assert history.labels == {"web": "s"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('replaces = ("a", "b")', ("a", "b")),
        ('replaces = ("a",)', ("a",)),
        ('replaces = (\n    "a",\n    "b",\n)', ("a", "b")),
        ('replaces: tuple[str, ...] = ("a", "b")', ("a", "b")),
        ("replaces = {'a': 1}", ()),
        ("replaces = None", ()),
        ("def upgrade():\n    op.replace_view(replaces='x')", ()),
    ],
)
def test_the_header(line: str, expected: tuple[str, ...]) -> None:
    read = read_header(f'"""Words."""\nrevision = "s"\ndown_revision = None\n{line}\n')
    assert getattr(read, "replaces", None) == expected


def test_the_header_of_sql_files() -> None:
    read = read_sql_header("-- revision: s\n-- replaces: a, b\n\n-- limbeck: upgrade\n")
    assert read is not None
    assert read.replaces == ("a", "b")
