"""The report about several databases when something fails after their migrations."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from limbeck.history import Move, Revision
from limbeck.runtime import RunRecord, attach_final_report, failure_of
from limbeck.runtime.failure_report import COMMITTED, ROLLED_BACK, UNANSWERED

MOVE = Move(Revision("b2", ("a1",)), "up", frozenset({"a1"}), frozenset({"b2"}))


def _run(engine: sa.Engine, ended: str | None, *, moved: bool = True) -> RunRecord:
    with engine.connect() as connection:
        run = RunRecord(connection)
        run.start(("a1",))
        if moved:
            run.move_done(MOVE, "upgrade a1 -> b2", MOVE.after)
        if ended is not None:
            run.transaction_ended(ended)
        return run


def test_each_database_is_reported_by_its_name(tmp_path: Path) -> None:
    engines = [sa.create_engine(f"sqlite:///{tmp_path / name}") for name in "xyz"]
    runs = [
        _run(engine, ended)
        for engine, ended in zip(engines, (COMMITTED, ROLLED_BACK, UNANSWERED), strict=True)
    ]
    error = ValueError("afterwards")
    attach_final_report(error, runs, None)
    failure = failure_of(error)
    assert failure is not None
    first, second, third = failure.state.split(". ")
    assert first.startswith(f"{tmp_path / 'x'}: ")
    assert first.endswith("done and committed; the database is at b2")
    assert second.endswith("everything was rolled back; the database is at a1")
    assert "at b2, or still at a1;" in third
    for engine in engines:
        engine.dispose()


def test_databases_without_moves_are_not_reported() -> None:
    engine = sa.create_engine("sqlite://")
    error = ValueError("before")
    attach_final_report(error, [_run(engine, None, moved=False)], None)
    assert failure_of(error) is None
    engine.dispose()


def test_another_attempt_begins_from_the_current_state() -> None:
    engine = sa.create_engine("sqlite://")
    run = _run(engine, UNANSWERED)
    run.start(("c3",))
    assert "at c3, or still at c3" in str(run.uncertain_state())
    engine.dispose()


def test_only_moves_after_the_last_commit_are_counted_as_rolled_back() -> None:
    engine = sa.create_engine("sqlite://")
    run = _run(engine, COMMITTED)
    assert run.uncommitted_moves == 0
    run.move_done(MOVE, "upgrade b2 -> c3", MOVE.after)
    run.move_done(MOVE, "upgrade c3 -> d4", MOVE.after)
    assert run.uncommitted_moves == 2
    run.transaction_ended(ROLLED_BACK)
    run.start(("b2",))
    assert run.uncommitted_moves == 0
    engine.dispose()
