"""Random pairs of models: the draft changes one into the other and back.

`python -m tests.databases.pairs KIND --chance 200` plays many and says how many are right.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.databases.pairs.harness import Stage, stage
from tests.databases.random_models.generate import pairs

KINDS = ("sqlite", "postgresql", "mariadb", "mysql")
FEW, MANY = 4, 200


def _played(kind: str, folder: Path, examples: int) -> None:
    # Hypothesis draws the numbers, so that it can shrink a failure to a small example
    drawn: SearchStrategy[random.Random] = st.randoms(use_true_random=False)
    with ExitStack() as stack:
        on: Stage = stack.enter_context(stage(kind, folder))

        def is_right(chance: random.Random) -> None:
            pair = pairs(chance, kind)
            assume(not on.refusal(pair))
            result = on.play(pair)
            assert result.is_right, str(result)

        careful = settings(
            max_examples=examples,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        run: Callable[[], None] = careful(given(drawn)(is_right))
        run()


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_random_pairs(kind: str, tmp_path: Path) -> None:
    _played(kind, tmp_path, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_pairs(kind: str, tmp_path: Path) -> None:
    _played(kind, tmp_path, MANY)
