"""Laws of squashed revisions, for arbitrary histories."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from limbeck.history import History, Revision
from tests.property.histories import histories, states

SQUASHED = "squashed"


@st.composite
def squashed_histories(draw: st.DrawFn) -> tuple[History, History, frozenset[str]]:
    """Draw a history, the same with a closed range replaced by one, and the range."""
    history = draw(histories())
    top = draw(st.sampled_from(sorted(history.ids)))
    below = history.ancestors([top])
    bottom = draw(st.sampled_from(sorted(below)))
    inside = below & history.descendants([bottom])
    others = [id_ for id_ in inside if id_ != top]
    assume(all(inside.issuperset(history.above(id_)) for id_ in others))
    under = {one for id_ in inside for one in history.below(id_)} - inside
    implied = history.ancestors(one for id_ in under for one in history.below(id_))
    ordered = [one.id for one in reversed(history.newest_first(inside))]
    made = Revision(SQUASHED, tuple(sorted(under - implied)), replaces=tuple(ordered))
    return history, History([*map(history.get, history.ids), made]), frozenset(inside)


@given(squashed_histories(), st.data())
def test_every_database_is_upgraded_to_the_heads(
    given_: tuple[History, History, frozenset[str]], data: st.DataObject
) -> None:
    old, new, inside = given_
    start = data.draw(states(old))
    moves = new.route(start, "heads", "up")
    rows = start
    ran = []
    for move in moves:
        assert move.before == rows
        rows = move.after
        ran += [move.revision.id] if move.direction == "up" else []
    assert rows == new.effective_heads
    assert len(ran) == len(set(ran))
    applied = old.ancestors(start)
    left = set(old.ids) - applied
    if inside & applied and not inside <= applied:
        assert set(ran) == left  # each of the old files once
    elif inside & applied:
        assert set(ran) == left
    else:
        assert set(ran) == (left - inside) | {SQUASHED}


@given(squashed_histories(), st.data())
def test_every_database_is_downgraded_to_the_base(
    given_: tuple[History, History, frozenset[str]], data: st.DataObject
) -> None:
    old, new, _ = given_
    rows = start = data.draw(states(old))
    for move in new.route(start, "base", "down"):
        assert move.before == rows
        rows = move.after
    assert rows == frozenset()
