"""Projects from PyPI that contain migrations, run by Alembic and by limbeck side by side."""
