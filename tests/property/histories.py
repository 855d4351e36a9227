"""Arbitrary histories: branches, merges, several bases, dependencies."""

from __future__ import annotations

from hypothesis import strategies as st

from limbeck.history import History, Revision


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw a history of one to twelve revisions, its files in any order."""
    revisions: list[Revision] = []
    for number in range(draw(st.integers(1, 12))):
        ids = [revision.id for revision in revisions]
        down = draw(st.lists(st.sampled_from(ids), max_size=3, unique=True)) if ids else []
        if len(down) > 1:
            graph = History(revisions)
            implied = graph.ancestors([below for id_ in down for below in graph.below(id_)])
            down = [id_ for id_ in down if id_ not in implied]
        rest = [id_ for id_ in ids if id_ not in down]
        needs = draw(st.lists(st.sampled_from(rest), max_size=2, unique=True)) if rest else []
        revisions.append(Revision(f"r{number:03d}x", tuple(down), tuple(needs)))
    return History(draw(st.permutations(revisions)))


@st.composite
def states(draw: st.DrawFn, history: History) -> frozenset[str]:
    """Draw version rows that a database may have."""
    chosen = draw(st.lists(st.sampled_from(sorted(history.ids)), max_size=3))
    implied = history.ancestors(chosen)
    return frozenset(
        id_ for id_ in implied if not any(above in implied for above in history.above(id_))
    )
