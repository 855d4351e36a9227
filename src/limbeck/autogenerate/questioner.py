"""Answers to what two catalogs do not show: renames, values for existing rows, casts.

The answers come from the command line, the answers file, hints in the models, a policy, or a
callback that asks the user. This module does not print or prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from limbeck.autogenerate.rename_options import hinted_pairs, recorded_pairs, typed_renames
from limbeck.catalog import Catalog, Enum, Key
from limbeck.diff import Evidence, Guess, guess_renames
from limbeck.errors import DraftError, UnresolvedRenamesError

if TYPE_CHECKING:
    from limbeck.sqlalchemy_io import Origins

POLICIES = ("ask", "guess", "never", "error")
CERTAIN = 0.7
"""The score from which a guess may be accepted: name, type and position or role agree."""

Pair = tuple[Key, Key]


@dataclass(frozen=True, slots=True)
class ValueQuestion:
    """A question to the user.

    Attributes:
        text: the question.
        choices: the possible answers; any answer if empty.
        default: the value that limbeck uses without an answer; None if there is none.
        problem: returns why an answer cannot be used; None if it can.
    """

    text: str
    choices: tuple[str, ...] = ()
    default: str | None = None
    problem: Callable[[str], str | None] | None = None


@dataclass
class Answers:
    """The answers given before a comparison, and the questions left open after it.

    Attributes:
        renames: `old=new` as typed; each must match a difference. `old=` denies a rename.
        recorded_renames: the same from the answers file, which may be outdated.
        policy: how to treat a likely rename without an answer: `ask` (an error if nobody can be
            asked), `guess` (accept it if it is likely enough), `never` (drop and create, with a
            warning), `error`.
        ask: asks the user about one guess; None if nobody can be asked.
        ask_value: asks the user for a value; returns None if limbeck should choose.
        backfills: SQL by `table.column`: the value of existing rows when a NOT NULL column without
            default is added.
        casts: SQL by `table.column`: converts existing values to the new type.
        values: by `enum.value`: the value that rows get when this value is dropped.
        may_query_data: existing rows may be read if a guess is not certain.
        unresolved: guesses that were neither accepted nor denied; set by `resolve_renames`.
        used: by option (`fill`, `using`, `replace`), the names of the answers that were used.
        offered: by option, the names for which the draft would have used an answer.
    """

    renames: tuple[str, ...] = ()
    recorded_renames: tuple[str, ...] = ()
    policy: str = "never"
    ask: Callable[[Guess], bool] | None = None
    ask_value: Callable[[ValueQuestion], str | None] | None = None
    backfills: Mapping[str, str] = field(default_factory=dict)
    casts: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    may_query_data: bool = False
    unresolved: list[Guess] = field(default_factory=list)
    used: dict[str, set[str]] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)
    _asked: dict[str, str | None] = field(default_factory=dict)

    def resolve_renames(
        self,
        current: Catalog,
        target: Catalog,
        origins: Origins,
        evidence: Evidence | None = None,
        *,
        guesses: bool = True,
    ) -> list[Pair]:
        """Return the renames between one catalog and the other.

        Args:
            current: the catalog of the database.
            target: the catalog of the models.
            origins: SQLAlchemy's objects of the models, which may state a former name.
            evidence: looks for evidence in the rows of a table; None if rows must not be read.
            guesses: look for likely renames even if the policy accepts none.

        Raises:
            DraftError: a typed answer matches nothing.
            UnresolvedRenamesError: the policy is `error` and a likely rename has no answer.
        """
        known = typed_renames(self.renames, current, target) if self.renames else []
        given = self.recorded_renames
        recorded = recorded_pairs(given, current, target) if given else ()
        for old, new in (*recorded, *hinted_pairs(origins, current, target)):
            if all(old != before and new != after for before, after in known):
                known.append((old, new))
        if self.policy == "never" and not guesses:
            return known
        self.unresolved = []
        answers = (*self.renames, *self.recorded_renames)
        for guess in guess_renames(current, target, known, evidence):
            if f"{guess.old.full_name}=" in answers or guess.kind == "sequence":
                continue
            if self._is_taken(guess):
                known.append((guess.old, guess.new))
            else:
                self.unresolved.append(guess)
        if self.unresolved and self.policy == "error":
            raise _unresolved_error(self.unresolved)
        return known

    @property
    def refused(self) -> list[Guess]:
        """The likely renames without an answer, because of which a draft is refused.

        They are errors if nobody can be asked: a draft that drops a column deletes its values.
        """
        if self.policy != "ask" or self.ask is not None:
            return []
        return [guess for guess in self.unresolved if not guess.is_idle]

    def require_answered(self) -> None:
        """Refuse a draft that has likely renames without an answer.

        Raises:
            UnresolvedRenamesError: there are such renames, and nobody can be asked.
        """
        if self.refused:
            raise _unresolved_error(self.refused)

    def _is_taken(self, guess: Guess) -> bool:
        match self.policy:
            case "guess":
                return guess.score >= CERTAIN
            case "ask" if self.ask is not None and not guess.is_idle:
                return self.ask(guess)
        return False

    # ── the rest is looked up while drafting ──────────────────────────────

    def fill(self, owner: Key, column: str) -> str | None:
        """Return the SQL that fills a column in existing rows."""
        return self._of_column("fill", self.backfills, owner, column)

    def ask_backfill(
        self,
        owner: Key,
        column: str,
        type_: str,
        *,
        default: str | None,
        problem: Callable[[str], str | None],
    ) -> str | None:
        """Ask for the SQL that fills a new column, once for each column; None lets limbeck choose.

        Args:
            owner: the table.
            column: the name of the column.
            type_: the type of the column, as the database spells it.
            default: the value of existing rows without an answer; None if there is none.
            problem: returns why an answer cannot be used.
        """
        if self.policy != "ask" or self.ask_value is None:
            return None
        name = f"{owner.full_name}.{column}"
        if name not in self._asked:
            question = f"{name} ({type_}) is NOT NULL: which SQL do existing rows get?"
            self._asked[name] = self.ask_value(
                ValueQuestion(question, default=default, problem=problem)
            )
        return self._asked[name]

    def _asked_value(self, name: str, choices: tuple[str, ...]) -> str | None:
        if self.policy != "ask" or self.ask_value is None:
            return None
        question = f"{name} is dropped: which value do its rows get?"
        return self.ask_value(ValueQuestion(question, choices))

    def cast(self, owner: Key, column: str) -> str | None:
        """Return the SQL that converts existing values to the new type."""
        return self._of_column("using", self.casts, owner, column)

    def _of_column(
        self, option: str, answers: Mapping[str, str], owner: Key, column: str
    ) -> str | None:
        names = (f"{owner.full_name}.{column}", f"{owner.name}.{column}")
        self.offer(option, names[0])
        name = next((name for name in names if name in answers), None)
        if name is None:
            return None
        self.used.setdefault(option, set()).add(name)
        return answers[name]

    def offer(self, option: str, name: str) -> None:
        """Record that the draft would use an answer of this name."""
        self.offered.setdefault(option, set()).add(name)

    def checked_replacement(self, name: str, values: Sequence[str]) -> str:
        """Return the value that rows get in place of a dropped one, and mark the answer as used.

        Args:
            name: the name of an existing answer.
            values: the values of the type after the change.

        Raises:
            DraftError: the type does not have the value.
        """
        self.used.setdefault("replace", set()).add(name)
        return _checked_value(self.values[name], name, values)

    def replacement(self, name: str) -> str | None:
        """Return the value that rows get in place of the dropped value `enum.value`."""
        self.offer("replace", name)
        value = self.values.get(name)
        if value is not None:
            self.used.setdefault("replace", set()).add(name)
        return value

    def value_changes(self, old: Enum, new: Enum) -> dict[str, Any]:
        """Return `renames` and `replacements` for the values of an enum type.

        Raises:
            DraftError: an answer names a value that the new type does not have.
        """
        gone = [value for value in old.values if value not in new.values]
        come = {value for value in new.values if value not in old.values}
        pairs = dict(_pairs((*self.recorded_renames, *self.renames), new.key.name))
        changes: dict[str, dict[str, str]] = {"renames": {}, "replacements": {}}
        for value in gone:
            name = f"{new.key.name}.{value}"
            renamed = pairs.get(name)
            if renamed is not None and renamed in come:
                changes["renames"][value] = renamed
                continue
            other = self.replacement(name) or self._asked_value(name, new.values)
            if other is not None:
                changes["replacements"][value] = _checked_value(other, name, new.values)
        return {option: mapping for option, mapping in changes.items() if mapping}


def rename_option(guess: Guess) -> str:
    """Return the command-line option that confirms a guess."""
    return f"--rename {guess.old.full_name}={guess.new.full_name}"


def _pairs(words: tuple[str, ...], name: str) -> Iterator[tuple[str, str]]:
    for each in words:
        before, _, after = each.partition("=")
        yield before, after.removeprefix(f"{name}.")


def _checked_value(value: str, name: str, values: Sequence[str]) -> str:
    if value not in values:
        raise DraftError(
            f"Rows with {name} cannot get {value!r}: the type has no such value",
            hint=f"choose one of {', '.join(values)}",
            code="LB442",
        )
    return value


def _unresolved_error(guesses: list[Guess]) -> UnresolvedRenamesError:
    lines = "\n".join(
        f"  {guess.old.full_name} may have become {guess.new.full_name} "
        f"({'; '.join(guess.evidence)})"
        for guess in guesses
    )
    first = guesses[0]
    return UnresolvedRenamesError(
        f"Nothing was written, because it is not known whether this was renamed:\n{lines}",
        hint=f"if it was: {rename_option(first)}; if not: --no-rename {first.old.full_name}; "
        "or a policy for all of them: --renames guess, --renames never, or `renames` in the "
        "configuration",
    )
