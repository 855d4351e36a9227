"""Things known by their text: on what they stand, what they need, which of them only look on."""

from __future__ import annotations

from dataclasses import replace

from limbeck.catalog import KINDS, Catalog, Definition, Extras, Key, SchemaObject, kind_of
from limbeck.diff import with_needs

# what no declaration can say, and goes with a thing for the moment in which it is made anew
_UNSAID = ("afterwards", "empty", "enabled", "replaceable")


def is_bystander(thing: SchemaObject, want: Catalog) -> bool:
    """Say whether a thing that the models do not know stays as it is, whatever changes under it.

    Args:
        thing: what is there.
        want: the models.
    """
    if not isinstance(thing, Definition) or thing.key in want:
        return False
    if thing.key.kind == "view_index":
        return thing.on not in want
    kind = kind_of(thing.key)
    return kind.is_view or kind.owner != "none"


def settled_beside(have: Catalog, want: Catalog) -> tuple[Catalog, Catalog]:
    """Return both sides with texts that know what they stand on and what they need.

    What no declaration can say is taken from what is there.
    """
    found = []
    for thing in want:
        if isinstance(thing, Definition):
            placed = _placed(thing, have, want)
            found.append(_with_what_is_unsaid(placed, have.get(thing.key)))
    want = want.merge(found) if found else want
    return with_needs(have), with_needs(want)


def _placed(thing: Definition, have: Catalog, want: Catalog) -> Definition:
    """Let what belongs to a view know that it is no table."""
    on = thing.on
    if on is None or on in want:
        return thing
    for kind in (each.name for each in KINDS.values() if each.is_view):
        view = Key(kind, on.path)
        if view in want or (on not in have and view in have):
            needs = frozenset(view if need == on else need for need in thing.needs)
            return replace(thing, on=view, needs=needs)
    return thing


def _with_what_is_unsaid(thing: Definition, other: SchemaObject | None) -> Definition:
    if not isinstance(other, Definition):
        return thing
    kept = [pair for pair in other.extras if pair[0] in _UNSAID]
    own = [pair for pair in thing.extras if pair[0] not in _UNSAID]
    extras: Extras = tuple(sorted([*own, *kept]))
    if thing.key.kind == "extension":
        comment = thing.comment or other.comment
        return replace(thing, comment=comment, extras=other.extras)
    return replace(thing, extras=extras)
