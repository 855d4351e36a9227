"""Headers side by side: what a graph is built of, with no object made for each revision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from limbeck.history.revision import Revision


class Shelf:
    """The headers of many files in columns; a `Revision` is made where one is asked for.

    Args:
        ids: the identifiers, in the order of the files.
        downs: what each continues.
        needs: `depends_on` of those places that have one.
        labels: the labels of those places that have some.
        make: makes the revision of a place.
    """

    __slots__ = ("_made", "_make", "downs", "ids", "labels", "needs")

    def __init__(
        self,
        ids: Sequence[str],
        downs: Sequence[tuple[str, ...]],
        needs: Mapping[int, tuple[str, ...]],
        labels: Mapping[int, frozenset[str]],
        make: Callable[[int], Revision],
    ) -> None:
        self.ids = ids
        self.downs = downs
        self.needs = needs
        self.labels = labels
        self._make = make
        self._made: dict[int, Revision] = {}

    @classmethod
    def of(cls, revisions: Iterable[Revision]) -> Shelf:
        """Put revisions side by side."""
        every = list(revisions)
        return cls(
            [one.id for one in every],
            [one.down for one in every],
            {place: one.depends_on for place, one in enumerate(every) if one.depends_on},
            {place: one.labels for place, one in enumerate(every) if one.labels},
            every.__getitem__,
        )

    @classmethod
    def joined(cls, shelves: Sequence[Shelf]) -> Shelf:
        """Return several shelves as one, in their order."""
        if len(shelves) == 1:
            return shelves[0]
        return cls.of(revision for shelf in shelves for revision in shelf)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Revision]:
        return map(self.__getitem__, range(len(self.ids)))

    def __getitem__(self, place: int) -> Revision:
        made = self._made.get(place)
        if made is None:
            made = self._made[place] = self._make(place)
        return made
