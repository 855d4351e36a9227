"""Answers to what two schemas cannot tell: renames, values for rows that are there, casts.

They come from the command line, a file of answers, hints in the models, a policy, or a face
that asks a person. Nothing here prints or prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from limbeck.autogenerate.rename_options import answers as told_renames
from limbeck.autogenerate.rename_options import denied, fitting, hinted
from limbeck.autogenerate.rows import Witness
from limbeck.catalog import Enum, Key
from limbeck.diff import Guess, guess_renames
from limbeck.errors import DraftError

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Sides

POLICIES = ("ask", "guess", "never", "error")
CERTAIN = 0.7
"""From this score on a guess may count as an answer: name, type and place or role agree."""

Pair = tuple[Key, Key]


class OpenRenames(DraftError):
    """Something looks like a rename, nobody said whether it is one, and that is an error."""

    code = "LB441"


@dataclass
class Answers:
    """What is known before a comparison, and what stays open after it.

    Attributes:
        renames: `old=new` as typed; each has to fit. `old=` says that it is no rename.
        noted_renames: the same from a file, which may have outlived its use.
        policy: what to do about a likely rename that nobody told: `ask`, `guess` (take what
            is likely enough), `never` (drop and create, and say so), `error`.
        ask: asks a person about one guess; None where there is nobody.
        ask_value: asks a person for a value, given the question and what may be chosen from;
            None from it leaves the choice to limbeck.
        fills: SQL by `table.column`: what rows get that are there when a column without NULL
            and default is added.
        casts: SQL by `table.column`: how present values become the new type.
        values: by `enum.value`, the value that its rows get when it is dropped.
        looks: the rows that are there may be looked at where a guess is not certain.
        open: the guesses that were not taken and that nobody denied; filled by `settle`.
    """

    renames: tuple[str, ...] = ()
    noted_renames: tuple[str, ...] = ()
    policy: str = "never"
    ask: Callable[[Guess], bool] | None = None
    ask_value: Callable[[str, tuple[str, ...]], str | None] | None = None
    fills: Mapping[str, str] = field(default_factory=dict)
    casts: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    looks: bool = False
    open: list[Guess] = field(default_factory=list)
    _asked: dict[str, str | None] = field(default_factory=dict)

    def settle(self, sides: Sides) -> list[Pair]:
        """Return the renames between two sides.

        Raises:
            DraftError: a typed answer fits nothing.
            OpenRenames: the policy is `error` and a likely rename is not answered.
        """
        have, want = sides.have, sides.want
        known = list(told_renames(self.renames, have, want))
        self._add(known, fitting(self.noted_renames, have, want))
        self._add(known, hinted(sides.snapshot.origins, have, want))
        if self.policy == "never" and not sides.detections.everything:
            return known
        known += self._guessed(sides, known)
        return known

    def _add(self, known: list[Pair], more: Iterator[Pair]) -> None:
        for old, new in more:
            if all(old != before and new != after for before, after in known):
                known.append((old, new))

    def _guessed(self, sides: Sides, known: list[Pair]) -> list[Pair]:
        hear = Witness(sides) if self.looks else None
        no = denied((*self.renames, *self.noted_renames))
        guesses = [
            guess
            for guess in guess_renames(sides.have, sides.want, known, hear)
            if word(guess.old) not in no and guess.kind in {"table", "column", "enum"}
        ]
        taken = [guess for guess in guesses if self._is_taken(guess)]
        self.open = [guess for guess in guesses if guess not in taken]
        if self.open and self.policy == "error":
            raise _unanswered(self.open)
        return [guess.renaming for guess in taken]

    def _is_taken(self, guess: Guess) -> bool:
        match self.policy:
            case "guess":
                return guess.score >= CERTAIN
            case "ask" if self.ask is not None and not guess.is_idle:
                return self.ask(guess)
        return False

    # ── the rest is looked up while drafting ──────────────────────────────

    def fill(self, owner: Key, column: str) -> str | None:
        """Return the SQL that fills a new column in rows that are there."""
        return _of_column(self.fills, owner, column)

    def asked_fill(self, owner: Key, column: str, type_: str) -> str | None:
        """Ask for the SQL that fills a new column, once for each; None leaves it to limbeck."""
        if self.policy != "ask" or self.ask_value is None:
            return None
        name = f"{word(owner)}.{column}"
        if name not in self._asked:
            question = f"{name} ({type_}) takes no NULL: which SQL do rows get that are there?"
            self._asked[name] = self.ask_value(question, ())
        return self._asked[name]

    def _asked_value(self, name: str, choices: tuple[str, ...]) -> str | None:
        if self.policy != "ask" or self.ask_value is None:
            return None
        return self.ask_value(f"{name} is dropped: which value do its rows get?", choices)

    def cast(self, owner: Key, column: str) -> str | None:
        """Return the SQL that makes the new type of the old one."""
        return _of_column(self.casts, owner, column)

    def value_changes(self, old: Enum, new: Enum) -> dict[str, Any]:
        """Return `renames` and `replacements` for the values of an enum type.

        Raises:
            DraftError: an answer names a value that the type does not get.
        """
        gone = [value for value in old.values if value not in new.values]
        come = {value for value in new.values if value not in old.values}
        pairs = dict(_pairs((*self.noted_renames, *self.renames), new.key.name))
        found: dict[str, dict[str, str]] = {"renames": {}, "replacements": {}}
        for value in gone:
            name = f"{new.key.name}.{value}"
            renamed = pairs.get(name)
            if renamed is not None and renamed in come:
                found["renames"][value] = renamed
                continue
            kept = self.values.get(name) or self._asked_value(name, new.values)
            if kept is not None:
                found["replacements"][value] = _checked(kept, name, new)
        return {option: mapping for option, mapping in found.items() if mapping}


def word(key: Key) -> str:
    """Return a thing's name as answers write it."""
    return ".".join(part for part in key.path if part)


def flag(guess: Guess) -> str:
    """Return the option that says that a guess is right."""
    return f"--rename {word(guess.old)}={word(guess.new)}"


def _pairs(words: tuple[str, ...], name: str) -> Iterator[tuple[str, str]]:
    for each in words:
        before, _, after = each.partition("=")
        yield before, after.removeprefix(f"{name}.")


def _checked(value: str, name: str, enum: Enum) -> str:
    if value not in enum.values:
        raise DraftError(
            f"Rows with {name} cannot get {value!r}: the type has no such value",
            hint=f"choose one of {', '.join(enum.values)}",
            code="LB442",
        )
    return value


def _of_column(answers: Mapping[str, str], owner: Key, column: str) -> str | None:
    names = (f"{word(owner)}.{column}", f"{owner.name}.{column}")
    return next((answers[name] for name in names if name in answers), None)


def _unanswered(guesses: list[Guess]) -> OpenRenames:
    lines = "\n".join(
        f"  {word(guess.old)} may have become {word(guess.new)} ({'; '.join(guess.evidence)})"
        for guess in guesses
    )
    first = guesses[0]
    return OpenRenames(
        f"Not told whether this was renamed:\n{lines}",
        hint=f"if it was: {flag(first)}; if not: --rename {word(first.old)}=",
    )
