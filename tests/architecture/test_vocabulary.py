"""Standard terms: words of a private vocabulary that the source must not use.

Each word has an allowance, the number of places that still use it. An allowance may only fall.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from functools import cache

import pytest

from tests.architecture.source import MODULES, Module

# in identifiers, docstrings, messages and comments
WORDS: dict[str, int] = {
    "aftermath": 0,
    "anew": 0,
    "belongings": 0,
    "beside": 24,
    "carry": 0,
    "detours": 0,
    "door": 0,
    "floor": 0,
    "foretell": 0,
    "glance": 0,
    "house": 0,
    "leaning": 0,
    "mend": 0,
    "room": 0,
    "said": 2,
    "sayings": 0,
    "sparing": 0,
    "stakes": 0,
    "straight": 0,
    "street": 0,
    "telling": 0,
    "told": 6,
    "veil": 0,
    "whoever": 0,
}
# in identifiers only, where a standard term says what a function reads or a value holds
NAMES: dict[str, int] = {
    "asked": 79,
    "eye": 5,
    "heard": 6,
    "kept": 205,
    "look": 19,
    "meant": 8,
    "noted": 7,
    "peek": 18,
    "settled": 0,
}
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORD = re.compile(r"[A-Za-z]+")


@cache
def _counts() -> tuple[Counter[str], Counter[str]]:
    """Return how often each word stands in names, and in texts."""
    names: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for module in MODULES:
        in_names, in_texts = _counts_of(module)
        names += in_names
        texts += in_texts
    return names, texts


def _counts_of(module: Module) -> tuple[Counter[str], Counter[str]]:
    names: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.NAME:
            names.update(part.lower() for part in _PART.findall(token.string))
        elif token.type not in {tokenize.OP, tokenize.NUMBER}:
            # strings and comments; from Python 3.12 on also the pieces of an f-string
            texts.update(word.lower() for word in _WORD.findall(token.string))
    return names, texts


@pytest.mark.parametrize("word", WORDS)
def test_private_words_only_become_fewer(word: str) -> None:
    names, texts = _counts()
    forms = (word, f"{word}s")
    assert sum(names[form] + texts[form] for form in forms) <= WORDS[word], _places(word)


@pytest.mark.parametrize("word", NAMES)
def test_private_names_only_become_fewer(word: str) -> None:
    names, _ = _counts()
    assert names[word] + names[f"{word}s"] <= NAMES[word], _places(word)


def _places(word: str) -> list[str]:
    found = []
    for module in MODULES:
        names, texts = _counts_of(module)
        number = sum(counts[form] for counts in (names, texts) for form in (word, f"{word}s"))
        found += [f"{module.name}: {number}"] if number else []
    return found
