"""second

Revision ID: 0002
Revises: 0001
Create Date: today
"""

import sqlalchemy as sa
from limbeck import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP VIEW adult")
    op.rename_table("basket", "cart")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.alter_column(
            "name",
            existing_type=sa.VARCHAR(length=40),
            new_column_name="full_name",
            existing_nullable=False,
            existing_server_default=sa.text("'it''s'"),
        )

    with op.batch_alter_table("purchase_line", schema=None) as batch_op:
        batch_op.drop_constraint(None, type_="primary", says="PRIMARY KEY")
        batch_op.add_column(
            sa.Column(
                "position",
                sa.Integer(),
                server_default="1",
                autoincrement=False,
                nullable=False,
            ),
        )
        batch_op.create_primary_key(None, ["purchase_id", "product_id", "position"])

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_code"))
        batch_op.alter_column(
            "price",
            existing_type=sa.NUMERIC(precision=10, scale=2),
            type_=sa.Numeric(precision=12, scale=3),
            nullable=False,
            existing_server_default=sa.text("0"),
        )
        batch_op.alter_column(
            "state",
            existing_type=sa.VARCHAR(length=5),
            server_default="ready",
            existing_nullable=True,
        )
        batch_op.create_index("ix_product_state_code", ["state", "code"], unique=False)
        batch_op.create_check_constraint("ck_product_price", "price >= 0")

    op.create_table(
        "supplier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["supplier.id"], name="fk_supplier_parent"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_supplier_product"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_purchase_customer"), type_="foreignkey")

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_customer_age"), type_="check")
        batch_op.drop_index(batch_op.f("ix_customer_created_at"))
        batch_op.drop_constraint(batch_op.f("uq_customer_email"), type_="unique")
        # customer.country is NOT NULL and has no default: existing rows get 'NL', as
        # given.
        batch_op.add_column(
            sa.Column(
                "country",
                sa.String(length=2),
                server_default=sa.text("'NL'"),
                nullable=False,
            ),
        )
        batch_op.alter_column(
            "country",
            existing_type=sa.String(length=2),
            server_default=None,
            existing_nullable=False,
        )
        batch_op.alter_column(
            "full_name",
            existing_type=sa.VARCHAR(length=40),
            type_=sa.String(length=80),
            existing_nullable=False,
            existing_server_default=sa.text("'it''s'"),
        )
        batch_op.alter_column(
            "email", existing_type=sa.VARCHAR(length=120), nullable=True
        )
        batch_op.alter_column(
            "age",
            existing_type=sa.SMALLINT(),
            type_=sa.Integer(),
            existing_nullable=True,
        )
        batch_op.alter_column(
            "is_active",
            existing_type=sa.BOOLEAN(),
            server_default=None,
            existing_nullable=False,
        )
        batch_op.create_unique_constraint("uq_customer_email", ["email", "country"])
        batch_op.create_index(
            "ix_customer_created_at", ["created_at", "country"], unique=False
        )
        batch_op.create_check_constraint("ck_customer_age", "age >= 16")

    op.add_column("purchase", sa.Column("total", sa.Integer(), nullable=True))
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_purchase_note"), sqlite_where=sa.text("note <> ''")
        )
        batch_op.add_column(
            sa.Column(
                "double_total",
                sa.Integer(),
                sa.Computed("total * 2", persisted=True),
                nullable=True,
            ),
        )
        batch_op.drop_column("note")
        batch_op.create_index(
            batch_op.f("ix_purchase_customer_id"), ["customer_id"], unique=False
        )
        batch_op.create_foreign_key(
            "fk_purchase_customer",
            "customer",
            ["customer_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("setting", schema=None) as batch_op:
        batch_op.alter_column(
            "value", existing_type=sa.TEXT(), server_default="", nullable=False
        )

    op.drop_table("old_log")
    op.execute("CREATE VIEW adult AS SELECT id, full_name FROM customer WHERE age > 17")


def downgrade() -> None:
    op.execute("DROP VIEW adult")
    op.create_table(
        "old_log",
        sa.Column("id", sa.INTEGER(), nullable=False),
        sa.Column("line", sa.TEXT(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("setting", schema=None) as batch_op:
        batch_op.alter_column(
            "value", existing_type=sa.TEXT(), server_default=None, nullable=True
        )

    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.drop_constraint("fk_purchase_customer", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_purchase_customer_id"))
        batch_op.add_column(sa.Column("note", sa.VARCHAR(length=200), nullable=True))
        batch_op.drop_column("double_total")
        batch_op.create_index(
            batch_op.f("ix_purchase_note"),
            ["note"],
            unique=False,
            sqlite_where=sa.text("note <> ''"),
        )

    op.drop_column("purchase", "total")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_constraint("ck_customer_age", type_="check")
        batch_op.drop_index("ix_customer_created_at")
        batch_op.drop_constraint("uq_customer_email", type_="unique")
        batch_op.alter_column(
            "is_active",
            existing_type=sa.BOOLEAN(),
            server_default=sa.text("1"),
            existing_nullable=False,
        )
        batch_op.alter_column(
            "age",
            existing_type=sa.Integer(),
            type_=sa.SMALLINT(),
            existing_nullable=True,
        )
        batch_op.alter_column(
            "email", existing_type=sa.VARCHAR(length=120), nullable=False
        )
        batch_op.alter_column(
            "full_name",
            existing_type=sa.String(length=80),
            type_=sa.VARCHAR(length=40),
            existing_nullable=False,
            existing_server_default=sa.text("'it''s'"),
        )
        batch_op.drop_column("country")
        batch_op.create_unique_constraint(batch_op.f("uq_customer_email"), ["email"])
        batch_op.create_index(
            batch_op.f("ix_customer_created_at"), ["created_at"], unique=False
        )
        batch_op.create_check_constraint(batch_op.f("ck_customer_age"), "age >= 18")

    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_purchase_customer"), "customer", ["customer_id"], ["id"]
        )

    op.drop_table("supplier")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_constraint("ck_product_price", type_="check")
        batch_op.drop_index("ix_product_state_code")
        batch_op.alter_column(
            "state",
            existing_type=sa.VARCHAR(length=5),
            server_default=sa.text("'draft'"),
            existing_nullable=True,
        )
        batch_op.alter_column(
            "price",
            existing_type=sa.Numeric(precision=12, scale=3),
            type_=sa.NUMERIC(precision=10, scale=2),
            nullable=True,
            existing_server_default=sa.text("0"),
        )
        batch_op.create_index(batch_op.f("ix_product_code"), ["code"], unique=True)

    with op.batch_alter_table("purchase_line", schema=None) as batch_op:
        batch_op.drop_constraint(None, type_="primary", says="PRIMARY KEY")
        batch_op.drop_column("position")
        batch_op.create_primary_key(None, ["purchase_id", "product_id"])

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.alter_column(
            "full_name",
            existing_type=sa.VARCHAR(length=40),
            new_column_name="name",
            existing_nullable=False,
            existing_server_default=sa.text("'it''s'"),
        )

    op.rename_table("cart", "basket")
    op.execute("CREATE VIEW adult AS SELECT id, name FROM customer WHERE age > 17")
