"""Projects from PyPI that carry migrations, run by Alembic and by limbeck side by side."""
