import logging
import re
from logging.config import fileConfig

from sqlalchemy import engine_from_config, pool

from alembic import context

# The configuration in use.
config = context.config

# Configure logging from the ini file.
if config.config_file_name is not None:
    # keep existing loggers, such as those of your application
    fileConfig(config.config_file_name, disable_existing_loggers=False)
logger = logging.getLogger("alembic.env")

# The sections of the ini file that describe the databases.
db_names = [name for name in re.split(r",\s*", config.get_main_option("databases") or "") if name]

# The MetaData of each database's models, for --autogenerate:
#     from myapp import billing, users
#     target_metadata = {"engine1": users.Base.metadata, "engine2": billing.Base.metadata}
target_metadata = {}


def run_migrations_offline() -> None:
    """Write SQL instead of running it (--sql), to one file for each database."""
    for name in db_names:
        logger.info("Migrating database %s", name)
        path = f"{name}.sql"
        logger.info("Writing output to %s", path)
        with open(path, "w") as buffer:
            context.configure(
                url=context.config.get_section_option(name, "sqlalchemy.url"),
                output_buffer=buffer,
                target_metadata=target_metadata.get(name),
                literal_binds=True,
                dialect_opts={"paramstyle": "named"},
            )
            with context.begin_transaction():
                context.run_migrations(engine_name=name)


def run_migrations_online() -> None:
    """Run the migrations on every database; commit on all of them or on none."""
    # -x twophase=true uses two-phase commits, if the databases support them.
    two_phase = context.get_x_argument(as_dictionary=True).get("twophase") == "true"
    running = {}
    try:
        for name in db_names:
            engine = engine_from_config(
                context.config.get_section(name, {}),
                prefix="sqlalchemy.",
                poolclass=pool.NullPool,
            )
            connection = engine.connect()
            running[name] = (
                connection,
                connection.begin_twophase() if two_phase else connection.begin(),
            )

        for name, (connection, _) in running.items():
            logger.info("Migrating database %s", name)
            context.configure(
                connection=connection,
                upgrade_token=f"{name}_upgrades",
                downgrade_token=f"{name}_downgrades",
                target_metadata=target_metadata.get(name),
            )
            context.run_migrations(engine_name=name)

        if two_phase:
            for _, transaction in running.values():
                transaction.prepare()
        for _, transaction in running.values():
            transaction.commit()
    except:
        for _, transaction in running.values():
            transaction.rollback()
        raise
    finally:
        for connection, _ in running.values():
            connection.close()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
