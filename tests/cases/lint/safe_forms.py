"""Statements with the code that lint offers in their place, on the tables of the held-out cases."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SafeFormCase:
    """One case.

    Args:
        kind: the database.
        statements: what the revision runs, separated by `;;`; the form replaces the last one.
        code: the form; "" where none is offered.
    """

    kind: str
    statements: str
    code: str


CASES = (
    SafeFormCase(
        "postgresql",
        "CREATE INDEX shop_geo ON shop USING gist (geo)",
        """
with op.get_context().autocommit_block():
    op.execute("CREATE INDEX CONCURRENTLY shop_geo ON shop USING gist (geo)")
""",
    ),
    SafeFormCase(
        "postgresql",
        "ALTER TABLE staff ADD COLUMN a uuid NOT NULL DEFAULT gen_random_uuid()",
        """
op.execute("ALTER TABLE staff ADD COLUMN a uuid")
op.execute("ALTER TABLE staff ALTER COLUMN a SET DEFAULT gen_random_uuid()")
op.backfill("staff", "a = gen_random_uuid()", where="a IS NULL")
op.execute("ALTER TABLE staff ADD CONSTRAINT staff_a_not_null CHECK (a IS NOT NULL) NOT VALID")
with op.get_context().autocommit_block():
    op.execute("ALTER TABLE staff VALIDATE CONSTRAINT staff_a_not_null")
op.execute("ALTER TABLE staff ALTER COLUMN a SET NOT NULL")
op.execute("ALTER TABLE staff DROP CONSTRAINT staff_a_not_null")
""",
    ),
    SafeFormCase(
        "postgresql",
        "ALTER TABLE stock.item ADD COLUMN a timestamp DEFAULT timeofday()::timestamp",
        r"""
op.execute("ALTER TABLE stock.item ADD COLUMN a timestamp")
op.execute("ALTER TABLE stock.item ALTER COLUMN a SET DEFAULT timeofday()\\:\\:timestamp")
op.backfill("item", "a = timeofday()::timestamp", where="a IS NULL", schema="stock")
""",
    ),
    SafeFormCase(
        "postgresql",
        "ALTER TABLE tag ADD COLUMN a integer ;; UPDATE staff SET pay = pay + 1 WHERE pay > 0",
        """
op.backfill("staff", "pay = pay + 1", where="pay > 0")
""",
    ),
    SafeFormCase(
        "postgresql",
        "ALTER TYPE size ADD VALUE 'xl' ;; UPDATE stock.item SET size = 'xl' WHERE id = 3",
        """
with op.get_context().autocommit_block():
    op.execute("UPDATE stock.item SET size = 'xl' WHERE id = 3")
""",
    ),
    SafeFormCase("postgresql", "ALTER TABLE shop ALTER COLUMN vat TYPE numeric(4,2)", ""),
    SafeFormCase(
        "mariadb",
        "ALTER TABLE item ADD COLUMN a int AFTER sku",
        """
op.execute("ALTER TABLE item ADD COLUMN a int")
""",
    ),
    SafeFormCase(
        "mariadb",
        "ALTER TABLE shop ADD COLUMN a uuid DEFAULT (uuid())",
        """
op.execute("ALTER TABLE shop ADD COLUMN a uuid NULL")
op.execute("ALTER TABLE shop ALTER COLUMN a SET DEFAULT (uuid())")
op.backfill("shop", "a = (uuid())", where="a IS NULL")
""",
    ),
    SafeFormCase(
        "mariadb",
        "ALTER TABLE item MODIFY size enum('s', 'xl', 'm', 'l') DEFAULT 'm'",
        """
op.execute("ALTER TABLE item MODIFY size ENUM('s', 'm', 'l', 'xl') DEFAULT 'm'")
""",
    ),
    SafeFormCase(
        "mariadb",
        "ALTER TABLE tag ADD CONSTRAINT t FOREIGN KEY (item_id) REFERENCES item (id)",
        """
op.execute("SET foreign_key_checks = 0")
op.execute("ALTER TABLE tag ADD CONSTRAINT t FOREIGN KEY (item_id) REFERENCES item (id)")
op.execute("SET foreign_key_checks = 1")
orphan = op.get_bind().exec_driver_sql(
    "SELECT 1 FROM tag c WHERE c.item_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM item p WHERE p.id = c.item_id) LIMIT 1"
).first()
if orphan:
    op.execute("ALTER TABLE tag DROP FOREIGN KEY t")
    raise ValueError("rows of tag refer to no row of item")
""",
    ),
    SafeFormCase(
        "mariadb",
        "ALTER TABLE shop MODIFY phone varchar(24) NOT NULL DEFAULT ''",
        """
op.backfill("shop", "phone = ''", where="phone IS NULL")
op.execute("ALTER TABLE shop MODIFY phone varchar(24) NOT NULL DEFAULT ''")
""",
    ),
    SafeFormCase(
        "mariadb",
        "UPDATE item SET qty = qty + 1",
        """
op.backfill("item", "qty = qty + 1")
""",
    ),
    SafeFormCase("mariadb", "ALTER TABLE shop MODIFY city varchar(40)", ""),
    SafeFormCase(
        "sqlite",
        "UPDATE item SET qty = qty + 1",
        """
op.backfill("item", "qty = qty + 1")
""",
    ),
    SafeFormCase(
        "sqlite",
        "ALTER TABLE shop ADD COLUMN a DATETIME DEFAULT CURRENT_TIMESTAMP",
        """
with op.batch_alter_table("shop") as batch_op:
    batch_op.add_column(sa.Column("a", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")))
""",
    ),
    SafeFormCase(
        "sqlite",
        "ALTER TABLE item DROP COLUMN title",
        """
op.drop_index("item_title", "item")
with op.batch_alter_table("item") as batch_op:
    batch_op.drop_column("title")
""",
    ),
    SafeFormCase(
        "sqlite",
        "ALTER TABLE item DROP CONSTRAINT qty_range",
        """
with op.batch_alter_table("item") as batch_op:
    batch_op.drop_constraint("qty_range")
""",
    ),
    SafeFormCase("sqlite", "CREATE INDEX i ON item (cost)", ""),
)
