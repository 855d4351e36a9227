"""One entry for each project: what to install, the folder of its migrations, the oldest downgrade."""

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
        shuffled: the order of columns that copies by Alembic leave on SQLite changes from run
            to run, so that it says nothing.
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
    shuffled: bool = False
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

# a copy by Alembic forgets the direction of a column of an index, the name of a new primary key
# and a foreign key that is dropped and created again in one block
AIRFLOW = (
    ("ON task_reschedule (ti_id, id)", "ON task_reschedule (ti_id, id DESC)"),
    ("dataset_alias_dataset_pkey PRIMARY KEY (alias_id, asset_id)",
     "asset_alias_asset_pkey PRIMARY KEY (alias_id, asset_id)"),
    ("""  CONSTRAINT dsar_pkey PRIMARY KEY (dataset_id, dag_id)
  CONSTRAINT dsdr_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
""",
     """  CONSTRAINT dsdr_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
  CONSTRAINT dsdr_dataset_fkey FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE
  CONSTRAINT dsdr_pkey PRIMARY KEY (dataset_id, dag_id)
"""),
    ("""  CONSTRAINT assetdagrunqueue_pkey PRIMARY KEY (dataset_id, target_dag_id)
  CONSTRAINT ddrq_dag_fkey FOREIGN KEY(target_dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
""",
     """  CONSTRAINT datasetdagrunqueue_pkey PRIMARY KEY (dataset_id, target_dag_id)
  CONSTRAINT ddrq_dag_fkey FOREIGN KEY(target_dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
  CONSTRAINT ddrq_dataset_fkey FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE
"""),
    ("""  CONSTRAINT toar_pkey PRIMARY KEY (dataset_id, dag_id, task_id)
  CONSTRAINT todr_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
""",
     """  CONSTRAINT todr_dag_id_fkey FOREIGN KEY(dag_id) REFERENCES dag (dag_id) ON DELETE CASCADE
  CONSTRAINT todr_dataset_fkey FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE
  CONSTRAINT todr_pkey PRIMARY KEY (dataset_id, dag_id, task_id)
"""),
)  # fmt: skip

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
        corrected=AIRFLOW,
        shuffled=True,
        environment=(
            ("AIRFLOW_HOME", "{home}/airflow"),
            ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "{url}"),
            ("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR"),
        ),
    ),
)
