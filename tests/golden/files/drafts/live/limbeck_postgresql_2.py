"""second

Revision ID: 0002
Revises: 0001
Create Date: today
"""

import sqlalchemy as sa
from limbeck import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('DROP VIEW "adult"')
    op.rename_table("basket", "cart")
    op.alter_column(
        "customer",
        "name",
        existing_type=sa.VARCHAR(length=40),
        new_column_name="full_name",
        existing_nullable=False,
        existing_server_default=sa.text("'it''s'::character varying"),
    )
    op.alter_column(
        "product",
        "state",
        existing_type=postgresql.ENUM(
            "draft", "sold", name="product_state", create_type=False
        ),
        server_default=None,
        existing_nullable=True,
    )
    with op.get_context().autocommit_block():
        op.alter_enum(
            "product_state",
            ["draft", "ready", "sold"],
            existing_values=["draft", "sold"],
        )

    op.alter_sequence("ticket_number", existing={"increment": 1}, increment=5)
    op.create_sequence("visit_number", data_type="smallint")
    op.create_table_comment(
        "customer", "who buys, by country", existing_comment="who buys", schema=None
    )
    op.drop_constraint(op.f("purchase_line_pkey"), "purchase_line", type_="primary")
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
        "purchase_line_pkey1",
        "purchase_line",
        ["purchase_id", "product_id", "position"],
    )
    op.drop_index(op.f("ix_product_code"), table_name="product")
    op.alter_column(
        "product",
        "price",
        existing_type=sa.NUMERIC(precision=10, scale=2),
        type_=sa.Numeric(precision=12, scale=3),
        nullable=False,
        existing_server_default=sa.text("0"),
    )
    op.alter_column(
        "product",
        "description",
        existing_type=sa.TEXT(),
        comment=None,
        existing_comment="as printed",
        existing_nullable=True,
    )
    op.alter_column(
        "product",
        "state",
        existing_type=postgresql.ENUM(
            "draft", "sold", name="product_state", create_type=False
        ),
        server_default="ready",
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
        existing_type=sa.VARCHAR(length=40),
        type_=sa.String(length=80),
        existing_nullable=False,
        existing_server_default=sa.text("'it''s'::character varying"),
    )
    op.alter_column(
        "customer", "email", existing_type=sa.VARCHAR(length=120), nullable=True
    )
    op.alter_column(
        "customer",
        "age",
        existing_type=sa.SMALLINT(),
        type_=sa.Integer(),
        existing_nullable=True,
    )
    op.alter_column(
        "customer",
        "is_active",
        existing_type=sa.BOOLEAN(),
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
    op.create_index(
        op.f("ix_purchase_customer_id"), "purchase", ["customer_id"], unique=False
    )
    op.create_foreign_key(
        "fk_purchase_customer",
        "purchase",
        "customer",
        ["customer_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.drop_constraint("ex_room_during", "room", schema="hotel")
    op.drop_index(
        op.f("ix_room_document"),
        table_name="room",
        schema="hotel",
        postgresql_using="gin",
    )
    op.drop_index(
        op.f("ix_room_title"),
        table_name="room",
        schema="hotel",
        postgresql_where=sa.text("(id > 10)"),
    )
    op.alter_column(
        "room",
        "id",
        existing_type=sa.INTEGER(),
        server_default=sa.Identity(
            always=True,
            start=5,
            increment=1,
            minvalue=1,
            maxvalue=9223372036854775807,
            cycle=False,
            cache=1,
        ),
        type_=sa.BigInteger(),
        existing_nullable=False,
        existing_server_default=sa.Identity(
            always=False,
            start=5,
            increment=1,
            minvalue=1,
            maxvalue=2147483647,
            cycle=False,
            cache=1,
        ),
        schema="hotel",
    )
    op.alter_column(
        "room",
        "tags",
        existing_type=postgresql.ARRAY(sa.TEXT()),
        type_=postgresql.ARRAY(sa.String(length=30)),
        existing_nullable=True,
        schema="hotel",
    )
    op.alter_column(
        "room",
        "document",
        existing_type=postgresql.JSONB(astext_type=sa.Text()),
        server_default=sa.text("'{}'::jsonb"),
        existing_nullable=True,
        schema="hotel",
    )
    op.alter_column(
        "room",
        "during",
        existing_type=postgresql.TSRANGE(),
        nullable=False,
        schema="hotel",
    )
    op.create_index(
        "ix_room_document",
        "room",
        ["document"],
        unique=False,
        schema="hotel",
        postgresql_using="gin",
        postgresql_ops={"document": "jsonb_path_ops"},
    )
    op.create_exclude_constraint(
        "ex_room_during",
        "room",
        (sa.column("during"), "-|-"),
        schema="hotel",
        using="gist",
    )
    op.drop_table("old_log")
    op.execute(
        "CREATE OR REPLACE FUNCTION tax(amount bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT amount * 3 $$",
    )
    op.execute("COMMENT ON FUNCTION \"tax\"(bigint) IS 'value added'")
    op.execute('CREATE MATERIALIZED VIEW "stock" AS SELECT id, code FROM product')
    op.execute("CREATE POLICY grown_up ON customer USING (age > 17)")
    op.execute(
        'ALTER TABLE "customer" ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY'
    )
    op.execute(
        'CREATE VIEW "adult" AS SELECT id, full_name FROM customer WHERE age > 17'
    )
    op.execute("CREATE UNIQUE INDEX ix_stock ON stock (id)")


def downgrade() -> None:
    op.execute('DROP VIEW "adult"')
    op.execute(
        'ALTER TABLE "customer" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY'
    )
    op.execute('DROP POLICY "grown_up" ON "customer"')
    op.execute('DROP MATERIALIZED VIEW "stock"')
    op.execute("""CREATE OR REPLACE FUNCTION public.tax(amount bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT amount * 2 $function$
""")
    op.execute('COMMENT ON FUNCTION "tax"(bigint) IS NULL')
    op.create_table(
        "old_log",
        sa.Column("id", sa.INTEGER(), autoincrement=True, nullable=False),
        sa.Column("line", sa.TEXT(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("old_log_pkey")),
    )
    op.drop_constraint("ex_room_during", "room", schema="hotel")
    op.drop_index(
        "ix_room_document",
        table_name="room",
        schema="hotel",
        postgresql_using="gin",
        postgresql_ops={"document": "jsonb_path_ops"},
    )
    op.alter_column(
        "room",
        "during",
        existing_type=postgresql.TSRANGE(),
        nullable=True,
        schema="hotel",
    )
    op.alter_column(
        "room",
        "document",
        existing_type=postgresql.JSONB(astext_type=sa.Text()),
        server_default=None,
        existing_nullable=True,
        schema="hotel",
    )
    op.alter_column(
        "room",
        "tags",
        existing_type=postgresql.ARRAY(sa.String(length=30)),
        type_=postgresql.ARRAY(sa.TEXT()),
        existing_nullable=True,
        schema="hotel",
    )
    op.alter_column(
        "room",
        "id",
        existing_type=sa.BigInteger(),
        server_default=sa.Identity(
            always=False,
            start=5,
            increment=1,
            minvalue=1,
            maxvalue=2147483647,
            cycle=False,
            cache=1,
        ),
        type_=sa.INTEGER(),
        existing_nullable=False,
        existing_server_default=sa.Identity(
            always=True,
            start=5,
            increment=1,
            minvalue=1,
            maxvalue=9223372036854775807,
            cycle=False,
            cache=1,
        ),
        schema="hotel",
    )
    op.create_index(
        op.f("ix_room_title"),
        "room",
        [sa.literal_column("lower(title)")],
        unique=False,
        schema="hotel",
        postgresql_where=sa.text("(id > 10)"),
    )
    op.create_index(
        op.f("ix_room_document"),
        "room",
        ["document"],
        unique=False,
        schema="hotel",
        postgresql_using="gin",
    )
    op.create_exclude_constraint(
        "ex_room_during",
        "room",
        (sa.column("during"), "&&"),
        schema="hotel",
        using="gist",
    )
    op.drop_constraint("fk_purchase_customer", "purchase", type_="foreignkey")
    op.drop_index(op.f("ix_purchase_customer_id"), table_name="purchase")
    op.add_column(
        "purchase",
        sa.Column("note", sa.VARCHAR(length=200), autoincrement=False, nullable=True),
    )
    op.drop_column("purchase", "double_total")
    op.drop_column("purchase", "total")
    op.drop_constraint("ck_customer_age", "customer", type_="check")
    op.drop_index("ix_customer_created_at", table_name="customer")
    op.drop_constraint("uq_customer_email", "customer", type_="unique")
    op.alter_column(
        "customer",
        "is_active",
        existing_type=sa.BOOLEAN(),
        server_default=sa.text("true"),
        existing_nullable=False,
    )
    op.alter_column(
        "customer",
        "age",
        existing_type=sa.Integer(),
        type_=sa.SMALLINT(),
        existing_nullable=True,
    )
    op.alter_column(
        "customer", "email", existing_type=sa.VARCHAR(length=120), nullable=False
    )
    op.alter_column(
        "customer",
        "full_name",
        existing_type=sa.String(length=80),
        type_=sa.VARCHAR(length=40),
        existing_nullable=False,
        existing_server_default=sa.text("'it''s'::character varying"),
    )
    op.drop_column("customer", "country")
    op.create_unique_constraint(op.f("uq_customer_email"), "customer", ["email"])
    op.create_index(
        op.f("ix_customer_created_at"), "customer", ["created_at"], unique=False
    )
    op.create_check_constraint(op.f("ck_customer_age"), "customer", "(age >= 18)")
    op.create_foreign_key(
        op.f("fk_purchase_customer"), "purchase", "customer", ["customer_id"], ["id"]
    )
    op.drop_table("supplier")
    op.drop_constraint("ck_product_price", "product", type_="check")
    op.drop_index("ix_product_state_code", table_name="product")
    op.alter_column(
        "product",
        "state",
        existing_type=postgresql.ENUM(
            "draft", "sold", name="product_state", create_type=False
        ),
        server_default=None,
        existing_nullable=True,
    )
    op.alter_column(
        "product",
        "description",
        existing_type=sa.TEXT(),
        comment="as printed",
        existing_nullable=True,
    )
    op.alter_column(
        "product",
        "price",
        existing_type=sa.Numeric(precision=12, scale=3),
        type_=sa.NUMERIC(precision=10, scale=2),
        nullable=True,
        existing_server_default=sa.text("0"),
    )
    op.create_index(op.f("ix_product_code"), "product", ["code"], unique=True)
    op.drop_constraint("purchase_line_pkey1", "purchase_line", type_="primary")
    op.drop_column("purchase_line", "position")
    op.create_primary_key(
        op.f("purchase_line_pkey"), "purchase_line", ["purchase_id", "product_id"]
    )
    op.create_table_comment(
        "customer", "who buys", existing_comment="who buys, by country", schema=None
    )
    op.drop_sequence("visit_number")
    op.alter_sequence("ticket_number", existing={"increment": 5}, increment=1)
    op.alter_enum(
        "product_state", ["draft", "sold"], existing_values=["draft", "ready", "sold"]
    )
    op.alter_column(
        "product",
        "state",
        existing_type=postgresql.ENUM(
            "draft", "sold", name="product_state", create_type=False
        ),
        server_default=sa.text("'draft'::product_state"),
        existing_nullable=True,
    )
    op.alter_column(
        "customer",
        "full_name",
        existing_type=sa.VARCHAR(length=40),
        new_column_name="name",
        existing_nullable=False,
        existing_server_default=sa.text("'it''s'::character varying"),
    )
    op.rename_table("cart", "basket")
    op.execute("""CREATE VIEW "adult" AS SELECT customer.id,
    customer.name
   FROM customer
  WHERE (customer.age > 17)""")
