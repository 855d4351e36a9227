"""second

Revision ID: 0002
Revises: 0001
Create Date: today
"""

from limbeck import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP VIEW areas")
    op.execute("CREATE VIEW areas AS SELECT id, name FROM area WHERE id > 2")
    op.insert_rows("area", [{"id": 3, "name": "Asia"}])
    op.update_rows("area", [{"id": 1, "name": "Évropa"}], key=["id"])
    op.delete_rows("area", [{"id": 2}])


def downgrade() -> None:
    op.insert_rows("area", [{"id": 2, "name": "it's 100% :us"}])
    op.update_rows("area", [{"id": 1, "name": "Europe"}], key=["id"])
    op.delete_rows("area", [{"id": 3}])
    op.execute("DROP VIEW areas")
    op.execute("CREATE VIEW areas AS SELECT id, name FROM area WHERE id > 1")
