"""Read the headers of many files, keeping those that cannot have changed in a cache.

The cache lies beside the bytecode of the version folder. It is dropped whenever anything about
it is odd, and a folder that cannot be written to simply has none.
"""

from __future__ import annotations

import os
import time
from binascii import crc32
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from limbeck import history
from limbeck.history import Revision, Shelf
from limbeck.project.errors import BrokenFile
from limbeck.project.revision_files import Found, is_compiled, path_of, replace

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path

    from limbeck.history import NeedsRun

FORMAT = "limbeck-headers-2"
NAME = "limbeck.headers"
# Two edits closer together than the file system's clock can tell apart look the same.
_FINE_CLOCK = 100_000_000
_COARSE_CLOCK = 2_000_000_000
_SECOND = 1_000_000_000
_NEXT = "\0"
_AND = "\x1f"
_UNSURE = "?"  # the stamp of a file too young to be told from its next state
_NOTHING: tuple[str, str, str] = ("", "", "alembic")
_NOBODY: frozenset[str] = frozenset()

RunHeader = Callable[["Path", str], Revision]


class _Kept:
    """The columns of a cache.

    Its file is a line with the format, a checksum and the length of what follows up to the
    docstrings; then, with a NUL between them, the number of files, their names, stamps,
    identifiers, parents and first paragraphs, and four words for each file that has more to
    say; then the docstrings in full, which few commands want and which become text only then.
    """

    __slots__ = ("docs", "downs", "firsts", "ids", "more", "names", "stamps")

    def __init__(self) -> None:
        self.names: list[str] = []
        self.stamps: list[str] = []
        self.ids: list[str] = []
        self.downs: list[str] = []
        self.firsts: list[str] = []
        self.more: dict[int, tuple[str, str, str]] = {}
        self.docs: bytes | list[str] = []

    def doc(self, place: int) -> str:
        """Return the docstring of a file, whole."""
        if isinstance(self.docs, bytes):
            self.docs = self.docs.decode("utf-8", "surrogatepass").split(_NEXT)
        return self.docs[place] or self.firsts[place]

    def add(self, name: str, stamp: str, revision: Revision) -> None:
        """Append a file, unless it holds what separates the columns."""
        words = (revision.id, *revision.down, *revision.depends_on, *revision.labels)
        texts = (name, *words, revision.edition, revision.doc, revision.long_doc)
        if _NEXT in "".join(texts) or _AND in "".join(words):
            return
        more = (
            _AND.join(revision.depends_on), _AND.join(sorted(revision.labels)), revision.edition
        )  # fmt: skip
        if more != _NOTHING:
            self.more[len(self.names)] = more
        self.names.append(name)
        self.stamps.append(stamp)
        self.ids.append(revision.id)
        self.downs.append(_AND.join(revision.down))
        self.firsts.append(revision.doc)
        long = revision.long_doc
        self.docs.append("" if long == revision.doc else long)  # type: ignore[union-attr] # one that is read is not added to

    def dumped(self) -> bytes:
        """Return the content of the cache file."""
        more = [word for place, words in self.more.items() for word in (str(place), *words)]
        columns = (
            str(len(self.names)), *self.names, *self.stamps, *self.ids, *self.downs,
            *self.firsts, *more,
        )  # fmt: skip
        body = _NEXT.join(columns).encode("utf-8", "surrogatepass")
        docs = self.docs
        if not isinstance(docs, bytes):
            docs = _NEXT.join(docs).encode("utf-8", "surrogatepass")
        whole = body + docs
        return b"%s %08x %d\n%s" % (FORMAT.encode(), crc32(whole), len(body), whole)


def read_headers(folder: str, files: Sequence[Found], run: RunHeader) -> Shelf:
    """Return the revisions of the files, in their order.

    Args:
        folder: the version folder, which holds the cache.
        files: its files.
        run: reads the header of a file by running it, where the text does not tell.
    """
    place = os.path.join(folder, "__pycache__")  # noqa: PTH118 - text is quicker, and enough
    names = _names(folder, files)
    kept = _load(place)
    if kept is not None and kept.names == names and kept.stamps == [one[2] for one in files]:
        return _shelf(kept, files)
    revisions, fresh = _read(kept or _Kept(), names, files, run)
    if kept is None or fresh.names != kept.names or fresh.stamps != kept.stamps:
        _save(place, fresh)
    return Shelf.of(revisions)


def _names(root: str, files: Iterable[Found]) -> list[str]:
    """Return the path of each file below the folder, with plain slashes."""
    start = len(root) + 1
    return [
        name if folder == root else f"{folder[start:].replace(os.sep, '/')}/{name}"
        for folder, name, _ in files
    ]


def _shelf(kept: _Kept, files: Sequence[Found]) -> Shelf:
    """Return the columns of a cache as they are."""

    def make(place: int) -> Revision:
        if place in kept.more:
            return _revision(kept, place, downs[place], files[place])
        later = partial(_later, kept, place, files[place])
        return one(ids[place], downs[place], (), _NOBODY, firsts[place], _NOTHING[2], later)

    one, ids, firsts = Revision.kept, kept.ids, kept.firsts
    downs = [
        () if not down else tuple(down.split(_AND)) if _AND in down else (down,)
        for down in kept.downs
    ]
    needs, labels = {}, {}
    for place, (depends_on, names, _) in kept.more.items():
        if depends_on:
            needs[place] = tuple(depends_on.split(_AND))
        if names:
            labels[place] = frozenset(names.split(_AND))
    return Shelf(kept.ids, downs, needs, labels, make)


def _revision(kept: _Kept, place: int, down: tuple[str, ...], file: Found) -> Revision:
    depends_on, labels, edition = kept.more.get(place, _NOTHING)
    return Revision.kept(
        kept.ids[place],
        down,
        tuple(depends_on.split(_AND)) if depends_on else (),
        frozenset(labels.split(_AND)) if labels else _NOBODY,
        kept.firsts[place],
        edition,
        partial(_later, kept, place, file),
    )


def _later(kept: _Kept, place: int, file: Found, name: str) -> object:
    """Return what of a revision few commands ask for."""
    if name == "path":
        return path_of(file)
    if name == "long_doc":
        return kept.doc(place)
    return os.path.join(file[0], file[1])  # noqa: PTH118 - what it is asked for is text


def _read(
    kept: _Kept, names: Sequence[str], files: Sequence[Found], run: RunHeader
) -> tuple[list[Revision], _Kept]:
    """Read what is not in the cache, or may have changed since; return all, and a new cache."""
    known = {name: place for place, name in enumerate(kept.names)}
    fresh = _Kept()
    revisions = []
    for name, file in zip(names, files, strict=True):
        place = known.get(name)
        if place is not None and kept.stamps[place] == file[2]:
            down = kept.downs[place]
            revision = _revision(kept, place, tuple(down.split(_AND)) if down else (), file)
            fresh.add(name, file[2], revision)
        else:
            looked = time.time_ns()
            header = read_file(file)
            if isinstance(header, Revision):
                revision = header
                fresh.add(name, file[2] if _is_old(file[2], looked) else _UNSURE, revision)
            else:
                revision = run(path_of(file), header.reason)
        revisions.append(revision)
    return revisions, fresh


def _is_old(stamp: str, looked: int) -> bool:
    """Say whether a file that changes after it was looked at must get another stamp."""
    if not stamp:
        return False
    _, modified, changed, _ = map(int, stamp.split())
    margin = _COARSE_CLOCK if modified % _SECOND == 0 else _FINE_CLOCK
    return looked > max(modified, changed) + margin


def read_file(file: Found) -> Revision | NeedsRun:
    """Read the header of one file from its text.

    Raises:
        BrokenFile: the file cannot be read.
    """
    folder, name, _ = file
    if is_compiled(name):
        return history.NeedsRun("there is only bytecode")
    path = os.path.join(folder, name)  # noqa: PTH118 - a Path for each costs more than the reading
    try:
        with open(path, "rb", buffering=0) as opened:  # noqa: PTH123 - see above
            raw = opened.read()
    except OSError as error:
        raise BrokenFile(
            f"{path} cannot be read: {error.strerror or error}",
            hint="Give it back, make it readable, or take it out of the folder.",
            place=path,
        ) from None
    return history.read_header(history.decode_source(raw, path), path)


def _load(place: str) -> _Kept | None:
    """Return the cache, None where there is none or it is not what `dumped` wrote."""
    try:
        with open(os.path.join(place, NAME), "rb") as file:  # noqa: PTH118, PTH123 - see above
            raw = file.read()
        first, _, body = raw.partition(b"\n")
        name, check, length = first.decode("ascii").split(" ")
        if name != FORMAT or int(check, 16) != crc32(body):
            return None
        return _parsed(body, int(length))
    except (OSError, ValueError, IndexError):
        return None


def _parsed(body: bytes, length: int) -> _Kept | None:
    count, *words = body[:length].decode("utf-8", "surrogatepass").split(_NEXT)
    files = int(count)
    kept = _Kept()
    kept.names = words[:files]
    kept.stamps = words[files : 2 * files]
    kept.ids = words[2 * files : 3 * files]
    kept.downs = words[3 * files : 4 * files]
    kept.firsts = words[4 * files : 5 * files]
    more = iter(words[5 * files :])
    for place, depends_on, labels, edition in zip(more, more, more, more, strict=True):
        kept.more[int(place)] = depends_on, labels, edition
    kept.docs = body[length:]
    return kept if len(kept.firsts) == files else None


def _save(place: str, kept: _Kept) -> None:
    from pathlib import Path

    folder = Path(place)
    try:
        if not kept.names and not folder.exists():
            return
        folder.mkdir(exist_ok=True)
        # what a power cut leaves is found out by the checksum
        replace(folder / NAME, kept.dumped(), is_lasting=False)
    except (OSError, ValueError):
        return
