"""first

Revision ID: 0001
Revises: <base>
Create Date: today
"""

import sqlalchemy as sa
from limbeck import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute('CREATE VIEW "areas" AS SELECT id, name FROM area WHERE id > 1')
    op.insert_rows(
        "area", [{"id": 1, "name": "Europe"}, {"id": 2, "name": "it's 100% :us"}]
    )


def downgrade() -> None:
    op.execute('DROP VIEW "areas"')
    op.drop_table("area")
