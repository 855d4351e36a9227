"""The graph of revisions, which does not change after it was built.

"Below" a revision are its parents and dependencies, "above" are the revisions that refer to it.
Every traversal takes linear time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain

from limbeck.history.errors import (
    AmbiguousRevisionError,
    CycleError,
    DependencyCycleError,
    DependencySelfReferenceError,
    DuplicateLabelError,
    IllegalIdentifierError,
    MissingParentError,
    SelfReferenceError,
    UnknownRevisionError,
    near_revision,
)
from limbeck.history.revision import Heads, Revision
from limbeck.text import ILLEGAL_CHARACTERS, illegal_characters

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.history.replacements import Replacements

Links = Mapping[str, tuple[str, ...]]


class Graph:
    """All revisions with their links.

    Args:
        revisions: the revisions in the order of their files, which decides ties.

    Raises:
        MissingParentError: a revision refers to one that does not exist.
        DuplicateLabelError: a label is used twice.
        CycleError: a revision is its own ancestor.
    """

    def __init__(self, revisions: Iterable[Revision]) -> None:
        every = list(revisions)
        self.replacements: Replacements | None = None
        if [revision for revision in every if revision.replaces]:
            from limbeck.history.replacements import fold

            every, self.replacements = fold(every)
        # of files with the same identifier, the last one is used, at the position of the first
        self._revisions = {revision.id: revision for revision in every}
        self._down = {revision.id: revision.down for revision in every}
        letters = "".join(self._down)
        if any(character in letters for character in ILLEGAL_CHARACTERS):
            self._refuse_illegal()
        self.repeated = () if len(self._down) == len(every) else _repeated(every)
        self._parents = set(chain.from_iterable(self._down.values()))
        if not self._parents <= self._down.keys():
            self._refuse_orphans()
        self.labels: dict[str, str] = {}
        self._dependencies: dict[str, tuple[str, ...]] = {}
        self._dependents: dict[str, tuple[str, ...]] = {}
        depending = []
        for revision in self._revisions.values():
            if revision.labels:
                self._name_branches(revision)
            if revision.depends_on:
                depending.append(revision)
        if stuck := _find_cyclic(self._down):
            raise _cycle_error(stuck, self._down, dependencies=False)
        if depending:
            self._link_dependencies(depending)

    def _refuse_illegal(self) -> None:
        for id_ in self._down:
            if illegal := illegal_characters(id_):
                raise IllegalIdentifierError(id_, f"Character(s) '{illegal}' not allowed")

    def _refuse_orphans(self) -> None:
        for id_, down in self._down.items():
            for parent in down:
                if parent not in self._down:
                    raise MissingParentError(parent, id_, place=self._place(id_))

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, tuple[str, ...]] = {}
        several: dict[str, list[str]] = {}
        for id_, down in self._down.items():
            for parent in down if len(down) < 2 else dict.fromkeys(down):  # noqa: PLR2004 - one cannot repeat
                if parent not in children:
                    children[parent] = (id_,)
                elif parent in several:
                    several[parent].append(id_)
                else:
                    several[parent] = [*children[parent], id_]
        for parent, above in several.items():
            children[parent] = tuple(above)
        return children

    def _name_branches(self, revision: Revision) -> None:
        for label in sorted(revision.labels):
            owner = self.labels.get(label)
            if owner is None and label in self._down:
                owner = label
            if owner is not None:
                raise DuplicateLabelError(label, revision.id, owner)
            self.labels[label] = revision.id

    def _link_dependencies(self, depending: Iterable[Revision]) -> None:
        dependents: dict[str, list[str]] = {}
        for revision in depending:
            id_ = revision.id
            found = dict.fromkeys(self._dependency(id_, name) for name in revision.depends_on)
            self._dependencies[id_] = tuple(found)
            for needed in found:
                dependents.setdefault(needed, []).append(id_)
        self._dependents = {id_: tuple(above) for id_, above in dependents.items()}
        if stuck := _find_cyclic(self.links):
            raise _cycle_error(stuck, self.links, dependencies=True)

    def _dependency(self, id_: str, name: str) -> str:
        try:
            return self.identify(name)
        except UnknownRevisionError:
            raise MissingParentError(name, id_, place=self._place(id_)) from None

    def _place(self, id_: str) -> str | None:
        path = self.get(id_).path
        return None if path is None else str(path)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._down

    def __len__(self) -> int:
        return len(self._down)

    def __iter__(self) -> Iterator[Revision]:
        """Yield every revision, newest first: each before its ancestors."""
        return iter(self.newest_first(self._down))

    def get(self, id_: str) -> Revision:
        """Return the revision with exactly this identifier, including replaced revisions.

        Raises:
            UnknownRevisionError: it does not exist.
        """
        found = self._revisions.get(id_)
        if found is None and self.replacements is not None:
            found = self.replacements.files.get(id_)
        if found is None:
            raise UnknownRevisionError(id_)
        return found

    def identify(self, name: str, among: Collection[str] | None = None) -> str:
        """Return the full identifier for an identifier, an abbreviated identifier, or a label.

        For a replaced revision, the identifier of the replacing one is returned.

        Args:
            name: the identifier or label, as the user wrote it.
            among: the candidates for an abbreviated identifier; all revisions by default.

        Raises:
            UnknownRevisionError: no revision matches.
            AmbiguousRevisionError: several revisions match.
        """
        if name in self._down:
            return name
        if name in self.labels:
            return self.labels[name]
        replaced = {} if self.replacements is None else self.replacements.owner
        if name in replaced:
            return replaced[name]
        matches = [id_ for id_ in (self._down if among is None else among) if id_.startswith(name)]
        if replaced and name:
            old = {replaced[id_] for id_ in replaced if id_.startswith(name)}
            matches = list(dict.fromkeys((*matches, *old)))
        if not name or not matches:
            raise UnknownRevisionError(name, hint=near_revision(name, (*self._down, *self.labels)))
        if len(matches) > 1:
            raise AmbiguousRevisionError(name, matches)
        return matches[0]

    @property
    def ids(self) -> Collection[str]:
        """All identifiers, in the order of the files."""
        return self._down.keys()

    def parents(self, id_: str) -> tuple[str, ...]:
        """Return the down revisions."""
        return self._down[id_]

    def dependencies(self, id_: str) -> tuple[str, ...]:
        """Return the full identifiers of `depends_on`."""
        return self._dependencies.get(id_, ())

    def below(self, id_: str) -> tuple[str, ...]:
        """Return the parents and dependencies."""
        return self.links[id_]

    @cached_property
    def links(self) -> Mapping[str, tuple[str, ...]]:
        """The parents and dependencies of each revision."""
        if not self._dependencies:
            return self._down
        needs = self._dependencies
        return {
            id_: (*down, *needs[id_]) if id_ in needs else down for id_, down in self._down.items()
        }

    def children(self, id_: str) -> tuple[str, ...]:
        """Return the revisions whose down revision this is."""
        return self._children.get(id_, ())

    def dependents(self, id_: str) -> tuple[str, ...]:
        """Return the revisions that name this one in `depends_on`."""
        return self._dependents.get(id_, ())

    def above(self, id_: str) -> tuple[str, ...]:
        """Return the children and dependents."""
        needed = self._dependents.get(id_)
        above = self._children.get(id_, ())
        return above if needed is None else tuple(dict.fromkeys((*above, *needed)))

    @cached_property
    def heads(self) -> Heads:
        """The revisions that no other revision follows."""
        return frozenset(self._down.keys() - self._parents)

    @cached_property
    def effective_heads(self) -> Heads:
        """The heads that no other revision depends on; the version rows of `heads`."""
        return frozenset(id_ for id_ in self.heads if id_ not in self._dependents)

    @cached_property
    def bases(self) -> Heads:
        """The revisions without a down revision."""
        return frozenset(id_ for id_, down in self._down.items() if not down)

    @cached_property
    def branch_points(self) -> Heads:
        """The revisions that several others follow."""
        return frozenset(id_ for id_, above in self._children.items() if len(above) > 1)

    def is_head(self, id_: str) -> bool:
        """Return whether no other revision follows this one."""
        return id_ not in self._parents

    def is_effective_head(self, id_: str) -> bool:
        """Return whether no other revision follows this one or depends on it."""
        return id_ not in self._parents and id_ not in self._dependents

    def is_branch_point(self, id_: str) -> bool:
        """Return whether several revisions follow this one."""
        return len(self._children.get(id_, ())) > 1

    def labels_of(self, id_: str) -> frozenset[str]:
        """Return the labels of the branches that this revision belongs to."""
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
            # The label of an unbranched line also applies to the revisions below, up to a junction.
            below: str | None = owner
            while below is not None and not self._is_junction(below):
                found.setdefault(below, set()).add(label)
                below = next(iter(self.parents(below)), None)
        return {id_: frozenset(labels) for id_, labels in found.items()}

    def _is_junction(self, id_: str) -> bool:
        return len(self.above(id_)) > 1 or len(self._down[id_]) > 1

    def ancestors(self, ids: Iterable[str], *, dependencies: bool = True) -> set[str]:
        """Return these revisions and their ancestors."""
        links = self.links if dependencies else self._down
        return _reach(ids, links.__getitem__)

    def descendants(self, ids: Iterable[str], *, dependencies: bool = True) -> set[str]:
        """Return these revisions and their descendants."""
        step = self.above if dependencies else self.children
        return _reach(ids, step)

    def in_file_order(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Sort identifiers by the position of their files."""
        return tuple(sorted(ids, key=self.position.__getitem__))

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The position of each revision in the order of the files."""
        return {id_: place for place, id_ in enumerate(self._down)}

    def newest_first(self, ids: Collection[str]) -> tuple[Revision, ...]:
        """Sort revisions, each before its ancestors."""
        left = set(ids)
        ordered = _single_line(self.links, left) or _newest_first(self, left)
        return tuple(map(self._revisions.__getitem__, ordered))


def _repeated(revisions: Iterable[Revision]) -> tuple[tuple[Revision, Revision], ...]:
    """Return pairs of successive revisions that have the same identifier."""
    seen: dict[str, Revision] = {}
    pairs = []
    for revision in revisions:
        if revision.id in seen:
            pairs.append((seen[revision.id], revision))
        seen[revision.id] = revision
    return tuple(pairs)


def _reach(start: Iterable[str], step: Callable[[str], tuple[str, ...]]) -> set[str]:
    todo = list(start)
    seen = set(todo)
    while todo:
        for id_ in step(todo.pop()):
            if id_ not in seen:
                seen.add(id_)
                todo.append(id_)
    return seen


def _newest_first(graph: Graph, left: set[str]) -> list[str]:
    """Remove identifiers from a set, and return them sorted, each before its ancestors.

    If several orders are possible, a line is followed as long as no other revision must come
    first, and lines are started in the order of the files.
    """
    links = graph.links
    waiting = _count_above(links, left)
    lines = sorted((id_ for id_ in left if not waiting[id_]), key=graph.position.__getitem__)
    open_lines = set(lines)
    shades: dict[str, set[str]] = {}
    ordered: list[str] = []
    at = 0
    while lines:
        id_ = lines[at]
        if waiting[id_]:
            if id_ not in shades:
                shades[id_] = _above_within(graph, id_, left)
            shade = shades[id_]
            at = next(place for place, other in enumerate(lines) if place != at and other in shade)
            continue
        ordered.append(id_)
        left.discard(id_)
        under = links[id_]
        if len(under) == 1 and under[0] in left and under[0] not in open_lines:
            # the line continues: the other lines do not change
            (lines[at],) = under
            waiting[under[0]] -= 1
            open_lines.add(under[0])
            continue
        fresh = []
        for below in dict.fromkeys(under):
            if below in left:
                waiting[below] -= 1
                if below not in open_lines:
                    fresh.append(below)
        open_lines.update(fresh)
        if fresh:
            lines[at] = fresh[0]
            lines.extend(fresh[1:])
        else:
            del lines[at]
            at = max(at - 1, 0)
    return ordered


def _single_line(links: Mapping[str, tuple[str, ...]], ids: set[str]) -> list[str] | None:
    """Return the identifiers in order if they form a single line, else None."""
    tops = ids.difference(*map(links.__getitem__, ids))
    if len(tops) != 1:
        return None
    line = list(tops)
    below = links[line[0]]
    while len(below) == 1 and below[0] in ids:
        line.append(below[0])
        below = links[below[0]]
    # otherwise, some identifiers are not on this line, or the line is a cycle
    return line if len(line) == len(ids) and not ids.intersection(below) else None


def _count_above(links: Mapping[str, tuple[str, ...]], ids: set[str]) -> dict[str, int]:
    counts = dict.fromkeys(ids, 0)
    for id_ in ids:
        below = links[id_]
        for one in below if len(below) < 2 else dict.fromkeys(below):  # noqa: PLR2004 - one cannot repeat
            if one in counts:
                counts[one] += 1
    return counts


def _above_within(graph: Graph, id_: str, ids: set[str]) -> set[str]:
    found: set[str] = set()
    todo = [id_]
    while todo:
        for above in graph.above(todo.pop()):
            if above in ids and above not in found:
                found.add(above)
                todo.append(above)
    return found


def _cycle_error(stuck: set[str], below: Links, *, dependencies: bool) -> CycleError:
    """Return the error for revisions that are their own ancestors.

    Args:
        stuck: the result of `_find_cyclic`.
        below: the links of every identifier.
        dependencies: whether the links include dependencies, which decides the class of the error.
    """
    for id_, down in below.items():
        if id_ in down:
            return DependencySelfReferenceError(id_) if dependencies else SelfReferenceError(id_)
    found = _only_cycles(stuck, below)
    return DependencyCycleError(found) if dependencies else CycleError(found)


def _find_cyclic(below: Links) -> set[str]:
    """Return what is left after repeatedly removing revisions that have nothing above them."""
    above = dict.fromkeys(below, 0)
    for down in below.values():
        for id_ in down if len(down) < 2 else set(down):  # noqa: PLR2004 - one cannot repeat
            above[id_] += 1
    bare = [id_ for id_, count in above.items() if not count]
    seen = 0
    for id_ in bare:
        here: str | None = id_
        while here is not None:
            # follow one line downwards, and keep the other bare revisions for later
            seen += 1
            down = below[here]
            here = None
            for under in down if len(down) < 2 else set(down):  # noqa: PLR2004 - one cannot repeat
                above[under] -= 1
                if above[under]:
                    continue
                if here is None:
                    here = under
                else:
                    bare.append(under)
    return set() if seen == len(below) else {id_ for id_, count in above.items() if count}


def _only_cycles(stuck: set[str], below: Links) -> set[str]:
    """Remove the ancestors of cycles that are not part of one."""
    above: dict[str, list[str]] = {id_: [] for id_ in stuck}
    weight: dict[str, int] = dict.fromkeys(stuck, 0)
    for id_ in stuck:
        for under in set(below[id_]):
            if under in stuck:
                weight[id_] += 1
                above[under].append(id_)
    loose = [id_ for id_ in stuck if not weight[id_]]
    left = set(stuck)
    while loose:
        id_ = loose.pop()
        left.discard(id_)
        for over in above[id_]:
            weight[over] -= 1
            if not weight[over]:
                loose.append(over)
    return left
