"""Revisions that a squash has replaced.

In the graph, the replacing revision is used instead of the replaced ones. While their files exist,
databases with some, but not all, of the replaced revisions continue with these files. `unfolded`
returns the revisions of the history for these databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from limbeck.history.errors import ReplacedTwiceError
from limbeck.history.revision import Revision


class Replacements:
    """The replaced revisions and the revisions that replace them.

    Attributes:
        owner: the identifier of the replacing revision for each replaced identifier.
        tops: the last replaced identifier for each replacing one.
        files: the headers of replaced revisions whose files exist.
        headers: all headers, unchanged.
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
        """The replacing revisions whose old files exist, with the last replaced identifier of each.

        The last file is removed first: without it, the other files cannot be used.
        """
        return {id_: top for id_, top in self.tops.items() if top in self.files}

    def unfolded(self) -> list[Revision]:
        """Return the headers of the history with the files of replaced revisions."""
        unfinished = self.unfinished
        return [
            _renamed(header, unfinished)
            for header in self.headers
            if header.id not in unfinished
            and (header.id not in self.owner or self.owner[header.id] in unfinished)
        ]


def fold(headers: Sequence[Revision]) -> tuple[list[Revision], Replacements]:
    """Remove replaced revisions from a history, and change references to them.

    Args:
        headers: the headers of all files.

    Returns:
        The remaining headers, and the replacements.

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
    """Return a header with changed references and additional labels."""
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
        header.content_hash,
    )
