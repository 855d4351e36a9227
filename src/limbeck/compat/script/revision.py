"""`alembic.script.revision`: revisions and their map, based on limbeck's history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeAlias

from limbeck import history as native
from limbeck.compat.import_hook import absent
from limbeck.compat.script._ranges import ends_of, identifier_text, ids_of, is_relative, resolved
from limbeck.errors import LimbeckError
from limbeck.history import History
from limbeck.text import illegal_characters

_GetRevArg: TypeAlias = "str | Iterable[str | None] | Iterable[str] | None"
_RevIdType: TypeAlias = "str | list[str] | tuple[str, ...]"


class RevisionError(Exception):
    """Revisions or a revision identifier are invalid."""


class RangeNotAncestorError(RevisionError):
    """The lower end of a range is not an ancestor of the upper end."""

    def __init__(self, lower: Any, upper: Any) -> None:
        self.lower = lower
        self.upper = upper
        super().__init__(
            f"Revision {lower or 'base'} is not an ancestor of revision {upper or 'base'}"
        )


class MultipleHeads(RevisionError):
    """A single head was requested and there are several."""

    def __init__(self, heads: Collection[str], argument: str | None) -> None:
        self.heads = heads
        self.argument = argument
        super().__init__(
            f"Multiple heads are present for given argument '{argument}'; {', '.join(heads)}"
        )


class ResolutionError(RevisionError):
    """An identifier matches no revision or several revisions."""

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(message)
        self.argument = argument


class MissingRevision(RevisionError, KeyError):
    """The down revision of a revision does not exist."""

    __str__ = Exception.__str__  # that of KeyError would quote the message


class CycleDetected(RevisionError):
    """The down revisions form a cycle."""

    kind = "Cycle"

    def __init__(self, revisions: Iterable[str]) -> None:
        self.revisions = list(revisions)
        super().__init__(
            f"{self.kind} is detected in revisions ({', '.join(sorted(self.revisions))})"
        )


class DependencyCycleDetected(CycleDetected):
    """The dependencies of revisions form a cycle."""

    kind = "Dependency cycle"


class LoopDetected(CycleDetected):
    """A revision is its own down revision."""

    kind = "Self-loop"

    def __init__(self, revision: str) -> None:
        super().__init__([revision])


class DependencyLoopDetected(DependencyCycleDetected, LoopDetected):
    """A revision depends on itself."""

    kind = "Dependency self-loop"

    def __init__(self, revision: str) -> None:
        LoopDetected.__init__(self, revision)


@contextmanager
def told_as_alembic_does() -> Iterator[None]:
    """Convert the errors of limbeck's history to those of this module."""
    try:
        yield
    except LimbeckError as error:
        raise translated(error) from error


def translated(error: LimbeckError) -> RevisionError:  # noqa: C901, PLR0911 - one case per error
    """Return the corresponding error of this module."""
    match error:
        case native.DependencySelfReferenceError():
            return DependencyLoopDetected(error.revision)
        case native.SelfReferenceError():
            return LoopDetected(error.revision)
        case native.DependencyCycleError():
            return DependencyCycleDetected(error.revisions)
        case native.CycleError():
            return CycleDetected(error.revisions)
        case native.MultipleHeadsError():
            return MultipleHeads(error.heads, error.symbol)
        case native.NotInRangeError():
            return RangeNotAncestorError(error.lower, error.upper)
        case native.NotInBranchError():
            return ResolutionError(
                f"Revision {error.revision} is not a member of branch '{error.branch}'",
                error.revision,
            )
        case native.MissingParentError():
            return MissingRevision(error.message)
        case native.UnknownRevisionError():
            return ResolutionError(f"No such revision or branch '{error.symbol}'", error.symbol)
        case native.AmbiguousRevisionError():
            return ResolutionError(error.message, error.symbol)
    return RevisionError(error.message)


def tuple_rev_as_scalar(rev: Any) -> Any:
    """Return None, a single value, or a tuple of several values."""
    ids = ids_of(rev)
    if not ids:
        return None
    return ids[0] if len(ids) == 1 else ids


class Revision:
    """One revision of a map.

    Args:
        revision: the revision identifier.
        down_revision: the down revision.
        dependencies: further revisions that it depends on.
        branch_labels: the labels of the branch that it starts.
    """

    nextrev: frozenset[str] = frozenset()
    revision: str = ""
    down_revision: str | tuple[str, ...] | None = None
    dependencies: str | tuple[str, ...] | None = None
    branch_labels: set[str] = set()  # noqa: RUF012 - each instance sets its own

    def __init__(
        self,
        revision: str,
        down_revision: _RevIdType | None,
        dependencies: _RevIdType | None = None,
        branch_labels: _RevIdType | None = None,
    ) -> None:
        self.verify_rev_id(revision)
        parents, needs = ids_of(down_revision), ids_of(dependencies)
        if revision in parents:
            raise LoopDetected(revision)
        if revision in needs:
            raise DependencyLoopDetected(revision)
        self.revision = revision
        self.down_revision = tuple_rev_as_scalar(down_revision)
        self.dependencies = tuple_rev_as_scalar(dependencies)
        self._orig_branch_labels = frozenset(ids_of(branch_labels))
        self.branch_labels = set(self._orig_branch_labels)
        self._resolved_dependencies = needs
        self._all_nextrev: frozenset[str] = frozenset()

    @classmethod
    def verify_rev_id(cls, revision: str) -> None:
        """Refuse an identifier with reserved characters.

        Raises:
            RevisionError: the identifier contains such a character.
        """
        wrong = illegal_characters(revision)
        if wrong:
            raise RevisionError(
                f"Character(s) '{', '.join(wrong)}' not allowed in revision identifier '{revision}'"
            )

    def __repr__(self) -> str:
        parts = [repr(self.revision), repr(self.down_revision)]
        if self.dependencies:
            parts.append(f"dependencies={self.dependencies!r}")
        if self.branch_labels:
            parts.append(f"branch_labels={self.branch_labels!r}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def _native(self) -> native.Revision:
        return native.Revision(
            id=self.revision,
            down=ids_of(self.down_revision),
            depends_on=ids_of(self.dependencies),
            labels=self._orig_branch_labels,
            doc=str(getattr(self, "doc", None) or ""),
        )

    def _place(self, history: History) -> None:
        """Store what the graph contains about this revision."""
        self.nextrev = frozenset(history.children(self.revision))
        self._all_nextrev = frozenset(history.above(self.revision))
        self._resolved_dependencies = history.dependencies(self.revision)
        self.branch_labels = set(history.labels_of(self.revision))

    @property
    def _versioned_down_revisions(self) -> tuple[str, ...]:
        return ids_of(self.down_revision)

    @property
    def _all_down_revisions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*ids_of(self.down_revision), *self._resolved_dependencies)))

    def add_nextrev(self, revision: Revision) -> None:
        """Add a revision that follows this one."""
        self._all_nextrev |= {revision.revision}
        if self.revision in revision._versioned_down_revisions:
            self.nextrev |= {revision.revision}

    @property
    def is_head(self) -> bool:
        """Whether no revision follows it."""
        return not self.nextrev

    @property
    def _is_real_head(self) -> bool:
        return not self._all_nextrev

    @property
    def is_base(self) -> bool:
        """Whether it is a base."""
        return self.down_revision is None

    @property
    def _is_real_base(self) -> bool:
        return self.down_revision is None and not self.dependencies

    @property
    def is_branch_point(self) -> bool:
        """Whether several revisions follow it."""
        return len(self.nextrev) > 1

    @property
    def _is_real_branch_point(self) -> bool:
        return len(self._all_nextrev) > 1

    @property
    def is_merge_point(self) -> bool:
        """Whether it has several down revisions."""
        return len(ids_of(self.down_revision)) > 1


class RevisionMap:
    """Revisions by identifier, with iteration between them.

    Args:
        generator: returns the revisions on first access.
    """

    def __init__(self, generator: Callable[[], Iterable[Revision]]) -> None:
        self._generator = generator
        self._loaded: tuple[dict[str, Revision], History] | None = None

    # ── the graph ─────────────────────────────────────────────────────────

    def _load(self) -> tuple[dict[str, Revision], History]:
        if self._loaded is None:
            revisions = {one.revision: one for one in self._generator()}
            self._loaded = revisions, self._graph(revisions)
        return self._loaded

    def _graph(self, revisions: dict[str, Revision]) -> History:
        with told_as_alembic_does():
            graph = History(one._native() for one in revisions.values())
        for revision in revisions.values():
            revision._place(graph)
        return graph

    @property
    def history(self) -> History:
        """The history of the revisions."""
        return self._load()[1]

    @property
    def _revision_map(self) -> dict[Any, Any]:
        known: dict[Any, Any] = dict(self._load()[0])
        known.update({None: None, (): None})
        known.update({label: known[id_] for label, id_ in self.history.labels.items()})
        return known

    def add_revision(self, revision: Revision, _replace: bool = False) -> None:  # noqa: FBT001, FBT002
        """Add a revision to the map."""
        revisions = dict(self._load()[0])
        revisions[revision.revision] = revision
        self._loaded = revisions, self._graph(revisions)

    # ── ends ──────────────────────────────────────────────────────────────

    @property
    def heads(self) -> tuple[str, ...]:
        """The identifiers of the heads."""
        return self.history.in_file_order(self.history.heads)

    @property
    def _real_heads(self) -> tuple[str, ...]:
        return self.history.in_file_order(self.history.effective_heads)

    @property
    def bases(self) -> tuple[str, ...]:
        """The identifiers of the bases."""
        return self.history.in_file_order(self.history.bases)

    @property
    def _real_bases(self) -> tuple[str, ...]:
        return tuple(id_ for id_ in self.bases if self._load()[0][id_]._is_real_base)

    def get_current_head(self, branch_label: str | None = None) -> str | None:
        """Return the head, optionally of a branch; None if there is none.

        Raises:
            MultipleHeads: there are several.
        """
        heads = self.heads
        if branch_label:
            heads = tuple(one.revision for one in self.get_revisions(f"{branch_label}@heads"))
        if len(heads) > 1:
            raise MultipleHeads(heads, f"{branch_label}@head" if branch_label else "head")
        return heads[0] if heads else None

    # ── identifiers ───────────────────────────────────────────────────────

    def get_revision(self, id_: str | None) -> Any:
        """Return the only revision that an identifier refers to; None for the base."""
        if not id_:
            return None
        revisions = self.get_revisions(id_)
        if len(revisions) > 1:
            raise MultipleHeads([one.revision for one in revisions], str(id_))
        return revisions[0] if revisions else None

    def get_revisions(self, id_: _GetRevArg) -> tuple[Any, ...]:
        """Return the revisions that identifiers refer to."""
        if id_ is None:
            return ()
        given: object = id_
        if isinstance(given, bytes):
            raise RevisionError(f"revision identifier {id_!r} is not a string but bytes")
        if not isinstance(id_, str):
            return tuple(one for each in id_ for one in self.get_revisions(each))
        revisions, history = self._load()
        branch, at, _ = id_.rpartition("@")
        with told_as_alembic_does():
            try:
                return tuple(revisions[one.id] for one in history.resolve(id_))
            except native.UnknownRevisionError as error:
                if at and error.symbol == branch:
                    raise ResolutionError(f"No such branch: '{branch}'", branch) from error
                raise

    def filter_for_lineage(
        self, targets: Iterable[Any], check_against: str | None
    ) -> tuple[Any, ...]:
        """Keep the ancestors and descendants of another revision."""
        if not check_against:
            return tuple(targets)
        history = self.history
        with told_as_alembic_does():
            roots = [one.id for one in history.resolve(check_against)]
            roots = roots or [one.id for one in history.resolve(check_against.partition("@")[0])]
        line = history.ancestors(roots) | history.descendants(roots)
        return tuple(one for one in targets if getattr(one, "revision", one) in line)

    # ── ways ──────────────────────────────────────────────────────────────

    def iterate_revisions(
        self,
        upper: Any,
        lower: Any,
        implicit_base: bool = False,  # noqa: FBT001, FBT002
        inclusive: bool = False,  # noqa: FBT001, FBT002
        assert_relative_length: bool = True,  # noqa: FBT001, FBT002
        select_for_downgrade: bool = False,  # noqa: FBT001, FBT002
    ) -> Iterator[Any]:
        """Iterate from an upper end down to a lower one.

        Args:
            upper: the start of the iteration.
            lower: the end of the iteration.
            implicit_base: also include branches that do not contain `lower`, down to their bases.
            inclusive: include the lower end.
            assert_relative_length: raise an error if a relative end is nearer than given.
            select_for_downgrade: select what a downgrade to `lower` would undo.
        """
        revisions, history = self._load()
        with told_as_alembic_does():
            if select_for_downgrade and is_relative(identifier_text(lower)):
                moves = history.route(resolved(history, upper), identifier_text(lower), "down")
                chosen = {move.revision.id for move in moves}
            else:
                ends = ends_of(history, upper, lower, exact=assert_relative_length)
                if select_for_downgrade:
                    ends = replace(ends, tops=tuple(resolved(history, upper)))
                if select_for_downgrade and not ends.bottoms:
                    chosen = ends.undone(history)
                else:
                    chosen = ends.between(history, implicit_base=implicit_base, inclusive=inclusive)
            ordered = history.newest_first(chosen)
        yield from (revisions[one.id] for one in ordered)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise absent(f"alembic.script.revision.RevisionMap.{name}")


__all__ = [
    "CycleDetected",
    "DependencyCycleDetected",
    "DependencyLoopDetected",
    "LoopDetected",
    "MultipleHeads",
    "RangeNotAncestorError",
    "ResolutionError",
    "Revision",
    "RevisionError",
    "RevisionMap",
    "tuple_rev_as_scalar",
]
