"""What runs migrations, under Alembic's names."""
