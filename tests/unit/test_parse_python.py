"""Python source parsed in several threads at once."""

from __future__ import annotations

import ast
import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from limbeck.text import parse_python

SOURCE = "\n".join(f"x{number} = [(1, {{'a': [b + c * (d - {number})]}})]" for number in range(400))


def test_threads_parse_at_once() -> None:
    expected = ast.dump(ast.parse(SOURCE))
    before = gc.get_threshold()
    gc.set_threshold(5)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(parse_python, [SOURCE] * 24))
    finally:
        gc.set_threshold(*before)
    assert all(ast.dump(tree) == expected for tree in found)


def test_syntax_errors_are_reported() -> None:
    with pytest.raises(SyntaxError):
        parse_python("def (")
