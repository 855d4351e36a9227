"""Words of SQLite's schema text with their places, and a cursor over them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# What stands most often in a schema comes first; the kinds are those of the groups in order.
_WORD = re.compile(
    r"\s*(?:"
    r"((?![xX]'[^']*')[^\W\d][\w$]*|(?![\s\d])[^\x00-\x7f][\w$]*)"
    r"|([(),;])"
    r"|('(?:[^']|'')*')"
    r"|(\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\])"
    r"|(0[xX][0-9a-fA-F]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"|([xX]'[^']*')"
    r"|(--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(\S))",
    re.DOTALL,
)
_KINDS = ("", "name", "mark", "string", "quoted", "number", "blob", "comment", "mark")


class Word(NamedTuple):
    """A word: its kind, its worth (a keyword or plain name in upper case) and its span."""

    kind: str
    text: str
    start: int
    end: int


class SchemaTextError(ValueError):
    """The text is not what SQLite would keep."""


def name_of(word: Word) -> str:
    """Return the name that a word stands for; SQLite takes strings for names too.

    Raises:
        SchemaTextError: the word is no name.
    """
    text = word.text
    if word.kind == "name":
        return text
    if word.kind in {"quoted", "string"}:
        mark = text[0]
        return text[1:-1] if mark == "[" else text[1:-1].replace(mark * 2, mark)
    raise SchemaTextError(text)


class Cursor:
    """Walks along the words of one statement.

    The words lie in parallel lists: one object per word would keep the collector busy for
    longer than reading takes.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.kinds: list[str] = []
        self.texts: list[str] = []
        self.keys: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        kinds, texts, keys = self.kinds, self.texts, self.keys
        starts, ends = self.starts, self.ends
        for match in _WORD.finditer(text):
            group = match.lastindex or 0
            kind = _KINDS[group]
            if kind == "comment":
                continue
            word = match[group]
            start, end = match.span(group)
            kinds.append(kind)
            texts.append(word)
            keys.append(word.upper() if kind == "name" else word if kind == "mark" else "")
            starts.append(start)
            ends.append(end)
        kinds.append("end")
        texts.append("")
        keys.append("")
        starts.append(len(text))
        ends.append(len(text))

    def word(self, place: int) -> Word:
        """Return the word at a place."""
        return Word(self.kinds[place], self.texts[place], self.starts[place], self.ends[place])

    def peek(self) -> Word:
        """Return the next word without taking it."""
        return self.word(min(self.place, len(self.kinds) - 1))

    def next(self) -> Word:
        """Take the next word.

        Raises:
            SchemaTextError: the text is at its end.
        """
        word = self.peek()
        if word.kind == "end":
            raise SchemaTextError(self.text)
        self.place += 1
        return word

    @property
    def key(self) -> str:
        """The next word as a keyword in upper case or a mark, "" for names in quotes."""
        return self.keys[self.place]

    @property
    def kind(self) -> str:
        """The kind of the next word."""
        return self.kinds[self.place]

    def at(self, *texts: str) -> bool:
        """Say whether the next word is one of these keywords or marks."""
        return self.keys[self.place] in texts

    def take(self, *texts: str) -> bool:
        """Take the following words if they are exactly these."""
        place = self.place
        for text in texts:
            if self.keys[place] != text:
                return False
            place += 1
        self.place = place
        return True

    def expect(self, *texts: str) -> None:
        """Take these words.

        Raises:
            SchemaTextError: something else stands there.
        """
        if not self.take(*texts):
            raise SchemaTextError(f"{' '.join(texts)} expected in: {self.text}")

    def name(self) -> str:
        """Take a name."""
        if self.kind == "name":
            self.place += 1
            return self.texts[self.place - 1]
        return name_of(self.next())

    def bracketed(self) -> str:
        """Take a text in parentheses and return what stands between them.

        Raises:
            SchemaTextError: no parenthesis, or none that closes it.
        """
        start = self.ends[self.place]
        self.expect("(")
        depth = 1
        while depth:
            key = self.keys[self.place]
            if key == "(":
                depth += 1
            elif key == ")":
                depth -= 1
            elif self.kinds[self.place] == "end":
                raise SchemaTextError(self.text)
            self.place += 1
        return self.text[start : self.starts[self.place - 1]].strip()

    def until(self, *stops: str) -> tuple[Word, ...]:
        """Take words up to one of these marks or keywords outside parentheses."""
        found: list[Word] = []
        depth = 0
        while depth or not self.at(*stops):
            word = self.next()
            if word.kind == "mark":
                depth += {"(": 1, ")": -1}.get(word.text, 0)
            found.append(word)
        return tuple(found)

    def between(self, found: Sequence[Word]) -> str:
        """Return the text that these words span."""
        return self.text[found[0].start : found[-1].end] if found else ""
