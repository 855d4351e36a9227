"""One entry for each project: what to install, where its migrations lie, how far back it goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Project:
    """A distribution that carries a migration tree.

    Attributes:
        requirements: what is installed, as given to the installer.
        location: the folder of env.py inside site-packages.
        ini: its configuration file inside site-packages.
        databases: where its migrations run.
        back_to: a revision that its own downgrades reach; None where they reach none.
        prepare: Python code that makes what the first revision expects; `URL` is bound.
        begin: the command that makes the newest schema.
        environment: variables, with `{url}` and `{home}` filled in.
        corrected: texts of the schema that Alembic leaves on SQLite, and what limbeck leaves;
            the page on coming from Alembic says why.
        extras_of: read the requirements of this extra from the installed distribution.
    """

    name: str
    requirements: tuple[str, ...]
    location: str
    ini: str
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    back_to: str | None = "base"
    prepare: str | None = None
    begin: tuple[str, ...] = ("alembic", "upgrade", "head")
    environment: tuple[tuple[str, str], ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    extras_of: tuple[str, str] | None = None


# its env.py takes the connection from the program that drives it
DAGSTER_UPGRADE = """
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from dagster import DagsterInstance
from dagster._core.storage.migration.utils import upgrading_instance

config = Config("alembic.ini")
address = config.get_main_option("sqlalchemy.url")
engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")  # as Dagster does
with DagsterInstance.ephemeral() as instance, upgrading_instance(instance):
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
"""
MLFLOW = (
    *("mlflow-skinny==3.17.2", "SQLAlchemy>=2,<3", "pandas", "numpy"),
    *("flask", "flask-wtf", "aiohttp"),
)

PROJECTS = (
    Project(
        "optuna",
        ("optuna==5.0.0",),
        "optuna/storages/_rdb/alembic",
        "optuna/storages/_rdb/alembic.ini",
        back_to="v3.0.0.c",
    ),
    Project(
        "jupyterhub",
        ("jupyterhub==6.1.1", "SQLAlchemy==2.0.*"),
        "jupyterhub/alembic",
        "jupyterhub/alembic.ini",
        prepare="from jupyterhub import orm; orm.new_session_factory(URL)",
        back_to="3c2384c5aae1",
    ),
    Project(
        "mlflow",
        MLFLOW,
        "mlflow/store/db_migrations",
        "mlflow/store/db_migrations/alembic.ini",
        prepare=(
            "from sqlalchemy import create_engine\n"
            "from mlflow.store.tracking.dbmodels.initial_models import Base\n"
            "Base.metadata.create_all(create_engine(URL))"
        ),
        back_to=None,
    ),
    Project(
        "mlflow-auth",
        MLFLOW,
        "mlflow/server/auth/db/migrations",
        "mlflow/server/auth/db/migrations/alembic.ini",
    ),
    Project(
        "dagster",
        ("dagster==1.13.27", "dagster-postgres"),
        "dagster/_core/storage/alembic",
        "dagster_postgres/alembic/alembic.ini",
        databases=("postgresql",),
        prepare=(
            "import sqlalchemy as sa\n"
            "from dagster._core.storage.event_log import SqlEventLogStorageMetadata as a\n"
            "from dagster._core.storage.runs import RunStorageSqlMetadata as b\n"
            "from dagster._core.storage.schedules import ScheduleStorageSqlMetadata as c\n"
            "e = sa.create_engine(URL)\n"
            # no revision makes the first tables; what later ones add is taken out again
            "for m in (a, b, c):\n"
            "    for t in m.tables.values(): t.indexes.clear()\n"
            "    m.create_all(e)"
        ),
        begin=(
            "python",
            "-c",
            DAGSTER_UPGRADE,
        ),
        back_to=None,
    ),
    Project(
        "ckan",
        ("ckan==2.12.0",),
        "ckan/migration",
        "ckan/migration/alembic.ini",
        databases=("postgresql",),
        back_to=None,
        extras_of=("ckan", "requirements"),
    ),
    Project(
        "nova",
        ("nova==34.0.0",),
        "nova/db/main/migrations",
        "nova/db/main/alembic.ini",
        databases=("sqlite", "mariadb"),
        back_to=None,
    ),
    Project(
        "nova-api",
        ("nova==34.0.0",),
        "nova/db/api/migrations",
        "nova/db/api/alembic.ini",
        databases=("sqlite", "mariadb"),
        back_to=None,
    ),
    Project(
        "airflow",
        ("apache-airflow-core==3.3.2", "asyncpg", "aiosqlite"),
        "airflow/migrations",
        "airflow/alembic.ini",
        back_to="4bc4d934e2bc",
        corrected=(
            # a copy by Alembic forgets the direction and the new name that the file asks for
            ("ON task_reschedule (ti_id, id)", "ON task_reschedule (ti_id, id DESC)"),
            (
                "dataset_alias_dataset_pkey PRIMARY KEY (alias_id, asset_id)",
                "asset_alias_asset_pkey PRIMARY KEY (alias_id, asset_id)",
            ),
            # a block that adds and drops: limbeck leaves the others where they are
            (
                "created_at TIMESTAMP NOT NULL\n  type VARCHAR(20) NOT NULL",
                (
                    "created_at TIMESTAMP NOT NULL\n  priority_weight INTEGER NOT NULL\n"
                    "  type VARCHAR(20) NOT NULL"
                ),
            ),
            (
                "id CHAR(32) NOT NULL\n  priority_weight INTEGER NOT NULL\n",
                "id CHAR(32) NOT NULL\n",
            ),
            (
                (
                    "fileloc_hash BIGINT\n  last_updated TIMESTAMP NOT NULL\n"
                    "  source_code TEXT NOT NULL\n"
                ),
                (
                    "last_updated TIMESTAMP NOT NULL\n  source_code TEXT NOT NULL\n"
                    "  fileloc_hash BIGINT\n"
                ),
            ),
        ),
        environment=(
            ("AIRFLOW_HOME", "{home}/airflow"),
            ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "{url}"),
            ("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR"),
        ),
    ),
)
