"""Revisions that a squash has replaced by one.

The revision that replaces others takes their place in the graph. As long as their files are
there, databases that have some of them and not all go on along these files; `unfolded` gives the
revisions for that history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from limbeck.history.errors import ReplacedTwiceError
from limbeck.history.revision import Revision


class Replacements:
    """Which revisions are replaced, and by which.

    Attributes:
        owner: the replacing revision's identifier by each identifier that it replaces.
        tops: the last replaced identifier by the replacing one's.
        files: the headers of replaced revisions whose files are still there.
        headers: all headers as they were read.
    """

    __slots__ = ("files", "headers", "owner", "tops")

    def __init__(
        self,
        owner: Mapping[str, str],
        tops: Mapping[str, str],
        files: Mapping[str, Revision],
        headers: Sequence[Revision],
    ) -> None:
        self.owner = owner
        self.tops = tops
        self.files = files
        self.headers = headers

    @property
    def unfinished(self) -> dict[str, str]:
        """The replacing revisions whose old files are there, with the last identifier of each.

        The last file is the first that is removed: without it nobody can go on along the others.
        """
        return {id_: top for id_, top in self.tops.items() if top in self.files}

    def unfolded(self) -> list[Revision]:
        """Return the headers of the history along the old files."""
        unfinished = self.unfinished
        return [
            _renamed(header, unfinished)
            for header in self.headers
            if header.id not in unfinished
            and (header.id not in self.owner or self.owner[header.id] in unfinished)
        ]


def fold(headers: Sequence[Revision]) -> tuple[list[Revision], Replacements]:
    """Take replaced revisions out of a history, and let others refer to what replaces them.

    Args:
        headers: the headers of all files.

    Returns:
        The headers that are left, and what became of the others.

    Raises:
        ReplacedTwiceError: two revisions replace the same one.
    """
    squashes = {header.id: header for header in headers if header.replaces}
    nested = {
        old
        for header in squashes.values()
        for old in header.replaces
        if old in squashes and old != header.id
    }
    owner: dict[str, str] = {}
    tops: dict[str, str] = {}
    for header in squashes.values():
        if header.id in nested:
            continue
        tops[header.id] = header.replaces[-1]
        for old in header.replaces:
            if old in owner or old == header.id:
                raise ReplacedTwiceError(old, owner.get(old, old), header.id)
            owner[old] = header.id
    files = {header.id: header for header in headers if header.id in owner}
    labels: dict[str, set[str]] = {}
    for old, header in files.items():
        labels.setdefault(owner[old], set()).update(header.labels)
    left = [
        _renamed(header, owner, labels.get(header.id, ()))
        for header in headers
        if header.id not in owner
    ]
    return left, Replacements(owner, tops, files, headers)


def _renamed(header: Revision, names: Mapping[str, str], labels: Iterable[str] = ()) -> Revision:
    """Return a header that refers to other identifiers, and has more labels."""
    down = tuple(dict.fromkeys(names.get(id_, id_) for id_ in header.down))
    depends_on = tuple(dict.fromkeys(names.get(id_, id_) for id_ in header.depends_on))
    every = header.labels.union(labels)
    if (down, depends_on, every) == (header.down, header.depends_on, header.labels):
        return header
    return Revision(
        header.id,
        down,
        depends_on,
        every,
        header.doc,
        header.file,
        header.edition,
        header.long_doc,
        header.registers,
        header.replaces,
        header.kind,
        header.phase,
    )
