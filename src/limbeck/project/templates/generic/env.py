from logging.config import fileConfig

from sqlalchemy import engine_from_config, pool

from alembic import context

# The configuration in use.
config = context.config

# Configure logging from the ini file.
if config.config_file_name is not None:
    # keep existing loggers, such as those of your application
    fileConfig(config.config_file_name, disable_existing_loggers=False)

# The MetaData of your models, for --autogenerate:
#     from myapp.models import Base
#     target_metadata = Base.metadata
target_metadata = None


def run_migrations_offline() -> None:
    """Write SQL instead of running it (--sql). The driver need not be installed."""
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )

    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    """Connect to the database and run the migrations."""
    connectable = engine_from_config(
        config.get_section(config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )

    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)

        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
