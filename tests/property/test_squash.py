"""The law of squash: any range of any history leads to the same catalog as its files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from limbeck.commands import MoveRequest, SquashRequest, squash, upgrade
from limbeck.commands.squash_draft import squash_range
from limbeck.errors import HistoryError
from limbeck.project import Config, Project
from limbeck.scratch import DatabaseSource, ScratchDatabase
from limbeck.verification import comparable, schema_traces

_HEAD = """import sqlalchemy as sa
from limbeck import op

revision = {id!r}
down_revision = {down!r}


def upgrade():
{up}


def downgrade():
{back}
"""


@st.composite
def scripts(draw: st.DrawFn) -> list[tuple[str, object, list[str], list[str]]]:
    """Draw revisions: a line with a branch that is merged, each with some operations."""
    count = draw(st.integers(2, 6))
    shape = draw(st.sampled_from(["line", "diamond"])) if count > 3 else "line"
    found: list[tuple[str, object, list[str], list[str]]] = []
    tables: dict[str, list[str]] = {}
    for number in range(count):
        id_ = f"r{number}"
        down: object = f"r{number - 1}" if number else None
        if shape == "diamond":
            down = {2: "r0", 3: ("r1", "r2")}.get(number, down)
        is_open = shape == "diamond" and number in (1, 2)
        # the branch r2 does not have the table that the branch r1 has made
        known = {name: tables[name] for name in tables if not is_open or name == "t_r0"}
        up, back = _operations(draw, known, id_, is_free=not is_open)
        tables |= known
        found.append((id_, down, up, back))
    return found


def _operations(
    draw: st.DrawFn, tables: dict[str, list[str]], id_: str, *, is_free: bool
) -> tuple[list[str], list[str]]:
    kinds = ["table", "rows"] if not is_free or not tables else [
        "table", "column", "column", "rows", "index", "drop"
    ]  # fmt: skip
    kind = draw(st.sampled_from(kinds))
    table = draw(st.sampled_from(sorted(tables))) if tables else ""
    if kind == "table" or not tables:
        name = f"t_{id_}"
        tables[name] = []
        columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer)'
        return [f'op.create_table("{name}", {columns})'], [f'op.drop_table("{name}")']
    if kind == "column":
        name = f"c_{id_}"
        tables[table].append(name)
        type_ = draw(st.sampled_from(["sa.Integer", "sa.String(20)", "sa.Boolean", "sa.Date"]))
        undo = [f'with op.batch_alter_table("{table}") as b:', f'    b.drop_column("{name}")']
        return [f'op.add_column("{table}", sa.Column("{name}", {type_}))'], undo
    if kind == "rows":
        number = int(id_[1:]) + 1
        return (
            [f'op.execute("INSERT INTO {table} (id, n) VALUES ({number}, {number} * 7)")'],
            [f'op.execute("DELETE FROM {table} WHERE id = {number}")'],
        )
    if kind == "index":
        return (
            [f'op.create_index("ix_{id_}", "{table}", ["n"])'],
            [f'op.drop_index("ix_{id_}", table_name="{table}")'],
        )
    if not tables[table]:
        return ["pass"], ["pass"]
    name = tables[table].pop()
    drop = [f'with op.batch_alter_table("{table}") as b:', f'    b.drop_column("{name}")']
    return drop, [f'op.add_column("{table}", sa.Column("{name}", sa.Integer))']


def _project(folder: Path, revisions: list[tuple[str, object, list[str], list[str]]]) -> Project:
    versions = folder / "migs" / "versions"
    versions.mkdir(parents=True)
    template = Path(__file__).parents[2] / "src/limbeck/project/templates/generic/script.py.mako"
    (folder / "migs" / "script.py.mako").write_text(
        template.read_text("utf-8").replace("from alembic import op", "from limbeck import op"),
        "utf-8",
    )
    for id_, down, up, back in revisions:
        text = _HEAD.format(id=id_, down=down, up=_body(up), back=_body(back))
        (versions / f"{id_}.py").write_text(text, "utf-8")
    ini = folder / "alembic.ini"
    ini.write_text(
        f"[alembic]\nscript_location = {folder}/migs\nurl = sqlite:///{folder}/x.db\n", "utf-8"
    )
    return Project.from_config(Config(str(ini)))


def _body(lines: list[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


def _holds(revisions: list[tuple[str, object, list[str], list[str]]], data: st.DataObject) -> None:
    ids = [id_ for id_, *_ in revisions]
    low, high = sorted(data.draw(st.tuples(st.sampled_from(ids), st.sampled_from(ids))))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        plain, squashed = _project(Path(one), revisions), _project(Path(other), revisions)
        try:
            squash_range(squashed.history(), f"{low}:{high}")
        except HistoryError:
            return  # one revision, or a branch that is open in it
        squash(squashed, SquashRequest(f"{low}:{high}", rev_id="s9"))
        start = data.draw(st.sampled_from([None, *ids]))
        if start is not None:
            upgrade(squashed, MoveRequest(start))
        for project in (plain, squashed):
            upgrade(project, MoveRequest("heads"))
        left, right = (_catalog(project) for project in (plain, squashed))
        assert schema_traces(left, right) == []


_LAW = given(scripts(), st.data())
_QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_QUICK
@_LAW
def test_any_range_leads_to_the_same_catalog(
    revisions: list[tuple[str, object, list[str], list[str]]], data: st.DataObject
) -> None:
    _holds(revisions, data)


@pytest.mark.slow
@settings(_QUICK, max_examples=150)
@_LAW
def test_many_times_any_range_leads_to_the_same_catalog(
    revisions: list[tuple[str, object, list[str], list[str]]], data: st.DataObject
) -> None:
    _holds(revisions, data)


def _catalog(project: Project):  # type: ignore[no-untyped-def]
    source = DatabaseSource(make_url(str(project.url)))
    found = ScratchDatabase(str(source.url.database), "file", source).catalog()
    return comparable(found.filter(lambda one: one.key.name.startswith("t_")))
