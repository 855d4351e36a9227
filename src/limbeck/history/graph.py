"""Revisions linked to what lies below and above them, built once and never changed.

Every walk is linear in what it visits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property

from limbeck.history import order
from limbeck.history.cycles import refuse_cycles
from limbeck.history.errors import (
    AmbiguousRevision,
    IllegalIdentifier,
    LabelTaken,
    MissingParent,
    UnknownRevision,
)
from limbeck.history.revision import Heads, Revision
from limbeck.naming import illegal_characters


class Graph:
    """All revisions, with what lies below and above each.

    Args:
        revisions: the revisions in the order of their files; that order breaks ties.

    Raises:
        MissingParent: a revision names one that is not there.
        LabelTaken: a label is used twice.
        Cycle: revisions lead back to themselves.
    """

    def __init__(self, revisions: Iterable[Revision]) -> None:
        self._by_id: dict[str, Revision] = {}
        repeated: list[tuple[Revision, Revision]] = []
        for revision in revisions:
            earlier = self._by_id.get(revision.id)
            if earlier is not None:
                repeated.append((earlier, revision))
            elif illegal := illegal_characters(revision.id):
                raise IllegalIdentifier(revision.id, f"Character(s) '{illegal}' not allowed")
            self._by_id[revision.id] = revision
        self.repeated = tuple(repeated)
        self.labels: dict[str, str] = {}
        self._children: dict[str, tuple[str, ...]] = {}
        self._link()
        self._name_branches()
        self._dependencies: dict[str, tuple[str, ...]] = {}
        self._dependents: dict[str, tuple[str, ...]] = {}
        refuse_cycles(
            self._by_id, {one.id: one.down for one in self._by_id.values()}, dependencies=False
        )
        self._link_dependencies()

    def _link(self) -> None:
        children: dict[str, list[str]] = {id_: [] for id_ in self._by_id}
        for revision in self._by_id.values():
            for parent in dict.fromkeys(revision.down):
                above = children.get(parent)
                if above is None:
                    raise MissingParent(parent, revision.id, place=_place(revision))
                above.append(revision.id)
        self._children = {id_: tuple(above) for id_, above in children.items() if above}

    def _name_branches(self) -> None:
        for revision in self._by_id.values():
            for label in sorted(revision.labels):
                owner = self.labels.get(label)
                if owner is None and label in self._by_id:
                    owner = label
                if owner is not None:
                    raise LabelTaken(label, revision.id, owner)
                self.labels[label] = revision.id

    def _link_dependencies(self) -> None:
        dependents: dict[str, list[str]] = {}
        for revision in self._by_id.values():
            if not revision.depends_on:
                continue
            found = dict.fromkeys(self._dependency(revision, name) for name in revision.depends_on)
            self._dependencies[revision.id] = tuple(found)
            for id_ in found:
                dependents.setdefault(id_, []).append(revision.id)
        self._dependents = {id_: tuple(above) for id_, above in dependents.items()}
        if dependents:
            below = {
                id_: (*one.down, *self._dependencies.get(id_, ()))
                for id_, one in self._by_id.items()
            }
            refuse_cycles(self._by_id, below, dependencies=True)

    def _dependency(self, revision: Revision, name: str) -> str:
        if name in self._by_id:
            return name
        try:
            return self.identify(name)
        except UnknownRevision:
            raise MissingParent(name, revision.id, place=_place(revision)) from None

    def __contains__(self, id_: object) -> bool:
        return id_ in self._by_id

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Revision]:
        """Yield every revision, newest first: each before all it builds on."""
        return iter(self.newest_first(self._by_id))

    def get(self, id_: str) -> Revision:
        """Return the revision with exactly this identifier.

        Raises:
            UnknownRevision: there is none.
        """
        try:
            return self._by_id[id_]
        except KeyError:
            raise UnknownRevision(id_) from None

    def identify(self, name: str, among: Collection[str] | None = None) -> str:
        """Return the full identifier for an identifier, the beginning of one, or a label.

        Args:
            name: what someone wrote.
            among: where a beginning may be completed; everywhere by default.

        Raises:
            UnknownRevision: nothing fits.
            AmbiguousRevision: several fit.
        """
        if name in self._by_id:
            return name
        if name in self.labels:
            return self.labels[name]
        matches = [id_ for id_ in (self._by_id if among is None else among) if id_.startswith(name)]
        if not name or not matches:
            raise UnknownRevision(name)
        if len(matches) > 1:
            raise AmbiguousRevision(name, matches)
        return matches[0]

    @property
    def ids(self) -> Collection[str]:
        """All identifiers, in the order of the files."""
        return self._by_id.keys()

    def parents(self, id_: str) -> tuple[str, ...]:
        """Return the revisions directly below in the same line."""
        return self._by_id[id_].down

    def dependencies(self, id_: str) -> tuple[str, ...]:
        """Return the full identifiers that `depends_on` means."""
        return self._dependencies.get(id_, ())

    def below(self, id_: str) -> tuple[str, ...]:
        """Return parents and dependencies together."""
        down = self._by_id[id_].down
        needed = self._dependencies.get(id_)
        return down if needed is None else (*down, *needed)

    def children(self, id_: str) -> tuple[str, ...]:
        """Return the revisions directly above in the same line."""
        return self._children.get(id_, ())

    def dependents(self, id_: str) -> tuple[str, ...]:
        """Return the revisions that name this one in `depends_on`."""
        return self._dependents.get(id_, ())

    def above(self, id_: str) -> tuple[str, ...]:
        """Return children and dependents together."""
        needed = self._dependents.get(id_)
        above = self._children.get(id_, ())
        return above if needed is None else tuple(dict.fromkeys((*above, *needed)))

    @cached_property
    def heads(self) -> Heads:
        """The revisions that no other continues."""
        return frozenset(id_ for id_ in self._by_id if id_ not in self._children)

    @cached_property
    def effective_heads(self) -> Heads:
        """The heads that no other revision depends on: the rows of a database at `heads`."""
        return frozenset(id_ for id_ in self.heads if id_ not in self._dependents)

    @cached_property
    def bases(self) -> Heads:
        """The revisions that start a line."""
        return frozenset(id_ for id_, one in self._by_id.items() if not one.down)

    @cached_property
    def branch_points(self) -> Heads:
        """The revisions that several others continue."""
        return frozenset(id_ for id_, above in self._children.items() if len(above) > 1)

    def is_head(self, id_: str) -> bool:
        """Say whether nothing continues this revision."""
        return id_ not in self._children

    def is_effective_head(self, id_: str) -> bool:
        """Say whether nothing continues this revision or depends on it."""
        return id_ not in self._children and id_ not in self._dependents

    def is_branch_point(self, id_: str) -> bool:
        """Say whether several revisions continue this one."""
        return len(self._children.get(id_, ())) > 1

    def labels_of(self, id_: str) -> frozenset[str]:
        """Return the labels of the branches this revision belongs to."""
        return self._branch_labels.get(id_, frozenset())

    @cached_property
    def _branch_labels(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for label, owner in self.labels.items():
            upward = self.descendants((owner,), dependencies=False)
            for id_ in upward:
                found.setdefault(id_, set()).add(label)
            if any(self._is_junction(id_) for id_ in upward):
                continue
            # The label of a plain line also names the stretch below it, down to the next junction.
            below: str | None = owner
            while below is not None and not self._is_junction(below):
                found.setdefault(below, set()).add(label)
                below = next(iter(self.parents(below)), None)
        return {id_: frozenset(labels) for id_, labels in found.items()}

    def _is_junction(self, id_: str) -> bool:
        return len(self.above(id_)) > 1 or len(self._by_id[id_].down) > 1

    def ancestors(self, ids: Iterable[str], *, dependencies: bool = True) -> set[str]:
        """Return these revisions and all they build on."""
        step = self.below if dependencies else self.parents
        return _reach(ids, step)

    def descendants(self, ids: Iterable[str], *, dependencies: bool = True) -> set[str]:
        """Return these revisions and all that build on them."""
        step = self.above if dependencies else self.children
        return _reach(ids, step)

    def in_file_order(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Sort identifiers by the place of their files."""
        return tuple(sorted(ids, key=self.position.__getitem__))

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The place of each revision in the order of the files."""
        return {id_: place for place, id_ in enumerate(self._by_id)}

    def newest_first(self, ids: Collection[str]) -> tuple[Revision, ...]:
        """Put these revisions in order, each before all it builds on."""
        return tuple(self._by_id[id_] for id_ in order.newest_first(self, ids))


def _reach(start: Iterable[str], step: Callable[[str], tuple[str, ...]]) -> set[str]:
    todo = list(start)
    seen = set(todo)
    while todo:
        for id_ in step(todo.pop()):
            if id_ not in seen:
                seen.add(id_)
                todo.append(id_)
    return seen


def _place(revision: Revision) -> str | None:
    return None if revision.path is None else str(revision.path)
