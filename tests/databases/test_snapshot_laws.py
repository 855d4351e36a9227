"""The law of snapshots: a restored and upgraded database has the schema of all revisions."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from limbeck import commands
from limbeck.project import Project
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Stage, schema_difference, stage
from tests.databases.random_models.generate import pairs

KINDS = ("sqlite", "postgresql", "mariadb")
FEW, MANY = 2, 60


def _draft(project: Project, models: sa.MetaData, pair: Pair) -> None:
    """Write the revision that leads to some models."""
    assert project.config is not None
    project.config.attributes["models"] = models
    project.refresh()
    answers = commands.UserAnswers(renames=pair.renames, policy="never")
    commands.revision(
        project,
        commands.RevisionRequest(
            message="step", autogenerate=True, allow_drops=True, answers=answers
        ),
    )
    project.refresh()


def _difference(on: Stage, pair: Pair) -> str | None:
    """Return how a restored and upgraded database differs from one that ran all revisions."""
    on.wipe()
    project = on.project(pair.before, pair.options)
    first = Pair(pair.name, pair.before, pair.before)
    _draft(project, pair.before, first)
    commands.upgrade(project, commands.MoveRequest("head"))
    _draft(project, pair.after, pair)
    made = commands.snapshot(project, commands.SnapshotRequest("head-1"))
    assert made.objects
    on.wipe()
    commands.upgrade(project, commands.MoveRequest("head", use_snapshot=False))
    wanted = on.account(pair.after)
    on.wipe()
    done = commands.upgrade(project, commands.MoveRequest("head"))
    assert [bool(move.covers) for move in done.moves] == [True, False]
    return schema_difference(wanted, on.account(pair.after))


def _tried(kind: str, folder: Path, examples: int) -> None:
    drawn: SearchStrategy[random.Random] = st.randoms(use_true_random=False)
    with ExitStack() as stack:
        on: Stage = stack.enter_context(stage(kind, folder))

        def holds(chance: random.Random) -> None:
            pair = pairs(chance, kind)
            assume(not (pair.first or pair.extra_sql) and pair.before.tables)
            # unnamed constraints of older revisions are named by the models of the run
            assume(pair.before.naming_convention == pair.after.naming_convention)
            assume(not on.refusal(pair))
            assert _difference(on, pair) is None

        careful = settings(
            max_examples=examples,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        run: Callable[[], None] = careful(given(drawn)(holds))
        run()


@pytest.mark.parametrize("kind", KINDS)
def test_snapshot_and_newer_revisions_give_the_schema_of_all_revisions(
    kind: str, tmp_path: Path
) -> None:
    _tried(kind, tmp_path, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_snapshots_and_newer_revisions_give_the_schema_of_all_revisions(
    kind: str, tmp_path: Path
) -> None:
    _tried(kind, tmp_path, MANY)
