"""Small projects that use a package which ships no tests: their files and commands."""

from __future__ import annotations

from dataclasses import dataclass

ENV = """
import os
from alembic import context
import sqlalchemy as sa
from models import metadata
{imports}
engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""
MAKO = '''"""${message}"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''


@dataclass(frozen=True)
class Story:
    """A project and the commands that are run in it.

    Attributes:
        models: models.py; the variable STAGE of the environment tells its versions apart.
        imports: additional code of env.py.
        commands: each with the stage at which it is run.
        files: further files.
    """

    name: str
    requirements: tuple[str, ...]
    models: str
    commands: tuple[tuple[int, str], ...]
    imports: str = ""
    files: tuple[tuple[str, str], ...] = ()


TWO_STAGES = (
    (1, "alembic revision --autogenerate -m one --rev-id aaaa"),
    (1, "alembic upgrade head"),
    (1, "alembic check"),
    (2, "alembic check"),
    (2, "alembic revision --autogenerate -m two --rev-id bbbb"),
    (2, "alembic upgrade head"),
    (2, "alembic check"),
    (2, "alembic downgrade -1"),
    (1, "alembic check"),
    (1, "alembic downgrade base"),
    (1, "alembic upgrade head"),
)
STORIES = (
    Story(
        "alembic-utils",
        ("alembic-utils==0.8.8", "SQLAlchemy==2.0.*", "psycopg2-binary"),
        """
import os
import sqlalchemy as sa
from alembic_utils.pg_extension import PGExtension
from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_grant_table import PGGrantTable
from alembic_utils.pg_materialized_view import PGMaterializedView
from alembic_utils.pg_policy import PGPolicy
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.pg_view import PGView

second = os.environ["STAGE"] == "2"
metadata = sa.MetaData()
sa.Table("people", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("name", sa.String(50), nullable=False))
touch = PGFunction("public", "touch()",
    "returns trigger as $$ begin return %s; end $$ language plpgsql" % ("new" if second else "old"))
entities = [
    touch,
    PGExtension("public", "citext"),
    PGView("public", "names", "select id, name from people" + (" where id > 0" if second else "")),
    PGMaterializedView("public", "counted", "select count(*) as n from people", with_data=True),
    PGTrigger("public", "touched", is_constraint=False, on_entity="public.people",
              definition="before update on public.people for each row "
                         "execute procedure public.touch()"),
    PGPolicy("public", "all_of_them", on_entity="people", definition="for all using (true)"),
]
if second:
    entities = entities[:4] + [PGFunction("public", "twice(n integer)",
        "returns integer as $$ select n * 2 $$ language sql")] + entities[4:5]
""",
        TWO_STAGES,
        "from alembic_utils.replaceable_entity import register_entities\n"
        "from models import entities\n"
        "register_entities(entities)",
    ),
    Story(
        "alembic-postgresql-enum",
        ("alembic-postgresql-enum==1.11.0", "psycopg2-binary"),
        """
import os
import sqlalchemy as sa

second = os.environ["STAGE"] == "2"
metadata = sa.MetaData()
mood = sa.Enum(*("sad", "fine", "glad") if second else ("sad", "ok", "glad", "wild"), name="mood")
size = sa.Enum("s", "m", "l", name="size")
columns = [sa.Column("mood", mood, nullable=False, server_default="sad")]
if second:
    columns.append(sa.Column("size", size))
    columns.append(sa.Column("sizes", sa.ARRAY(size)))
sa.Table("people", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
""",
        TWO_STAGES,
        "import alembic_postgresql_enum",
    ),
    Story(
        "alembic-autogen-check",
        ("alembic-autogen-check==1.1.1", "psycopg2-binary"),
        """
import os
import sqlalchemy as sa

metadata = sa.MetaData()
more = [sa.Column("age", sa.Integer)] if os.environ["STAGE"] == "2" else []
sa.Table("people", metadata, sa.Column("id", sa.Integer, primary_key=True), *more)
""",
        (
            (1, "alembic-autogen-check"),
            (1, "alembic revision --autogenerate -m one --rev-id aaaa"),
            (1, "alembic upgrade head"),
            (1, "alembic-autogen-check"),
            (2, "alembic-autogen-check"),
        ),
    ),
    Story(
        "pytest-alembic",
        ("pytest-alembic==0.13.1", "pytest==8.*", "psycopg2-binary"),
        """
import os
import sqlalchemy as sa

metadata = sa.MetaData()
more = [sa.Column("age", sa.Integer)] if os.environ["STAGE"] == "2" else []
sa.Table("people", metadata, sa.Column("id", sa.Integer, primary_key=True), *more)
""",
        (
            (1, "alembic revision --autogenerate -m one --rev-id aaaa"),
            (1, "pytest --test-alembic -q -rA --tb=no -p no:cacheprovider"),
            (2, "pytest --test-alembic -q -rA --tb=no -p no:cacheprovider"),
            (2, "pytest -q -rA --tb=no -p no:cacheprovider tests/test_of_ours.py"),
        ),
        files=(
            (
                "tests/conftest.py",
                """
import os
import pytest
import sqlalchemy as sa

@pytest.fixture
def alembic_config():
    return {"file": "alembic.ini"}

@pytest.fixture
def alembic_engine():
    engine = sa.create_engine(os.environ["URL"])
    yield engine
    engine.dispose()
""",
            ),
            (
                "tests/test_of_ours.py",
                """
def test_rows(alembic_runner, alembic_engine):
    alembic_runner.migrate_down_to("base")
    alembic_runner.migrate_up_before("aaaa")
    assert alembic_runner.current == "base"
    alembic_runner.migrate_up_one()
    alembic_runner.insert_into("people", {"id": 1})
    assert alembic_runner.heads == ["aaaa"]
    assert alembic_runner.history.revisions == ["base", "aaaa", "heads"]
    alembic_runner.migrate_down_one()
    assert alembic_runner.current == "base"
""",
            ),
        ),
    ),
)
