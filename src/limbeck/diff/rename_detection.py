"""Guess which objects were renamed, with a score and the evidence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from limbeck.catalog import Catalog, Column, Enum, Key, SchemaObject, Table
from limbeck.catalog import Sequence as SqlSequence
from limbeck.diff.constraint_identity import parts_of

TABLE_THRESHOLD = 0.5
COLUMN_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """A rename that may have happened.

    Args:
        kind: "table", "column", "enum" or "sequence".
        old: the key of the object in the database.
        new: the key of the object in the models.
        score: between 0 and 1.
        evidence: the reasons for the guess, as text.
        is_idle: no row has a value in the column, so the user need not be asked.
    """

    kind: str
    old: Key
    new: Key
    score: float
    evidence: tuple[str, ...] = ()
    is_idle: bool = False


Evidence = Callable[[Table, Table, Sequence[Guess]], Sequence[Guess]]
"""Re-evaluates guesses about the columns of a table by the values in its rows."""


def guess_renames(
    have: Catalog,
    want: Catalog,
    known: Collection[tuple[Key, Key]] = (),
    evidence: Evidence | None = None,
) -> tuple[Guess, ...]:
    """Return likely renames that explain dropped and created objects.

    Each object is part of at most one guess. Renamed columns are searched in tables that both
    sides have and in tables with a guessed rename.

    Args:
        have: the catalog of the database.
        want: the catalog of the models.
        known: confirmed renames; their objects are not part of any guess.
        evidence: removes or re-evaluates the guesses about columns of one table, given the
            table before and after.

    Returns:
        The guesses, in descending order of their score.
    """
    guesses: list[Guess] = []
    named = {key for pair in known for key in pair}
    gone, new = _only_in(have, want, named), _only_in(want, have, named)
    if gone and new:
        for kind in ("enum", "sequence", "table"):
            guesses += _best_first(_compared(kind, gone, new))
    moved = {guess.new: guess.old for guess in guesses} | {new: old for old, new in known}
    for table in want.tables:
        before = have.get(moved.get(table.key, table.key))
        if isinstance(before, Table) and before.columns != table.columns:
            guesses += _columns(before, table, named, evidence)
    return tuple(sorted(guesses, key=lambda guess: (-guess.score, _sort_key(guess.old, guess.new))))


def _only_in(one: Catalog, other: Catalog, named: set[Key]) -> list[SchemaObject]:
    """Return the objects that the other catalog lacks, without confirmed renames."""
    return [
        obj for key, obj in one.objects.items() if key not in other.objects and key not in named
    ]


def _sort_key(*keys: Key) -> tuple[str, ...]:
    return tuple(word or "" for key in keys for word in (key.kind, *key.path))


def _best_first(guesses: Iterable[Guess]) -> Iterator[Guess]:
    """Yield guesses in descending order of score; each object is renamed at most once."""
    taken: set[tuple[str, Key]] = set()
    for guess in sorted(guesses, key=lambda guess: (-guess.score, _sort_key(guess.old, guess.new))):
        ends = {("old", guess.old), ("new", guess.new)}
        if not taken & ends:
            taken |= ends
            yield guess


def alike(old: str, new: str) -> float:
    """Return the similarity of two names, between 0 and 1; a common word increases it."""
    first, second = old.lower(), new.lower()
    if first == second:
        return 1.0
    letters = SequenceMatcher(None, first, second, autojunk=False).ratio()
    words = set(first.split("_")), set(second.split("_"))
    shared = len(words[0] & words[1]) / min(len(words[0]), len(words[1]))
    return max(letters, 0.9 * shared)


# ── objects ────────────────────────────────────────────────────────────────


def _compared(
    kind: str, gone: Sequence[SchemaObject], new: Sequence[SchemaObject]
) -> Iterator[Guess]:
    gone = [obj for obj in gone if obj.key.kind == kind]
    new = [obj for obj in new if obj.key.kind == kind]
    likely = _likely_pairs(gone, new) if kind == "table" else ((a, b) for a in gone for b in new)
    for old, wanted in likely:
        match old, wanted:
            case Table(), Table():
                guess = _table_guess(old, wanted)
            case Enum(), Enum():
                guess = _enum_guess(old, wanted)
            case SqlSequence(), SqlSequence():
                guess = _sequence_guess(old, wanted)
            case _:
                continue
        if guess.score >= TABLE_THRESHOLD:
            yield guess


def _likely_pairs(
    gone: Sequence[SchemaObject], new: Sequence[SchemaObject]
) -> Iterator[tuple[SchemaObject, SchemaObject]]:
    """Pair tables that share a column other than the most common ones, to limit the comparisons."""
    by_column: dict[str, list[Table]] = {}
    for obj in new:
        if isinstance(obj, Table):
            for column in obj.columns:
                by_column.setdefault(column.name, []).append(obj)
    for obj in gone:
        if not isinstance(obj, Table):
            continue
        seen: dict[Key, Table] = {}
        for column in sorted(obj.columns, key=lambda c: len(by_column.get(c.name, ()))):
            for other in by_column.get(column.name, ()):
                seen.setdefault(other.key, other)
            if len(seen) > 20:  # noqa: PLR2004  enough to choose from
                break
        for other in seen.values():
            yield obj, other


def _table_guess(old: Table, new: Table) -> Guess:
    evidence = []
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    shared = before.keys() & after.keys()
    typed = sum(before[name].type == after[name].type for name in shared)
    together = len(before.keys() | after.keys()) or 1
    columns = (len(shared) + typed) / (2 * together)
    if shared:
        evidence.append(f"{len(shared)} of {together} columns have the same name")
        if typed == len(shared):
            evidence.append("all of these have the same type")
    names = alike(old.key.name, new.key.name)
    if old.key.name == new.key.name:
        evidence.append("the same name in another schema")
    elif names > 0.6:  # noqa: PLR2004  below that, likeness is chance
        evidence.append("the names are alike")
    shapes = _part_contents(old), _part_contents(new)
    parts = len(shapes[0] & shapes[1]) / (len(shapes[0] | shapes[1]) or 1)
    if parts == 1 and shapes[0]:
        evidence.append("keys and constraints are the same")
    score = 0.6 * columns + 0.25 * names + 0.15 * (parts if shapes[0] or shapes[1] else 1)
    if not shared or not _is_specific(before.keys() & after.keys(), names):
        score *= 0.7
    return Guess("table", old.key, new.key, round(score, 3), tuple(evidence))


def _is_specific(shared: set[str], names: float) -> bool:
    """Return whether the common columns are more specific than those that most tables have."""
    return names > 0.5 or bool(shared - {"id", "name", "created_at", "updated_at"})  # noqa: PLR2004


def _part_contents(table: Table) -> frozenset[object]:
    return frozenset(
        (part.kind, getattr(part, "columns", None) or _text(part)) for part in parts_of(table)
    )


def _text(part: object) -> str:
    return str(getattr(part, "expr", "") or getattr(part, "definition", ""))


def _enum_guess(old: Enum, new: Enum) -> Guess:
    before, after = set(old.values), set(new.values)
    share = len(before & after) / (len(before | after) or 1)
    names = alike(old.key.name, new.key.name)
    evidence = [f"{len(before & after)} of {len(before | after)} values are the same"]
    if names > 0.6:  # noqa: PLR2004
        evidence.append("the names are alike")
    score = round(0.7 * share + 0.3 * names, 3)
    return Guess("enum", old.key, new.key, score, tuple(evidence))


def _sequence_guess(old: SqlSequence, new: SqlSequence) -> Guess:
    names = alike(old.key.name, new.key.name)
    same = old == type(old)(new.key) or (old.start, old.increment) == (new.start, new.increment)
    evidence = ("the names are alike",) if names > 0.6 else ()  # noqa: PLR2004
    score = round(names * (1.0 if same else 0.7), 3)
    return Guess("sequence", old.key, new.key, score if evidence else 0.0, evidence)


# ── columns ───────────────────────────────────────────────────────────────


def _columns(
    old: Table, new: Table, named: set[Key], evidence: Evidence | None = None
) -> Iterator[Guess]:
    gone, come = _columns_only_in(old, new, named), _columns_only_in(new, old, named)
    if gone and come:
        comparison = _ColumnComparison(old, new)
        alone = len(gone) == len(come) == 1
        guesses = [comparison.guess(a, b, alone=alone) for a in gone for b in come]
        likely = [guess for guess in guesses if guess.score >= COLUMN_THRESHOLD]
        yield from _best_first(evidence(old, new, likely) if evidence and likely else likely)


def _columns_only_in(table: Table, other: Table, named: set[Key]) -> list[Column]:
    """Return the columns that the other table lacks, without confirmed renames."""
    names = {column.name for column in other.columns}
    return [
        column
        for column in table.columns
        if column.name not in names and Key("column", (*table.key.path, column.name)) not in named
    ]


class _ColumnComparison:
    def __init__(self, old: Table, new: Table) -> None:
        self.old = old
        self.new = new
        self.places = tuple(
            {column.name: at for at, column in enumerate(table.columns)} for table in (old, new)
        )
        self.roles = tuple(_roles(table) for table in (old, new))

    def guess(self, old: Column, new: Column, *, alone: bool) -> Guess:
        names = alike(old.name, new.name)
        evidence: list[str] = []
        score = 0.35 * names
        if names > 0.6:  # noqa: PLR2004
            evidence.append("the names are alike")
        if old.type == new.type:
            score += 0.3
            evidence.append(f"both are {old.type}")
        elif old.type.name == new.type.name:
            score += 0.2
            evidence.append(f"both are {old.type.name}")
        if old.nullable == new.nullable and old.default == new.default:
            score += 0.1
        if self.neighbours(old.name, new.name):
            score += 0.15
            evidence.append("they have the same position")
        score += self.role_score(old.name, new.name, evidence)
        if alone and old.type.name == new.type.name:
            score += 0.05
            evidence.append("no other column was added or dropped")
        if old.type.name != new.type.name:
            score = min(score, 0.7 * names)
        path = self.old.key.path, self.new.key.path
        return Guess(
            "column",
            Key("column", (*path[0], old.name)),
            Key("column", (*path[1], new.name)),
            round(max(0.0, min(score, 1.0)), 3),
            tuple(evidence),
        )

    def role_score(self, old: str, new: str, evidence: list[str]) -> float:
        roles = self.roles[0].get(old, frozenset()), self.roles[1].get(new, frozenset())
        if roles[0] != roles[1]:
            return -0.05
        if not roles[0]:
            return 0.05
        evidence.append("they are part of the same keys and indexes")
        return 0.1

    def neighbours(self, old: str, new: str) -> bool:
        before = self.old.columns[self.places[0][old] - 1].name if self.places[0][old] else None
        after = self.new.columns[self.places[1][new] - 1].name if self.places[1][new] else None
        return before == after


def _roles(table: Table) -> dict[str, frozenset[object]]:
    found: dict[str, set[object]] = {}
    for part in parts_of(table):
        names = getattr(part, "columns", ())
        for at, name in enumerate(names):
            others = frozenset(names) - {name}
            found.setdefault(name, set()).add(
                (part.kind, at, others, getattr(part, "target", None))
            )
    return {name: frozenset(roles) for name, roles in found.items()}
