"""Warnings of a draft about existing rows, and values that are copied before they are dropped."""

from __future__ import annotations

import logging
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import commands
from limbeck.errors import LimbeckError
from limbeck.project import Project
from tests.cases.autogenerate.builders import Pair, models, table
from tests.conftest import MYSQL_FAMILY
from tests.databases.pairs.harness import Stage
from tests.servers import Database

Draft = Callable[..., "Drafted"]


class Drafted:
    """A draft: its project, its text and what was logged."""

    def __init__(self, project: Project, path: Path, log: str) -> None:
        self.project = project
        self.path = path
        self.log = log

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.path.read_text("utf-8")

    def upgrade(self) -> None:
        """Run the file."""
        commands.upgrade(self.project, commands.MoveRequest("head"))

    def downgrade(self) -> None:
        """Run the way back."""
        commands.downgrade(self.project, commands.MoveRequest("base"))


@pytest.fixture
def on(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database, tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def draft(on: Stage, caplog: pytest.LogCaptureFixture) -> Draft:
    def draft(
        old: sa.MetaData, new: sa.MetaData, rows: dict[str, Any], **given_answers: Any
    ) -> Drafted:
        on.create(old, Pair("draft", old, old))
        with on.engine.begin() as connection:
            for name, values in rows.items():
                connection.execute(old.tables[name].insert(), values)
        project = on.project(new, {})
        answers = commands.UserAnswers(**{"policy": "never", **given_answers})
        caplog.set_level(logging.INFO)
        caplog.clear()
        made = commands.revision(
            project, commands.RevisionRequest("one", autogenerate=True, answers=answers)
        )
        return Drafted(project, Path(str(made.revisions[0].path)), caplog.text)

    return draft


def _scalars(on: Stage, sql: str) -> list[Any]:
    with on.engine.connect() as connection:
        return list(connection.exec_driver_sql(sql).scalars())


def addresses(*, is_own: bool) -> sa.MetaData:
    """Return models of people, whose street moves to a table of its own."""
    street = sa.Column("street", sa.String(40))
    person = sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40))
    if not is_own:
        return models(("person", *person, street))
    return models(
        ("address", sa.Column("id", sa.Integer, primary_key=True), street),
        ("person", *person,
         sa.Column("address_id", sa.Integer, sa.ForeignKey("address.id", name="fk_a"))),
    )  # fmt: skip


@pytest.mark.parametrize("is_back", [False, True])
def test_values_can_be_copied_before_they_are_dropped(
    on: Stage, draft: Draft, is_back: bool
) -> None:
    rows: dict[str, Any] = {"person": [{"id": 1, "name": "Ada", "street": "Row 1"}]}
    copy = (
        "INSERT INTO address (id, street) SELECT id, street FROM person",
        "UPDATE person SET address_id = id",
    )
    query = "SELECT street FROM address"
    if is_back:
        rows = {
            "address": [{"id": 1, "street": "Row 1"}],
            "person": [{"id": 1, "name": "Ada", "address_id": 1}],
        }
        copy = ("UPDATE person SET street = (SELECT street FROM address WHERE id = address_id)",)
        query = "SELECT street FROM person"
    made = draft(addresses(is_own=is_back), addresses(is_own=not is_back), rows)
    lines = made.text.splitlines()
    place = max(at for at, line in enumerate(lines[: _end(lines)]) if "add_column(" in line)
    lines[place + 1 : place + 1] = [f'    op.execute("{sql}")' for sql in copy]
    made.path.write_text("\n".join(lines), "utf-8")
    made.upgrade()
    assert _scalars(on, query) == ["Row 1"]


def _end(lines: list[str]) -> int:
    return next(at for at, line in enumerate(lines) if line.startswith("def downgrade"))


def test_a_column_moves_from_one_table_to_another(draft: Draft) -> None:
    def on_table(name: str) -> sa.MetaData:
        return models(*(
            (each, sa.Column("id", sa.Integer, primary_key=True), sa.Column("kept", sa.Integer),
             *([sa.Column("street", sa.String(40))] if each == name else []))
            for each in ("a", "b")
        ))  # fmt: skip

    for old, new in (("a", "b"), ("b", "a")):
        text = draft(on_table(old), on_table(new), {}).text.partition("def downgrade")[0]
        assert text.index("add_column(") < text.index("drop_column(")


def test_texts_that_are_no_numbers_are_reported(on: Stage, draft: Draft) -> None:
    if on.kind == "sqlite":
        pytest.skip("SQLite does not enforce the types of columns")
    values = ["2 kg", "3", " 4.5 ", None, "123456"]
    rows = {"t": [{"id": at, "x": value} for at, value in enumerate(values, 1)]}
    before = table(sa.Column("x", sa.String(20)))
    log = draft(before, table(sa.Column("x", sa.Numeric(5, 2))), rows).log
    assert re.search(r"makes t\.x (NUMERIC|DECIMAL)\(5, 2\), which 2 values do not fit into", log)
    assert "Cannot read the rows" not in log
    log = draft(before, table(sa.Column("x", sa.Integer)), rows).log
    assert "which 2 values do not fit into" in log
    log = draft(before, table(sa.Column("x", sa.SmallInteger)), rows).log
    assert "which 3 values do not fit into" in log


def test_values_with_a_cast_expression_are_not_checked(on: Stage, draft: Draft) -> None:
    if on.kind != "postgresql":
        pytest.skip("only PostgreSQL converts with an expression")
    rows = {"t": [{"id": 1, "x": "2 kg"}]}
    casts = ("t.x=split_part(x, ' ', 1)::numeric",)
    made = draft(table(sa.Column("x", sa.String(20))), table(sa.Column("x", sa.Numeric(5, 2))),
                 rows, casts=casts)  # fmt: skip
    assert "does not fit" not in made.log
    made.upgrade()


def test_generated_columns_hold_no_data(on: Stage, draft: Draft) -> None:
    before = table(
        sa.Column("a", sa.Integer), sa.Column("b", sa.Integer, sa.Computed("a + 1", persisted=True))
    )
    made = draft(before, table(sa.Column("a", sa.Integer)), {"t": [{"id": 1, "a": 1}]})
    assert "drop_column" in made.text
    assert "drops column" not in made.log


def test_rows_that_violate_a_new_check_are_reported(draft: Draft) -> None:
    before = table(sa.Column("x", sa.Integer))
    after = table(
        sa.Column("x", sa.Integer), sa.Column("y", sa.Integer),
        sa.CheckConstraint("x > 1", name="ck_x"), sa.CheckConstraint("y > 1", name="ck_y"),
    )  # fmt: skip
    rows = {"t": [{"id": at, "x": at} for at in range(1, 4)]}
    log = draft(before, after, rows).log
    assert log.count("adds a check to t that 1 row does not meet: the statement will fail") == 1


def test_rows_with_a_removed_enum_value_are_reported(on: Stage, draft: Draft) -> None:
    def moods(*values: str, is_checked: bool = False) -> sa.MetaData:
        return table(sa.Column("mood", sa.Enum(*values, name="mood", create_constraint=is_checked)))

    rows = {"t": [{"id": 1, "mood": "sad"}, {"id": 2, "mood": "ok"}, {"id": 3, "mood": "sad"}]}
    expected = {
        "postgresql": "removes 'sad', which 2 rows of t.mood have: the statement will fail",
        "sqlite": "leaves 2 rows of t.mood with a value that the models lack",
        "mariadb": "which 2 values do not fit into",
        "mysql": "which 2 values do not fit into",
    }
    log = draft(moods("sad", "ok"), moods("ok"), rows).log
    assert expected[on.kind] in log
    answer = "mood.sad=ok" if on.kind == "postgresql" else "t.mood.VALUE=ok"
    assert f"--replace {answer} gives these rows another value" in log
    assert ("where VALUE is the value that they have now" in log) == ("VALUE" in answer)
    if on.kind != "sqlite":
        return
    checked = moods("sad", "ok", is_checked=True), moods("ok", is_checked=True)
    assert "adds a check to t that 2 rows do not meet" in draft(*checked, rows).log
    for old, new in ((moods("sad", "ok"), moods("ok")), checked):
        made = draft(old, new, rows, values=("mood.sad=ok",))
        assert "do not meet" not in made.log
        made.upgrade()
        assert _scalars(on, "SELECT mood FROM t") == ["ok"] * 3


def test_a_fill_removes_the_warning(draft: Draft) -> None:
    before = table(sa.Column("x", sa.Integer))
    after = table(sa.Column("x", sa.Integer, nullable=False))
    rows = {"t": [{"id": 1}]}
    log = draft(before, after, rows).log
    assert (
        'makes t.x NOT NULL, but 1 row has no value: the statement will fail; --fill "t.x=SQL"'
        in log
    )
    made = draft(before, after, rows, fills=("t.x=7",))
    assert "no value" not in made.log
    made.upgrade()


@pytest.mark.parametrize("value", ["new", "o'clock", 'a "$b"'])
@pytest.mark.parametrize("was_text", [False, True])
def test_the_advice_for_an_enum_works_as_printed(
    on: Stage, draft: Draft, value: str, was_text: bool
) -> None:
    kind = sa.Enum(value, "old", name="kind")
    before = table(sa.Column("x", sa.String(20) if was_text else kind))
    after = table(sa.Column("x", kind, nullable=False))
    rows = {"t": [{"id": 1}]}
    log = draft(before, after, rows).log
    (option,) = re.findall(r"will fail; (--fill .*) gives existing rows a value", log)
    word, answer = shlex.split(option)
    assert word == "--fill"
    if on.kind == "sqlite" and not was_text:  # the database does not know the values
        assert answer == "t.x=SQL"
        return
    made = draft(before, after, rows, fills=(answer,))
    assert "no value" not in made.log
    made.upgrade()
    assert _scalars(on, "SELECT x FROM t") == [value]


@pytest.mark.parametrize("other", ["a", "other"])
@pytest.mark.parametrize("is_text", [False, True])
def test_rows_get_the_replacement_and_their_old_value_on_downgrade(
    on: Stage, draft: Draft, other: str, is_text: bool
) -> None:
    def kinds(*values: str) -> sa.MetaData:
        kind = sa.Enum(*values, name="kind", native_enum=not is_text, create_constraint=True)
        return table(sa.Column("x", kind))

    new = tuple(dict.fromkeys(("a", other)))
    rows = {"t": [{"id": 1, "x": "a"}, {"id": 2, "x": "b"}]}
    made = draft(kinds("a", "b"), kinds(*new), rows, values=(f"kind.b={other}",))
    assert "fit" not in made.log
    assert "statement will fail" not in made.log
    made.upgrade()
    query = "SELECT x FROM t ORDER BY id"
    assert _scalars(on, query) == ["a", other]
    made.downgrade()
    # a value that was there before stays: nobody knows which rows had another one
    assert _scalars(on, query) == ["a", "b" if other == "other" else "a"]


def test_an_unknown_replacement_value_is_refused(draft: Draft) -> None:
    def kinds(*values: str) -> sa.MetaData:
        return table(sa.Column("x", sa.Enum(*values, name="kind", create_constraint=True)))

    with pytest.raises(LimbeckError, match="the type has no such value") as caught:
        draft(kinds("a", "b"), kinds("a"), {}, values=("kind.b=z",))
    assert caught.value.code == "LB442"
    with pytest.raises(LimbeckError, match=r"kinds\.b does not match") as caught:
        draft(kinds("a", "b"), kinds("a"), {}, values=("kinds.b=a",))
    assert "did you mean kind.b?" in str(caught.value.hint)


def test_new_columns_that_the_server_fills_are_not_reported(on: Stage, draft: Draft) -> None:
    if on.kind not in MYSQL_FAMILY:
        pytest.skip("only MariaDB and MySQL fill new columns")
    old = table(sa.Column("x", sa.Integer))
    new = table(
        sa.Column("x", sa.Integer),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("d", sa.DateTime, nullable=False),
    )
    made = draft(old, new, {"t": [{"id": 1}]})
    with on.engine.connect() as connection:
        mode = str(connection.exec_driver_sql("SELECT @@sql_mode").scalar())
    assert "adds t.n NOT NULL" not in made.log
    assert ("adds t.d NOT NULL without a default" in made.log) == ("NO_ZERO_DATE" in mode)
    assert "t.n is NOT NULL and has no default: existing rows get the implicit" in made.text


def test_a_dropped_table_is_recreated_with_unnamed_checks(on: Stage, draft: Draft) -> None:
    if on.kind not in MYSQL_FAMILY:
        pytest.skip("other databases do not number the names of checks")
    kept = "kept", sa.Column("id", sa.Integer, primary_key=True)
    checks = [sa.CheckConstraint(f"x {end}") for end in ("> 0", "< 90")]
    checks.append(sa.CheckConstraint("x <> 7", name="not_seven"))
    old = models(kept, ("t", sa.Column("x", sa.Integer), *checks))
    names = (
        "SELECT constraint_name FROM information_schema.check_constraints"
        " WHERE constraint_schema = DATABASE() ORDER BY 1"
    )
    made = draft(old, models(("kept", sa.Column("id", sa.Integer, primary_key=True))), {})
    before = _scalars(on, names)
    for name in before:
        assert (name in made.text) == (name == "not_seven")
    made.upgrade()
    made.downgrade()
    assert _scalars(on, names) == before
