"""The models of a shop in two releases, for each dialect that limbeck writes SQL for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
    func,
    text,
)
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from limbeck import declare

DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle")
# the answers to questions about the second release
ANSWERS = (
    "--rename", "customer.name=customer.full_name",
    "--rename", "basket=cart",
    "--fill", "customer.country='NL'",
)  # fmt: skip


def first(dialect: str) -> MetaData:
    """Return the models of the first release."""
    metadata = MetaData()
    has_comments = dialect != "sqlite"
    Table(
        "customer",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(40), nullable=False, server_default="it's"),
        Column("email", String(120), nullable=False),
        Column("age", SmallInteger),
        Column("is_active", Boolean, nullable=False, server_default=sa.true()),
        Column("created_at", DateTime, server_default=func.now()),
        UniqueConstraint("email", name="uq_customer_email"),
        CheckConstraint("age >= 18", name="ck_customer_age"),
        Index("ix_customer_created_at", "created_at"),
        comment="who buys" if has_comments else None,
    )
    Table(
        "product",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("code", String(20), nullable=False),
        Column("price", Numeric(10, 2), server_default=text("0")),
        Column("description", Text, comment="as printed" if has_comments else None),
        Column("picture", LargeBinary(100)),
        Column("state", Enum("draft", "sold", name="product_state"), server_default="draft"),
        Index("ix_product_code", "code", unique=True),
    )
    Table(
        "purchase",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("customer_id", ForeignKey("customer.id", name="fk_purchase_customer")),
        Column("placed_on", Date, nullable=False),
        Column("note", String(200)),
    )
    Table(
        "purchase_line",
        metadata,
        Column("purchase_id", ForeignKey(
            "purchase.id", name="fk_line_purchase", ondelete="CASCADE")),
        Column("product_id", ForeignKey("product.id", name="fk_line_product")),
        Column("quantity", Integer, nullable=False, server_default="1"),
        PrimaryKeyConstraint("purchase_id", "product_id", name=_key_name(dialect)),
    )  # fmt: skip
    Table("basket", metadata, Column("id", Integer, primary_key=True), Column("size", Integer))
    Table("old_log", metadata, Column("id", Integer, primary_key=True), Column("line", Text))
    _FIRST[dialect](metadata)
    return metadata


def second(dialect: str) -> MetaData:
    """Return the models of the second release, which changes a little of everything."""
    metadata = MetaData()
    has_comments = dialect != "sqlite"
    Table(
        "customer",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("full_name", String(80), nullable=False, server_default="it's"),
        Column("email", String(120)),
        Column("age", Integer),
        Column("is_active", Boolean, nullable=False),
        Column("country", String(2), nullable=False),
        Column("created_at", DateTime, server_default=func.now()),
        UniqueConstraint("email", "country", name="uq_customer_email"),
        CheckConstraint("age >= 16", name="ck_customer_age"),
        Index("ix_customer_created_at", "created_at", "country"),
        comment="who buys, by country" if has_comments else None,
    )
    Table(
        "product",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("code", String(20), nullable=False),
        Column("price", Numeric(12, 3), nullable=False, server_default=text("0")),
        Column("description", Text),
        Column("picture", LargeBinary(100)),
        Column("state", Enum("draft", "ready", "sold", name="product_state"),
               server_default="ready"),
        Index("ix_product_state_code", "state", "code"),
        CheckConstraint("price >= 0", name="ck_product_price"),
    )  # fmt: skip
    Table(
        "purchase",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("customer_id", ForeignKey(
            "customer.id", name="fk_purchase_customer", ondelete="SET NULL"), index=True),
        Column("placed_on", Date, nullable=False),
        Column("total", Integer),
        Column("double_total", Integer, Computed("total * 2", persisted=_persisted(dialect))),
    )  # fmt: skip
    Table(
        "purchase_line",
        metadata,
        Column("purchase_id", ForeignKey(
            "purchase.id", name="fk_line_purchase", ondelete="CASCADE")),
        Column("product_id", ForeignKey("product.id", name="fk_line_product")),
        Column("position", Integer, autoincrement=False, server_default="1"),
        Column("quantity", Integer, nullable=False, server_default="1"),
        PrimaryKeyConstraint("purchase_id", "product_id", "position", name=_key_name(dialect)),
    )  # fmt: skip
    Table("cart", metadata, Column("id", Integer, primary_key=True), Column("size", Integer))
    Table(
        "supplier",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("parent_id", ForeignKey("supplier.id", name="fk_supplier_parent")),
        Column("product_id", ForeignKey("product.id", name="fk_supplier_product")),
    )
    _SECOND[dialect](metadata)
    return metadata


def _key_name(dialect: str) -> str | None:
    # these two servers generate names that are unknown without a connection
    return "pk_purchase_line" if dialect in {"mssql", "oracle"} else None


def _persisted(dialect: str) -> bool | None:
    return None if dialect == "oracle" else True


def _sqlite_first(metadata: MetaData) -> None:
    Table("setting", metadata, Column("key", String(20), primary_key=True),
          Column("value", Text), sqlite_with_rowid=False)  # fmt: skip
    Index("ix_purchase_note", metadata.tables["purchase"].c.note, sqlite_where=text("note <> ''"))
    declare.view(metadata, "adult", "SELECT id, name FROM customer WHERE age > 17")


def _sqlite_second(metadata: MetaData) -> None:
    Table("setting", metadata, Column("key", String(20), primary_key=True),
          Column("value", Text, nullable=False, server_default=""),
          sqlite_with_rowid=False)  # fmt: skip
    declare.view(metadata, "adult", "SELECT id, full_name FROM customer WHERE age > 17")


def _postgresql_first(metadata: MetaData) -> None:
    Sequence("ticket_number", metadata=metadata, start=100)
    Table(
        "room",
        metadata,
        Column("id", Integer, Identity(start=5), primary_key=True),
        Column("title", Text),
        Column("tags", postgresql.ARRAY(Text)),
        Column("document", postgresql.JSONB),
        Column("during", postgresql.TSRANGE),
        postgresql.ExcludeConstraint(("during", "&&"), name="ex_room_during", using="gist"),
        Index("ix_room_document", "document", postgresql_using="gin"),
        Index("ix_room_title", func.lower(column("title")), postgresql_where=text("id > 10")),
        schema="hotel",
    )
    declare.view(metadata, "adult", "SELECT id, name FROM customer WHERE age > 17")
    declare.function(
        metadata, "tax(bigint)",
        "CREATE FUNCTION tax(amount bigint) RETURNS bigint LANGUAGE sql IMMUTABLE"
        " AS $$ SELECT amount * 2 $$",
    )  # fmt: skip


def _postgresql_second(metadata: MetaData) -> None:
    Sequence("ticket_number", metadata=metadata, start=100, increment=5)
    Sequence("visit_number", metadata=metadata, data_type=SmallInteger())
    Table(
        "room",
        metadata,
        Column("id", BigInteger, Identity(always=True, start=5), primary_key=True),
        Column("title", Text),
        Column("tags", postgresql.ARRAY(String(30))),
        Column("document", postgresql.JSONB, server_default=text("'{}'::jsonb")),
        Column("during", postgresql.TSRANGE, nullable=False),
        postgresql.ExcludeConstraint(("during", "-|-"), name="ex_room_during", using="gist"),
        Index("ix_room_document", "document", postgresql_using="gin",
              postgresql_ops={"document": "jsonb_path_ops"}),
        schema="hotel",
    )  # fmt: skip
    declare.view(metadata, "adult", "SELECT id, full_name FROM customer WHERE age > 17")
    declare.materialized_view(metadata, "stock", "SELECT id, code FROM product")
    declare.index(metadata, "ix_stock", "stock", "CREATE UNIQUE INDEX ix_stock ON stock (id)")
    declare.function(
        metadata, "tax(bigint)",
        "CREATE FUNCTION tax(amount bigint) RETURNS bigint LANGUAGE sql IMMUTABLE"
        " AS $$ SELECT amount * 3 $$",
        comment="value added",
    )  # fmt: skip
    declare.row_security(metadata, "customer")
    declare.policy(metadata, "grown_up", "customer",
                  "CREATE POLICY grown_up ON customer USING (age > 17)")  # fmt: skip


def _mysql_first(metadata: MetaData) -> None:
    Table(
        "room",
        metadata,
        Column("id", mysql.INTEGER(unsigned=True), primary_key=True),
        Column("title", String(200)),
        Column("changed_at", mysql.TIMESTAMP(fsp=3)),
        Index("ix_room_title", "title", mysql_length=20, mariadb_length=20),
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mariadb_charset="utf8mb4",
    )
    declare.view(metadata, "adult", "SELECT id, name FROM customer WHERE age > 17")


def _mysql_second(metadata: MetaData) -> None:
    Table(
        "room",
        metadata,
        Column("id", mysql.BIGINT(unsigned=True), primary_key=True),
        Column("title", String(200, collation="utf8mb4_bin")),
        Column("changed_at", mysql.TIMESTAMP(fsp=6)),
        Column("level", mysql.ENUM("low", "high"), server_default="low"),
        Index("ix_room_title", "title", mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT"),
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mariadb_charset="utf8mb4",
        comment="to sleep in",
    )
    declare.view(metadata, "adult", "SELECT id, full_name FROM customer WHERE age > 17")
    declare.trigger(
        metadata, "trim_name", "customer",
        "CREATE TRIGGER trim_name BEFORE INSERT ON customer FOR EACH ROW"
        " SET NEW.full_name = trim(NEW.full_name)",
    )  # fmt: skip


def _mssql_first(metadata: MetaData) -> None:
    Sequence("ticket_number", metadata=metadata, start=100)
    Table(
        "room",
        metadata,
        Column("id", Integer, Identity(start=5, increment=5), primary_key=True),
        Column("title", mssql.NVARCHAR(200)),
        Index("ix_room_title", "title", mssql_include=["id"]),
        schema="hotel",
    )


def _mssql_second(metadata: MetaData) -> None:
    Sequence("ticket_number", metadata=metadata, start=100, increment=5)
    Table(
        "room",
        metadata,
        Column("id", Integer, Identity(start=5, increment=5), primary_key=True),
        Column("title", mssql.NVARCHAR(300), nullable=False, server_default="none"),
        Index("ix_room_title", "title", mssql_where=text("id > 3")),
        schema="hotel",
    )


def _oracle_first(metadata: MetaData) -> None:
    Sequence("ticket_number", metadata=metadata, start=100)
    Table(
        "room",
        metadata,
        Column("id", Integer, Identity(on_null=True), primary_key=True),
        Column("amount", oracle.NUMBER(10, 2)),
        Column("title", oracle.VARCHAR2(30)),
        oracle_compress=True,
    )


def _oracle_second(metadata: MetaData) -> None:
    Sequence("ticket_number", metadata=metadata, start=100, increment=5)
    Table(
        "room",
        metadata,
        Column("id", Integer, Identity(on_null=True), primary_key=True),
        Column("amount", oracle.NUMBER(12, 2), nullable=False, server_default="1"),
        Column("title", oracle.VARCHAR2(60)),
        Index("ix_room_title", "title", oracle_bitmap=True),
        oracle_compress=True,
    )


_FIRST: dict[str, Any] = {
    "sqlite": _sqlite_first,
    "postgresql": _postgresql_first,
    "mysql": _mysql_first,
    "mariadb": _mysql_first,
    "mssql": _mssql_first,
    "oracle": _oracle_first,
}
_SECOND: dict[str, Any] = {
    "sqlite": _sqlite_second,
    "postgresql": _postgresql_second,
    "mysql": _mysql_second,
    "mariadb": _mysql_second,
    "mssql": _mssql_second,
    "oracle": _oracle_second,
}
