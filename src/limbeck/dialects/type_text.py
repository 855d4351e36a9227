"""The text of a column type, taken apart into a catalog Type. Databases settle the rest."""

from __future__ import annotations

from limbeck.catalog import Extras, Scalar, Type
from limbeck.dialects.expressions import Grammar, Token, UnparsableError, literal, tokens

_FLAGS = frozenset({"unsigned", "zerofill"})


def type_from_text(text: str, grammar: Grammar | None = None) -> Type:
    """Return a type as its text says it: names in lower case, nothing settled.

    Args:
        text: such as "NUMERIC(10, 2)", "timestamp(3) with time zone", "varchar(5) COLLATE x".
        grammar: what is special about the database's text.
    """
    try:
        words = list(tokens(text, grammar or Grammar()))
    except UnparsableError:
        return Type(text.strip())
    return _Reader(words).type()


class _Reader:
    def __init__(self, words: list[Token]) -> None:
        self.words = words
        self.place = 0
        self.name: list[str] = []
        self.args: tuple[str, ...] = ()
        self.dimensions = 0
        self.collation: str | None = None
        self.extras: dict[str, Scalar | tuple[str, ...]] = {}

    def type(self) -> Type:
        while self.place < len(self.words):
            word = self.words[self.place]
            self.place += 1
            if word.kind == "mark":
                self._mark(word.text)
            elif word.kind == "name":
                self._word(word.text)
            else:
                self._append(word.text)
        extras: Extras = tuple(sorted(self.extras.items()))
        return Type(" ".join(self.name), self.args, self.collation, self.dimensions, None, extras)

    def _append(self, text: str) -> None:
        if self.name and self.name[-1].endswith("."):
            self.name[-1] += text
        else:
            self.name.append(text)

    def _mark(self, mark: str) -> None:
        if mark == "(":
            self.args = self._arguments()
        elif mark == "[":
            self.dimensions += 1
        elif mark == "." and self.name:
            self.name[-1] += "."

    def _arguments(self) -> tuple[str, ...]:
        found: list[str] = []
        fresh = True
        depth = 0
        while self.place < len(self.words):
            word = self.words[self.place]
            self.place += 1
            if word == Token("mark", ")") and not depth:
                break
            if word == Token("mark", ",") and not depth:
                fresh = True
                continue
            depth += {"(": 1, ")": -1}.get(word.text, 0) if word.kind == "mark" else 0
            text = literal(word.text) if word.kind == "string" else word.text
            if fresh:
                found.append(text)
            else:
                found[-1] += text
            fresh = False
        return tuple(found)

    def _word(self, word: str) -> None:
        following = self.words[self.place].text if self.place < len(self.words) else ""
        if word == "array" and self.name:
            self.dimensions += 1
        elif word == "collate" and following:
            self.collation = self._path()
        elif word in _FLAGS:
            self.extras[word] = True
        elif word == "charset" and following:
            self.extras["charset"] = self._path()
        elif word == "character" and following == "set":
            self.place += 1
            self.extras["charset"] = self._path()
        else:
            self._append(word)

    def _path(self) -> str:
        text = self.words[self.place].text if self.place < len(self.words) else ""
        self.place += 1
        while self.place + 1 < len(self.words) and self.words[self.place] == Token("mark", "."):
            text += "." + self.words[self.place + 1].text
            self.place += 2
        return text
