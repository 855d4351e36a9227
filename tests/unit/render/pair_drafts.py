"""Revision files for pairs of models, drafted in this process without a database or a project."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from limbeck.autogenerate import Answers
from limbeck.autogenerate.api import RevisionDrafts
from limbeck.autogenerate.history_replay import ReplayResult
from limbeck.environment import MigrationContext
from limbeck.history import Revision
from limbeck.operations import DowngradeOps, MigrationScript, UpgradeOps
from limbeck.project import scaffold
from limbeck.project.new_revision import Placement
from limbeck.project.template import render_revision
from limbeck.sqlalchemy_io import read
from tests.cases.autogenerate import every_pair
from tests.cases.autogenerate.builders import Pair

FRAME = scaffold._NATIVE_FRAME / "script.py.mako"
KINDS = ("sqlite", "postgresql", "mariadb", "mysql")


def draft(kind: str, pair: Pair) -> str:
    """Return the revision file that leads from the first models of a pair to the second."""
    opts: dict[str, Any] = {
        **pair.options,
        "detect": "all",
        "as_sql": True,
        "target_metadata": pair.after,
        "alembic_module_prefix": "op.",
        "sqlalchemy_module_prefix": "sa.",
    }
    context = MigrationContext.configure(dialect_name=kind, opts=opts)
    snapshot = read(pair.before, context.dialect)
    known = snapshot.catalog.without(snapshot.borrowed)
    drafts = RevisionDrafts(MigrationScript("b", UpgradeOps([]), DowngradeOps([])))
    drafts.run(
        context,
        (),
        compare=True,
        answers=Answers(renames=pair.renames, policy="never"),
        replayed=ReplayResult(known),
    )
    header = Revision("b", ("a",))
    placed = Placement(header, pair.name, dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc))
    arguments = {**placed.arguments(), **drafts.template_args(drafts.scripts[0])}
    return render_revision(FRAME, pair.name, {"config": SimpleNamespace(), **arguments})


def write_all(folder: Path, step: int) -> int:
    """Write the drafts of pairs into a folder and return their number.

    A draft that changes nothing is no file.

    Args:
        folder: where to.
        step: 1 for all pairs, 3 for each third one.
    """
    written = 0
    asked = [(kind, pair) for kind in KINDS for pair in every_pair() if kind in pair.on]
    for number, (kind, pair) in enumerate(asked[::step]):
        text = draft(kind, pair)
        if "op." in text:
            (folder / f"r{number:04}_{kind}.py").write_text(text, "utf-8")
            written += 1
    return written
