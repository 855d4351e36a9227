"""first

Revision ID: 0001
Revises: <base>
Create Date: today
"""

import sqlalchemy as sa
from sqlalchemy.dialects import oracle

from limbeck import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_sequence("ticket_number", start=100)
    op.create_table(
        "basket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), server_default="it's", nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("age", sa.SmallInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=True,
        ),
        sa.CheckConstraint("age >= 18", name="ck_customer_age"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email", name="uq_customer_email"),
        comment="who buys",
    )
    op.create_index("ix_customer_created_at", "customer", ["created_at"], unique=False)
    op.create_table(
        "old_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column(
            "price",
            sa.Numeric(precision=10, scale=2),
            server_default=sa.text("0"),
            nullable=True,
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="as printed"),
        sa.Column("picture", sa.LargeBinary(length=100), nullable=True),
        sa.Column(
            "state",
            sa.Enum("draft", "sold", name="product_state"),
            server_default="draft",
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_product_code", "product", ["code"], unique=True)
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_purchase_customer"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "purchase_line",
        sa.Column(
            "purchase_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_line_product"),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name="fk_line_purchase",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("purchase_id", "product_id", name="pk_purchase_line"),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), sa.Identity(always=False, on_null=True), nullable=False),
        sa.Column(
            "amount",
            oracle.NUMBER(precision=10, scale=2, asdecimal=True),
            nullable=True,
        ),
        sa.Column("title", oracle.VARCHAR2(length=30), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        oracle_compress=True,
    )


def downgrade() -> None:
    op.drop_table("room")
    op.drop_table("purchase_line")
    op.drop_table("purchase")
    op.drop_index("ix_product_code", table_name="product")
    op.drop_table("product")
    op.drop_table("old_log")
    op.drop_index("ix_customer_created_at", table_name="customer")
    op.drop_table("customer")
    op.drop_table("basket")
    op.drop_sequence("ticket_number")
