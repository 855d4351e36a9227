"""Models compared with a replayed history, and the drafts of that tried on live servers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import commands, compat
from limbeck.errors import LimbeckError
from limbeck.project import Config, Project
from tests.servers import Database

ENV = """\
from limbeck import context

given = context.config.attributes
if context.is_offline_mode():
    context.configure(
        dialect_name=given["dialect"], target_metadata=given["models"], literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    with given["engine"].connect() as connection:
        context.configure(connection=connection, target_metadata=given["models"])
        with context.begin_transaction():
            context.run_migrations()
"""


def first() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("team", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "player",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False, server_default="it's"),
        sa.Column("mood", sa.Enum("sad", "ok", name="mood")),
        sa.Column("team_id", sa.ForeignKey("team.id")),
        sa.Column("born", sa.DateTime, server_default=sa.func.now()),
        sa.Column("size", sa.Integer),
        sa.UniqueConstraint("name"),
        sa.CheckConstraint("size > 0", name="ck_size"),
        sa.Index("ix_born", "born"),
    )
    return metadata


def second() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("team", metadata, sa.Column("id", sa.Integer, primary_key=True), comment="of eleven")
    sa.Table(
        "player",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("full_name", sa.String(60), nullable=False, server_default="it's"),
        sa.Column("mood", sa.Enum("sad", "ok", "merry", name="mood")),
        sa.Column("team_id", sa.ForeignKey("team.id", ondelete="CASCADE")),
        sa.Column("born", sa.DateTime),
        sa.UniqueConstraint("full_name"),
        sa.Index("ix_born", "born", "team_id"),
    )
    return metadata


@pytest.fixture
def project(database: Database, tmp_path: Path) -> Any:
    compat.install()
    home = tmp_path / "m"
    (home / "versions").mkdir(parents=True)
    (home / "env.py").write_text(ENV, "utf-8")
    template = Path(commands.__file__).parents[1] / "project/templates/generic/script.py.mako"
    (home / "script.py.mako").write_text(template.read_text("utf-8"), "utf-8")
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(home))
    config.attributes.update(engine=engine, dialect=engine.dialect.name, models=first())
    yield Project.from_config(config)
    engine.dispose()


def reloaded(project: Project, models: sa.MetaData | None = None) -> Project:
    if models is not None:
        project.config.attributes["models"] = models
    return Project.from_config(project.config)


def draft(project: Project, message: str, **answers: Any) -> str:
    ask = commands.RevisionRequest(
        message, autogenerate=True, offline=True, answers=commands.UserAnswers(**answers)
    )
    path = commands.revision(project, ask).revisions[0].path
    return Path(str(path)).read_text("utf-8")


def test_an_offline_draft_is_correct_on_the_server(project: Project) -> None:
    draft(project, "one")
    project = reloaded(project)
    assert commands.check(project, offline=True).differences == ()
    commands.upgrade(project, commands.MoveRequest("head"))
    assert commands.check(project).differences == ()
    project = reloaded(project, second())
    offline = different_objects(commands.check(project, offline=True))
    assert offline == different_objects(commands.check(project))
    assert any("player.full_name" in words for words in offline)
    text = draft(project, "two", renames=("player.name=player.full_name",))
    assert 'new_column_name="full_name"' in text
    project = reloaded(project)
    assert commands.check(project, offline=True).differences == ()
    commands.upgrade(project, commands.MoveRequest("head"))
    assert commands.check(project).differences == ()
    commands.downgrade(project, commands.MoveRequest("-1"))
    next((project.location / "versions").glob("*_two.py")).unlink()
    assert commands.check(reloaded(project, first())).differences == ()


def different_objects(checked: commands.CheckResult) -> set[str]:
    """Return the objects that differ, without values: a server can write a default differently."""
    return {words.partition(":")[0] for words in checked.differences}


def write(project: Project, id_: str, down: str | None, body: str) -> None:
    text = (
        f"from limbeck import op\nimport sqlalchemy as sa\nrevision = {id_!r}\n"
        f"down_revision = {down!r}\n\n\ndef upgrade():\n    {body}\n\n\ndef downgrade():\n    pass\n"
    )
    (project.location / "versions" / f"{id_}.py").write_text(text, "utf-8")


def test_raw_sql_is_reported(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    write(project, "a1", None, "op.execute('CREATE TABLE team (id INT PRIMARY KEY)')")
    write(project, "b2", "a1", "op.get_bind().execute(sa.text('SELECT 1'))")
    text = draft(reloaded(project), "one")
    for words in ("a1.py:8: raw SQL may do anything", "b2.py:8: SQL on the connection"):
        assert f"#   {words}" in text
        assert words in caplog.text
    assert 'op.create_table(\n        "team"' in text


def test_a_revision_that_reads_the_database_is_reported_with_file_and_line(
    project: Project,
) -> None:
    write(project, "a1", None, "print(op.get_bind().execute(sa.text('SELECT 1')).scalar())")
    with pytest.raises(LimbeckError, match="Revision a1 cannot be replayed") as caught:
        commands.check(reloaded(project), offline=True)
    assert caught.value.code == "LB450"
    assert str(caught.value.place).endswith("a1.py, line 8")


def test_a_contradictory_history_is_reported(project: Project) -> None:
    write(project, "a1", None, "op.drop_column('nowhere', 'x')")
    with pytest.raises(LimbeckError, match="There is no table 'nowhere'"):
        commands.check(reloaded(project), offline=True)


def test_offline_without_autogenerate_is_refused(project: Project) -> None:
    with pytest.raises(LimbeckError, match="no effect without --autogenerate"):
        commands.revision(project, commands.RevisionRequest("x", offline=True))
