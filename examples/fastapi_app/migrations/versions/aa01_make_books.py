"""make books

Revision ID: aa01
Revises:
"""

import sqlalchemy as sa

from limbeck import op

revision = "aa01"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "book",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(length=200), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("book")
