"""The modules that run migrations, under Alembic's names."""
