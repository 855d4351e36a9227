"""The law of squash: the squash of any range gives the schema and rows of its files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limbeck.catalog import Catalog
from limbeck.commands import MoveRequest, SquashRequest, squash, upgrade
from limbeck.commands.squash_draft import squash_range
from limbeck.dialects import Scope, find
from limbeck.errors import HistoryError
from limbeck.project import Config, Project
from limbeck.snapshots import without_own
from limbeck.verification import comparable, schema_traces
from tests.servers import Database, own_database

KINDS = ("sqlite", "postgresql", "mariadb")
FEW, MANY = 3, 60
Script = tuple[str, object, list[str], list[str]]

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
        tables = tables | known if is_open else known
        found.append((id_, down, up, back))
    return found


def _operations(
    draw: st.DrawFn, tables: dict[str, list[str]], id_: str, *, is_free: bool
) -> tuple[list[str], list[str]]:
    """Return the statements of a revision: `tables` are the columns that may be changed."""
    kinds = ["table", "rows"] if not is_free or not tables else [
        "table", "column", "default", "rows", "index", "drop", "rename", "rename table", "backfill",
        "copy",
    ]  # fmt: skip
    kind = draw(st.sampled_from(kinds))
    table = draw(st.sampled_from(sorted(tables))) if tables else ""
    new = f"c_{id_}"
    if tables and "c_again" not in tables[table] and draw(st.booleans()):
        new = "c_again"  # a later revision may create a column that an earlier one has dropped
    undo = [f'with op.batch_alter_table("{table}") as b:', f'    b.drop_column("{new}")']
    if kind == "table" or not tables:
        name = f"t_{id_}"
        tables[name] = []
        columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer)'
        return [f'op.create_table("{name}", {columns})'], [f'op.drop_table("{name}")']
    if kind == "column":
        tables[table].append(new)
        type_ = draw(st.sampled_from(["sa.Integer", "sa.String(20)", "sa.Boolean", "sa.Date"]))
        return [f'op.add_column("{table}", sa.Column("{new}", {type_}))'], undo
    if kind == "default":
        tables[table].append(new)
        column = f'sa.Column("{new}", sa.Integer, nullable=False, server_default="5")'
        up = [f'op.add_column("{table}", {column})']
        if draw(st.booleans()):
            arguments = "server_default=None, existing_type=sa.Integer(), existing_nullable=False"
            up += [
                f'with op.batch_alter_table("{table}") as b:',
                f'    b.alter_column("{new}", {arguments})',
            ]
        return up, undo
    if kind == "rows":
        number = int(id_[1:]) + 1
        return (
            [f'op.execute("INSERT INTO {table} (id, n) VALUES ({number}, {number} * 7)")'],
            [f'op.execute("DELETE FROM {table} WHERE id = {number}")'],
        ) if not tables[table] else (['op.execute("SELECT 1")'], ["pass"])  # fmt: skip
    if kind == "index":
        return (
            [f'op.create_index("ix_{id_}", "{table}", ["n"])'],
            [f'op.drop_index("ix_{id_}", table_name="{table}")'],
        )
    if kind == "rename table":
        name = f"t_{id_}"
        tables[name] = tables.pop(table)
        return [f'op.rename_table("{table}", "{name}")'], [f'op.rename_table("{name}", "{table}")']
    if kind == "backfill":
        return [f'op.backfill("{table}", "n = n + 1", batch=2)'], ["pass"]
    if kind == "copy":
        return [f'op.execute("UPDATE {table} SET n = coalesce(n, 0) * 2 + id")'], ["pass"]
    if not tables[table]:
        return ["pass"], ["pass"]
    name = tables[table].pop()
    if kind == "rename":
        tables[table].append(new)
        return _renamed(table, name, new), _renamed(table, new, name)
    drop = [f'with op.batch_alter_table("{table}") as b:', f'    b.drop_column("{name}")']
    return drop, [f'op.add_column("{table}", sa.Column("{name}", sa.Integer))']


def _renamed(table: str, old: str, new: str) -> list[str]:
    return [f'op.execute("ALTER TABLE {table} RENAME COLUMN {old} TO {new}")']


def _project(folder: Path, revisions: list[Script], database: Database) -> Project:
    shutil.rmtree(folder, ignore_errors=True)
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
    url = database.address.replace("%", "%%")
    ini.write_text(f"[alembic]\nscript_location = {folder}/migs\nurl = {url}\n", "utf-8")
    return Project.from_config(Config(str(ini)))


def _body(lines: list[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


def _holds(folder: Path, kind: str, revisions: list[Script], data: st.DataObject) -> None:
    ids = [id_ for id_, *_ in revisions]
    low, high = sorted(data.draw(st.tuples(st.sampled_from(ids), st.sampled_from(ids))))
    start = data.draw(st.sampled_from([None, *ids]))
    results = []
    for name in ("plain", "squashed"):
        with _empty(folder, kind) as database:
            project = _project(folder / name, revisions, database)
            try:
                squash_range(project.history(), f"{low}:{high}")
            except HistoryError:
                return  # one revision, or a branch that is open in it
            if start is not None:
                upgrade(project, MoveRequest(start))
                _fill(database)
            if name == "squashed":
                squash(project, SquashRequest(f"{low}:{high}", rev_id="s9"))
            upgrade(project, MoveRequest("heads"))
            results.append(_state(database))
    (left, rows), (right, others) = results
    assert schema_traces(left, right) == []
    assert rows == others


@contextmanager
def _empty(folder: Path, kind: str) -> Iterator[Database]:
    (folder / "database.sqlite").unlink(missing_ok=True)
    with own_database(kind, folder) as database:
        yield database


def _tables(connection: sa.Connection) -> list[str]:
    return sorted(one for one in sa.inspect(connection).get_table_names() if one.startswith("t_"))


def _fill(database: Database) -> None:
    """Insert the rows of an application into all tables."""
    with database.engine() as engine, engine.begin() as connection:
        for name in _tables(connection):
            table = sa.Table(name, sa.MetaData(), autoload_with=connection)
            others = {
                column.name: 3
                for column in table.columns
                if isinstance(column.type, sa.Integer) and column.name != "id"
            }
            connection.execute(table.insert(), [{"id": n, **others} for n in (50, 51, 52)])


def _state(database: Database) -> tuple[Catalog, dict[str, list[dict[str, Any]]]]:
    with database.engine() as engine, engine.connect() as connection:
        catalog = find(engine.dialect.name).reflect(connection, Scope())  # type: ignore[misc]
        catalog = without_own(catalog, "alembic_version").filter(
            lambda one: one.key.kind != "namespace"
        )
        rows = {
            name: [
                dict(row._mapping)
                for row in connection.execute(sa.text(f"SELECT * FROM {name} ORDER BY id"))
            ]
            for name in _tables(connection)
        }
        connection.rollback()
    return comparable(catalog), rows


def _tried(kind: str, folder: Path, examples: int) -> None:
    careful = settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    def holds(revisions: list[Script], data: st.DataObject) -> None:
        _holds(folder, kind, revisions, data)

    careful(given(scripts(), st.data())(holds))()


@pytest.mark.parametrize("kind", KINDS)
def test_a_squash_gives_the_result_of_its_range(kind: str, tmp_path: Path) -> None:
    _tried(kind, tmp_path, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_squashes_give_the_result_of_their_ranges(kind: str, tmp_path: Path) -> None:
    _tried(kind, tmp_path, MANY)
