"""Renames, fills and casts that are given by options, a file, the models or a policy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import commands
from limbeck.autogenerate import ValueQuestion
from limbeck.errors import LimbeckError
from limbeck.project import Project
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Stage
from tests.servers import Database


def people(*columns: sa.Column[Any], name: str = "people", **options: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), *columns, **options)
    return metadata


def before() -> sa.MetaData:
    return people(sa.Column("name", sa.String(40)), sa.Column("age", sa.String(10)))


def after(**info: Any) -> sa.MetaData:
    return people(sa.Column("full_name", sa.String(40), info=info), sa.Column("age", sa.String(10)))


class Scene:
    """A database made from models, with one row, and a project with other models."""

    def __init__(self, database: Database, folder: Path, old: sa.MetaData, row: Any) -> None:
        self.stage = Stage(database, folder)
        self.stage.create(old, Pair("scene", old, old))
        with self.stage.engine.begin() as connection:
            connection.execute(next(iter(old.tables.values())).insert().values(row))

    def project(self, new: sa.MetaData, **options: Any) -> Project:
        project = self.stage.project(new, {})
        for name, value in options.items():
            project.config.set_main_option(name, value)
        return Project.from_config(project.config)

    def draft(self, project: Project, **answers: Any) -> str:
        ask = commands.RevisionRequest(
            "one", autogenerate=True, answers=commands.UserAnswers(**answers)
        )
        written = commands.revision(project, ask)
        return Path(str(written.revisions[0].path)).read_text("utf-8")

    def upgraded(self, project: Project, sql: str) -> list[Any]:
        commands.upgrade(project, commands.MoveRequest("head"))
        with self.stage.engine.connect() as connection:
            return list(connection.exec_driver_sql(sql).scalars())

    def close(self) -> None:
        self.stage.engine.dispose()


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> Any:
    made = Scene(database, tmp_path, before(), {"name": "Ada", "age": "36"})
    yield made
    made.close()


NAMES = "SELECT full_name FROM people"


def test_a_likely_rename_is_asked_for_and_keeps_the_rows(scene: Scene) -> None:
    asked: list[tuple[str, str]] = []

    def yes(guess: Any) -> bool:
        asked.append((guess.old.name, guess.new.name))
        return True

    project = scene.project(after())
    text = scene.draft(project, ask=yes)
    assert asked == [("name", "full_name")]
    assert 'new_column_name="full_name"' in text
    assert "may have become" not in text
    assert scene.upgraded(project, NAMES) == ["Ada"]


def test_without_a_terminal_an_error_names_the_options(scene: Scene) -> None:
    project = scene.project(after())
    with pytest.raises(LimbeckError) as caught:
        scene.draft(project)
    assert caught.value.code == "LB441"
    hint = str(caught.value.hint)
    assert "--rename people.name=people.full_name" in hint
    assert "--no-rename people.name" in hint
    assert "--renames never" in hint
    assert not list(project.location.glob("versions/*.py"))
    assert len(commands.check(project).differences) == 2


def test_the_policy_never_drops_with_a_warning(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    text = scene.draft(scene.project(after()), policy="never")
    assert re.search(r"drop_column\([^)]*\"name\"\)", text)
    assert text.count("--rename people.name=people.full_name") == 1
    assert "--rename people.name=people.full_name" in caplog.text


def test_a_policy_guesses_or_refuses(scene: Scene) -> None:
    project = scene.project(after(), renames="error")
    with pytest.raises(LimbeckError) as caught:
        scene.draft(project)
    assert caught.value.code == "LB441"
    assert "people.name may have become people.full_name" in str(caught.value)
    assert not list(project.location.glob("versions/*.py"))
    text = scene.draft(project, renames=("people.name=",))
    assert re.search(r"drop_column\([^)]*\"name\"\)", text)
    assert "may have become" not in text
    guessed = scene.project(after(), renames="guess")
    assert 'new_column_name="full_name"' in scene.draft(guessed)
    assert scene.upgraded(guessed, NAMES) == ["Ada"]


def test_the_policy_never_does_not_warn_in_projects_of_alembic(scene: Scene) -> None:
    text = scene.draft(scene.project(after(), detect="alembic"))
    assert "drop_column('people', 'name')" in text
    assert "may have become" not in text


def test_hints_in_the_models_are_used_and_old_hints_are_ignored(scene: Scene) -> None:
    models = after(renamed_from="name")
    project = scene.project(models)
    assert 'new_column_name="full_name"' in scene.draft(project)
    assert scene.upgraded(project, NAMES) == ["Ada"]
    assert commands.check(project).is_empty


def test_a_table_is_renamed_by_a_hint_and_its_columns_too(scene: Scene) -> None:
    models = people(
        sa.Column("full_name", sa.String(40), info={"renamed_from": "name"}),
        sa.Column("age", sa.String(10)),
        name="persons",
        info={"renamed_from": "people"},
    )
    project = scene.project(models)
    text = scene.draft(project)
    assert 'rename_table("people", "persons")' in text
    assert scene.upgraded(project, "SELECT full_name FROM persons") == ["Ada"]


def test_a_file_of_answers_can_be_used_again(scene: Scene) -> None:
    models = after()
    models.tables["people"].append_column(sa.Column("height", sa.Integer, nullable=False))
    project = scene.project(models)
    (project.location / "answers.toml").write_text(
        '[renames]\n"people.name" = "people.full_name"\n"gone.table" = "long.ago"\n'
        '[fill]\n"people.height" = "100 + 70"\n',
        "utf-8",
    )
    text = scene.draft(project)
    assert 'new_column_name="full_name"' in text
    assert scene.upgraded(project, "SELECT height FROM people") == [170]
    assert commands.check(project).is_empty


def test_a_fill_gives_existing_rows_a_value(scene: Scene) -> None:
    models = before()
    models.tables["people"].append_column(sa.Column("height", sa.Integer, nullable=False))
    project = scene.project(models)
    scene.draft(project, fills=("people.height=2 * 3",))
    assert scene.upgraded(project, "SELECT height FROM people") == [6]


def test_a_fill_for_a_column_that_becomes_not_null(scene: Scene) -> None:
    with scene.stage.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO people (id, age) VALUES (7, '1')")
    models = people(
        sa.Column("name", sa.String(40), nullable=False), sa.Column("age", sa.String(10))
    )
    project = scene.project(models)
    with pytest.raises(LimbeckError) as caught:
        scene.draft(project, fills=("people.nme='x'",))
    assert (caught.value.code, caught.value.hint) == ("LB454", "did you mean people.name?")
    text = scene.draft(project, fills=("people.name='it''s 5%'",))
    assert "WHERE" in text
    sql = "SELECT name FROM people ORDER BY id"
    assert scene.upgraded(project, sql) == ["Ada", "it's 5%"]
    assert commands.check(project).is_empty
    commands.downgrade(project, commands.MoveRequest("base"))


def test_a_fill_for_a_new_nullable_column(scene: Scene) -> None:
    models = before()
    models.tables["people"].append_column(sa.Column("height", sa.Integer))
    project = scene.project(models)
    scene.draft(project, fills=("people.height=2 * 3",))
    assert scene.upgraded(project, "SELECT height FROM people") == [6]


def test_a_fill_uses_the_new_name_of_a_renamed_column(scene: Scene) -> None:
    models = people(
        sa.Column("full_name", sa.String(40), nullable=False), sa.Column("age", sa.String(10))
    )
    with scene.stage.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO people (id, age) VALUES (7, '1')")
    project = scene.project(models)
    scene.draft(project, renames=("people.name=full_name",), fills=("people.full_name=age",))
    assert scene.upgraded(project, f"{NAMES} ORDER BY id") == ["Ada", "1"]


def test_a_cast_is_used_on_postgresql_and_refused_elsewhere(scene: Scene) -> None:
    models = people(sa.Column("name", sa.String(40)), sa.Column("age", sa.Integer))
    project = scene.project(models)
    if scene.stage.kind != "postgresql":
        with pytest.raises(LimbeckError) as caught:
            scene.draft(project, casts=("people.age=age::integer + 1",))
        assert caught.value.code == "LB443"
        return
    text = scene.draft(project, casts=("people.age=age::integer + 1",))
    assert 'postgresql_using="age::integer + 1"' in text
    assert scene.upgraded(project, "SELECT age FROM people") == [37]


def test_values_of_an_enum_are_renamed_and_replaced(postgresql: Database, tmp_path: Path) -> None:
    def moods(*values: str) -> sa.MetaData:
        return people(sa.Column("mood", sa.Enum(*values, name="mood")))

    scene = Scene(postgresql, tmp_path, moods("sad", "ok", "merry"), {"id": 1, "mood": "sad"})
    try:
        with scene.stage.engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO people VALUES (2, 'merry')")
        project = scene.project(moods("ok", "glad"))
        for renames in (("mood.sad=nothing",), ("mood.merry=ok",), ("mood.ok=glad",)):
            with pytest.raises(LimbeckError) as caught:
                scene.draft(project, renames=renames)
            assert caught.value.code in {"LB440", "LB453"}
        with pytest.raises(LimbeckError, match="two names cannot become one"):
            scene.draft(project, renames=("mood.merry=glad", "mood.sad=mood.glad"))
        with pytest.raises(LimbeckError, match=r"mood\.sat does not match"):
            scene.draft(project, renames=("mood.merry=glad",), values=("mood.sat=ok",))
        wrong = ("mood.sad=nothing",)
        with pytest.raises(LimbeckError, match="no such value"):
            scene.draft(project, renames=("mood.merry=glad",), values=wrong)
        scene.draft(project, renames=("mood.merry=mood.glad",), values=("mood.sad=ok",))
        found = scene.upgraded(project, "SELECT mood::text FROM people ORDER BY id")
        assert found == ["ok", "glad"]
        assert commands.check(project).is_empty
    finally:
        scene.close()


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"fills": ("height",)}, "--fill 'height' is not valid"),
        ({"casts": ("x=1",)}, "--using 'x=1' is not valid"),
        ({"policy": "sometimes"}, "renames is 'sometimes'"),
        ({"renames": ("people.nose=people.full_name",)}, "does not match"),
        ({"renames": ("people.name=full_name", "people.age=full_name")}, "two names cannot"),
        ({"renames": ("people.name=people.full_name", "people.name=age")}, "one name cannot"),
        ({"renames": ("people.name=full_name", "people.name=")}, "contradict each other"),
        ({"renames": ("people.nose=",)}, "has no table or column 'people.nose'"),
        (
            {"fills": ("people.full_nam=1",), "policy": "never"},
            "--fill people.full_nam does not match",
        ),
        ({"casts": ("people.age=1",), "policy": "never"}, "--using people.age does not match"),
        ({"values": ("mood.sad=ok",), "policy": "never"}, "--replace mood.sad does not match"),
    ],
)
def test_invalid_answers_are_refused(
    sqlite: Database, tmp_path: Path, answers: dict[str, Any], message: str
) -> None:
    scene = Scene(sqlite, tmp_path, before(), {"name": "Ada"})
    project = scene.project(after())
    with pytest.raises(LimbeckError, match=message):
        scene.draft(project, **answers)
    assert not list(project.location.glob("versions/*.py"))
    scene.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[renames", "cannot be read"),
        ("[names]\na = 'b'", "'names' is not a table"),
        ("renames = 3", "'renames' is not a table"),
        ("[fill]\n'a.b' = 3", "fill.a.b is 3"),
    ],
)
def test_an_invalid_file_of_answers_is_refused(
    sqlite: Database, tmp_path: Path, text: str, message: str
) -> None:
    scene = Scene(sqlite, tmp_path, before(), {"name": "Ada"})
    project = scene.project(after())
    (project.location / "answers.toml").write_text(text, "utf-8")
    with pytest.raises(LimbeckError, match=message):
        scene.draft(project)
    scene.close()


def test_values_are_asked_for_once(scene: Scene) -> None:
    models = before()
    models.tables["people"].append_column(sa.Column("height", sa.Integer, nullable=False))
    asked: list[str] = []

    def answer(question: ValueQuestion) -> str:
        asked.append(question.text)
        assert question.choices == ()
        assert question.default in {"0", None}
        assert question.problem is not None
        for wrong in ("nowhere.at_all", "7; 8", "NULL", "(SELECT"):
            assert question.problem(wrong), wrong
        assert question.problem("3 + 4") is None
        return "7"

    project = scene.project(models)
    scene.draft(project, ask_value=answer)
    assert len(asked) == 1
    assert asked[0].startswith("people.height (int")
    assert scene.upgraded(project, "SELECT height FROM people") == [7]


def test_the_replacement_of_a_dropped_enum_value_is_asked_for(
    postgresql: Database, tmp_path: Path
) -> None:
    def moods(*values: str) -> sa.MetaData:
        return people(sa.Column("mood", sa.Enum(*values, name="mood")))

    scene = Scene(postgresql, tmp_path, moods("sad", "ok"), {"id": 1, "mood": "sad"})
    try:
        project = scene.project(moods("ok"))
        scene.draft(project, ask_value=lambda question: question.choices[0])
        assert scene.upgraded(project, "SELECT mood::text FROM people") == ["ok"]
    finally:
        scene.close()


def test_fills_in_a_project_of_alembic(scene: Scene) -> None:
    with scene.stage.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO people (id, age) VALUES (7, '1')")
    models = people(
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("age", sa.String(10)),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("weight", sa.Integer),
    )
    project = scene.project(models, detect="alembic")
    fills = ("people.name='it''s'", "people.height=160", "people.weight=7 * 9")
    text = scene.draft(project, fills=fills)
    if scene.stage.kind == "sqlite":  # Alembic writes no batch block
        assert "UPDATE people SET name" in text
        return
    sql = "SELECT name FROM people ORDER BY id"
    assert scene.upgraded(project, sql) == ["Ada", "it's"]
    assert scene.upgraded(project, "SELECT height + weight FROM people") == [223, 223]
    assert commands.check(project).is_empty
    commands.downgrade(project, commands.MoveRequest("base"))
