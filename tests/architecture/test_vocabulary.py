"""Standard terms: words of a private vocabulary that the code must not use.

Each word has an allowance, the number of places that still use it. An allowance may only fall.
Tests, benchmarks, scripts and examples must not use the words except as names in a database.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import MODULES

ROOT = Path(__file__).parents[2]

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
# tables, columns and functions of databases in the data of tests
DATABASE_NAMES: dict[str, int] = {
    "floor": 8,
    "house": 1,
    "room": 32,
    "street": 16,
    "told": 2,
}
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORD = re.compile(r"[A-Za-z]+")


@cache
def _source() -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Return how often each word stands in the names and in the texts of each module."""
    return {module.name: _counts_of(module.text) for module in MODULES}


@cache
def _other_code() -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Return the same for each file of the tests, benchmarks, scripts and examples."""
    golden, own = ROOT / "tests" / "golden" / "files", Path(__file__)
    return {
        str(path.relative_to(ROOT)): _counts_of(path.read_text("utf-8"))
        for folder in ("tests", "bench", "scripts", "examples")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if golden not in path.parents and path != own and "site-packages" not in path.parts
    }


def _counts_of(source: str) -> tuple[Counter[str], Counter[str]]:
    names: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            names.update(part.lower() for part in _PART.findall(token.string))
        elif token.type not in {tokenize.OP, tokenize.NUMBER}:
            # strings and comments; from Python 3.12 on also the pieces of an f-string
            texts.update(word.lower() for word in _WORD.findall(token.string))
    return names, texts


def _places(
    files: dict[str, tuple[Counter[str], Counter[str]]], word: str, *, in_texts: bool = True
) -> dict[str, int]:
    """Return the number of uses of a word and its plural, by file."""
    found = {}
    for name, (names, texts) in files.items():
        number = names[word] + names[f"{word}s"]
        number += (texts[word] + texts[f"{word}s"]) if in_texts else 0
        found |= {name: number} if number else {}
    return found


@pytest.mark.parametrize("word", WORDS)
def test_private_words_only_become_fewer(word: str) -> None:
    places = _places(_source(), word)
    assert sum(places.values()) <= WORDS[word], places


@pytest.mark.parametrize("word", NAMES)
def test_private_names_only_become_fewer(word: str) -> None:
    places = _places(_source(), word, in_texts=False)
    assert sum(places.values()) <= NAMES[word], places


@pytest.mark.parametrize("word", WORDS)
def test_tests_and_scripts_use_no_private_words(word: str) -> None:
    places = _places(_other_code(), word)
    assert sum(places.values()) <= DATABASE_NAMES.get(word, 0), places


def test_file_names_contain_no_private_words() -> None:
    files = [*(module.name for module in MODULES), *_other_code()]
    words = {file: set(_WORD.findall(file)) & set(WORDS) for file in files}
    assert not {file for file, found in words.items() if found}
