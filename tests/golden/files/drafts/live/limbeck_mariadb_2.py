"""second

Revision ID: 0002
Revises: 0001
Create Date: today
"""

import sqlalchemy as sa
from limbeck import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP VIEW `adult`")
    op.rename_table("basket", "cart")
    op.alter_column(
        "customer",
        "name",
        existing_type=mysql.VARCHAR(length=40),
        new_column_name="full_name",
        existing_nullable=False,
        existing_server_default=sa.text("'it''s'"),
    )
    op.create_table_comment(
        "customer", "who buys, by country", existing_comment="who buys", schema=None
    )
    op.drop_constraint(op.f("fk_line_purchase"), "purchase_line", type_="foreignkey")
    op.drop_constraint("PRIMARY", "purchase_line", type_="primary")
    op.add_column(
        "purchase_line",
        sa.Column(
            "position",
            sa.Integer(),
            server_default="1",
            autoincrement=False,
            nullable=False,
        ),
    )
    op.create_primary_key(
        "PRIMARY", "purchase_line", ["purchase_id", "product_id", "position"]
    )
    op.create_table_comment("room", "to sleep in", existing_comment=None, schema=None)
    op.drop_index(op.f("ix_room_title"), table_name="room", mysql_length={"title": 20})
    op.add_column(
        "room",
        sa.Column(
            "level", mysql.ENUM("low", "high"), server_default="low", nullable=True
        ),
    )
    op.alter_column(
        "room",
        "id",
        existing_type=mysql.INTEGER(display_width=10, unsigned=True),
        type_=mysql.BIGINT(unsigned=True),
        existing_nullable=False,
        existing_autoincrement=True,
    )
    op.alter_column(
        "room",
        "title",
        existing_type=mysql.VARCHAR(length=200),
        type_=sa.String(length=200, collation="utf8mb4_bin"),
        existing_nullable=True,
    )
    op.alter_column(
        "room",
        "changed_at",
        existing_type=mysql.TIMESTAMP(fsp=3),
        type_=mysql.TIMESTAMP(fsp=6),
        existing_nullable=True,
    )
    op.create_index(
        "ix_room_title",
        "room",
        ["title"],
        unique=False,
        mysql_prefix="FULLTEXT",
        mariadb_prefix="FULLTEXT",
    )
    op.drop_constraint(op.f("ix_product_code"), "product", type_="unique")
    op.alter_column(
        "product",
        "price",
        existing_type=mysql.DECIMAL(precision=10, scale=2),
        server_default=sa.text("0"),
        type_=sa.Numeric(precision=12, scale=3),
        nullable=False,
    )
    op.alter_column(
        "product",
        "description",
        existing_type=mysql.TEXT(),
        comment=None,
        existing_comment="as printed",
        existing_nullable=True,
    )
    op.alter_column(
        "product",
        "state",
        existing_type=mysql.ENUM("draft", "sold"),
        server_default="ready",
        type_=sa.Enum("draft", "ready", "sold", name="product_state"),
        existing_nullable=True,
    )
    op.create_index("ix_product_state_code", "product", ["state", "code"], unique=False)
    op.create_check_constraint("ck_product_price", "product", "price >= 0")
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
    op.drop_constraint(op.f("fk_purchase_customer"), "purchase", type_="foreignkey")
    op.drop_constraint(op.f("ck_customer_age"), "customer", type_="check")
    op.drop_index(op.f("ix_customer_created_at"), table_name="customer")
    op.drop_constraint(op.f("uq_customer_email"), "customer", type_="unique")
    # customer.country is NOT NULL and has no default: existing rows get 'NL', as
    # given.
    op.add_column(
        "customer",
        sa.Column(
            "country",
            sa.String(length=2),
            server_default=sa.text("'NL'"),
            nullable=False,
        ),
    )
    op.alter_column(
        "customer",
        "country",
        existing_type=sa.String(length=2),
        server_default=None,
        existing_nullable=False,
    )
    op.alter_column(
        "customer",
        "full_name",
        existing_type=mysql.VARCHAR(length=40),
        type_=sa.String(length=80),
        existing_nullable=False,
        existing_server_default=sa.text("'it''s'"),
    )
    op.alter_column(
        "customer", "email", existing_type=mysql.VARCHAR(length=120), nullable=True
    )
    op.alter_column(
        "customer",
        "age",
        existing_type=mysql.SMALLINT(display_width=6),
        type_=sa.Integer(),
        existing_nullable=True,
    )
    op.alter_column(
        "customer",
        "is_active",
        existing_type=mysql.TINYINT(display_width=1),
        server_default=None,
        existing_nullable=False,
    )
    op.create_unique_constraint("uq_customer_email", "customer", ["email", "country"])
    op.create_index(
        "ix_customer_created_at", "customer", ["created_at", "country"], unique=False
    )
    op.create_check_constraint("ck_customer_age", "customer", "age >= 16")
    op.add_column("purchase", sa.Column("total", sa.Integer(), nullable=True))
    op.add_column(
        "purchase",
        sa.Column(
            "double_total",
            sa.Integer(),
            sa.Computed("total * 2", persisted=True),
            nullable=True,
        ),
    )
    op.drop_column("purchase", "note")
    op.create_foreign_key(
        "fk_line_purchase",
        "purchase_line",
        "purchase",
        ["purchase_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.execute(
        "ALTER TABLE `purchase` RENAME INDEX `fk_purchase_customer` TO `ix_purchase_customer_id`",
    )
    op.create_foreign_key(
        "fk_purchase_customer",
        "purchase",
        "customer",
        ["customer_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.drop_table("old_log")
    op.execute(
        "CREATE TRIGGER trim_name BEFORE INSERT ON customer FOR EACH ROW SET NEW.full_name = trim(NEW.full_name)",
    )
    op.execute(
        "CREATE VIEW `adult` AS SELECT id, full_name FROM customer WHERE age > 17"
    )


def downgrade() -> None:
    op.execute("DROP VIEW `adult`")
    op.execute("DROP TRIGGER `trim_name`")
    op.create_table(
        "old_log",
        sa.Column(
            "id", mysql.INTEGER(display_width=11), autoincrement=True, nullable=False
        ),
        sa.Column("line", mysql.TEXT(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.drop_constraint("fk_purchase_customer", "purchase", type_="foreignkey")
    op.execute(
        "ALTER TABLE `purchase` RENAME INDEX `ix_purchase_customer_id` TO `fk_purchase_customer`",
    )
    op.drop_constraint("fk_line_purchase", "purchase_line", type_="foreignkey")
    op.add_column(
        "purchase", sa.Column("note", mysql.VARCHAR(length=200), nullable=True)
    )
    op.drop_column("purchase", "double_total")
    op.drop_column("purchase", "total")
    op.drop_constraint("ck_customer_age", "customer", type_="check")
    op.drop_index("ix_customer_created_at", table_name="customer")
    op.drop_constraint("uq_customer_email", "customer", type_="unique")
    op.alter_column(
        "customer",
        "is_active",
        existing_type=mysql.TINYINT(display_width=1),
        server_default=sa.text("1"),
        existing_nullable=False,
    )
    op.alter_column(
        "customer",
        "age",
        existing_type=sa.Integer(),
        type_=mysql.SMALLINT(display_width=6),
        existing_nullable=True,
    )
    op.alter_column(
        "customer", "email", existing_type=mysql.VARCHAR(length=120), nullable=False
    )
    op.alter_column(
        "customer",
        "full_name",
        existing_type=sa.String(length=80),
        type_=mysql.VARCHAR(length=40),
        existing_nullable=False,
        existing_server_default=sa.text("'it''s'"),
    )
    op.drop_column("customer", "country")
    op.create_unique_constraint(op.f("uq_customer_email"), "customer", ["email"])
    op.create_index(
        op.f("ix_customer_created_at"), "customer", ["created_at"], unique=False
    )
    op.create_check_constraint(op.f("ck_customer_age"), "customer", "`age` >= 18")
    op.create_foreign_key(
        op.f("fk_purchase_customer"), "purchase", "customer", ["customer_id"], ["id"]
    )
    op.drop_table("supplier")
    op.drop_constraint("ck_product_price", "product", type_="check")
    op.drop_index("ix_product_state_code", table_name="product")
    op.alter_column(
        "product",
        "state",
        existing_type=sa.Enum("draft", "ready", "sold", name="product_state"),
        server_default=sa.text("'draft'"),
        type_=mysql.ENUM("draft", "sold"),
        existing_nullable=True,
    )
    op.alter_column(
        "product",
        "description",
        existing_type=mysql.TEXT(),
        comment="as printed",
        existing_nullable=True,
    )
    op.alter_column(
        "product",
        "price",
        existing_type=sa.Numeric(precision=12, scale=3),
        server_default=sa.text("0.00"),
        type_=mysql.DECIMAL(precision=10, scale=2),
        nullable=True,
    )
    op.create_unique_constraint(op.f("ix_product_code"), "product", ["code"])
    op.drop_index(
        "ix_room_title",
        table_name="room",
        mysql_prefix="FULLTEXT",
        mariadb_prefix="FULLTEXT",
    )
    op.alter_column(
        "room",
        "changed_at",
        existing_type=mysql.TIMESTAMP(fsp=6),
        type_=mysql.TIMESTAMP(fsp=3),
        existing_nullable=True,
    )
    op.alter_column(
        "room",
        "title",
        existing_type=sa.String(length=200, collation="utf8mb4_bin"),
        type_=mysql.VARCHAR(length=200),
        existing_nullable=True,
    )
    op.alter_column(
        "room",
        "id",
        existing_type=mysql.BIGINT(unsigned=True),
        type_=mysql.INTEGER(display_width=10, unsigned=True),
        existing_nullable=False,
        existing_autoincrement=True,
    )
    op.drop_column("room", "level")
    op.create_index(
        op.f("ix_room_title"),
        "room",
        ["title"],
        unique=False,
        mysql_length={"title": 20},
    )
    op.drop_table_comment("room", existing_comment="to sleep in", schema=None)
    op.drop_constraint("PRIMARY", "purchase_line", type_="primary")
    op.drop_column("purchase_line", "position")
    op.create_primary_key("PRIMARY", "purchase_line", ["purchase_id", "product_id"])
    op.create_foreign_key(
        op.f("fk_line_purchase"),
        "purchase_line",
        "purchase",
        ["purchase_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_table_comment(
        "customer", "who buys", existing_comment="who buys, by country", schema=None
    )
    op.alter_column(
        "customer",
        "full_name",
        existing_type=mysql.VARCHAR(length=40),
        new_column_name="name",
        existing_nullable=False,
        existing_server_default=sa.text("'it''s'"),
    )
    op.rename_table("cart", "basket")
    op.execute(
        "CREATE VIEW `adult` AS select `customer`.`id` AS `id`,`customer`.`name` AS `name` from `customer` where `customer`.`age` > 17",
    )
