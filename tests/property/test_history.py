"""Laws of routes, for arbitrary histories."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from limbeck.history import History, Move, NotAppliedError, Revision
from tests.property.histories import histories, states


def is_legal(history: History, rows: frozenset[str]) -> bool:
    """Return whether rows are exactly the heads of the revisions that they imply."""
    implied = history.ancestors(rows)
    return rows == {
        id_ for id_ in implied if not any(above in implied for above in history.above(id_))
    }


def check_steps(history: History, start: frozenset[str], moves: tuple[Move, ...]) -> frozenset[str]:
    rows = start
    for move in moves:
        assert move.before == rows
        assert is_legal(history, move.after)
        before, after = history.ancestors(rows), history.ancestors(move.after)
        assert before ^ after == {move.revision.id}
        rows = move.after
    return rows


@given(histories())
def test_down_revisions_and_dependencies_come_first(history: History) -> None:
    ordered = [revision.id for revision in history]
    assert sorted(ordered) == sorted(history.ids)
    place = {id_: at for at, id_ in enumerate(ordered)}
    assert all(place[id_] < place[below] for id_ in ordered for below in history.below(id_))


@given(st.data())
def test_an_upgrade_and_a_downgrade_give_the_first_state(data: st.DataObject) -> None:
    history = data.draw(histories())
    start = data.draw(states(history))
    up = history.route(start, "heads", "up")
    assert check_steps(history, start, up) == history.effective_heads
    down = history.route(history.effective_heads, "base", "down")
    assert check_steps(history, history.effective_heads, down) == frozenset()


@given(st.data())
def test_every_destination_is_reached(data: st.DataObject) -> None:
    history = data.draw(histories())
    start = data.draw(states(history))
    target = data.draw(st.sampled_from(sorted(history.ids)))
    end = check_steps(history, start, history.route(start, target, "up"))
    assert target in history.ancestors(end)
    if target not in end and not history.children(target):
        # It is only applied as a dependency, so that no route leads down to it.
        with pytest.raises(NotAppliedError):
            history.route(end, target, "down")
        return
    applied = history.ancestors(end)
    assume(target in end or any(child in applied for child in history.children(target)))
    back = check_steps(history, end, history.route(end, target, "down"))
    left = history.ancestors(back)
    assert target in left
    assert not any(child in left for child in history.children(target))


@given(st.data())
def test_stamp_gives_legal_rows(data: st.DataObject) -> None:
    history = data.draw(histories())
    rows = data.draw(states(history))
    target = data.draw(st.sampled_from([*sorted(history.ids), "heads", "base"]))
    for move in history.route(rows, [target], "stamp"):
        assert move.before == rows
        rows = move.after
    wanted = {revision.id for revision in history.resolve(target)}
    implied = history.ancestors(rows)
    assert wanted <= implied
    if target == "heads":
        assert rows == history.effective_heads


@given(histories())
def test_relative_symbols_count_revisions(history: History) -> None:
    for revision in history:
        if len(revision.down) == 1:
            (below,) = history.resolve(f"{revision.id}-1")
            assert below == Revision(
                below.id, below.down, below.depends_on, below.labels, below.doc
            )
            assert revision.down == (below.id,)
