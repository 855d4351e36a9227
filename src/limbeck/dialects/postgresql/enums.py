"""Enum types, domains and moved tables on PostgreSQL.

Values are added to an enum in place; all other changes require a new type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck import operations as ops
from limbeck.dialects.postgresql.catalog_queries import RESTORE_VIEW
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.text_ddl import SqlQuoting, TextStatement
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from limbeck.dialects.ddl_builder import BuildContext


def create_enum(context: BuildContext, op: ops.CreateEnumOp) -> Iterator[TextStatement]:
    """Build CREATE TYPE ... AS ENUM; with if_not_exists, only if the type does not exist."""
    if op.if_not_exists and context.server is not None:
        if not _values_now(context, op.enum_name, op.schema):
            yield TextStatement(
                lambda quoting: _create(quoting, op.enum_name, op.schema, op.values)
            )
    elif op.if_not_exists:
        yield TextStatement(
            lambda quoting: (
                "DO $limbeck$ BEGIN\n    "
                f"{_create(quoting, op.enum_name, op.schema, op.values)};\n"
                "EXCEPTION WHEN duplicate_object THEN NULL;\nEND $limbeck$"
            )
        )
    else:
        yield TextStatement(lambda quoting: _create(quoting, op.enum_name, op.schema, op.values))


def _create(quoting: SqlQuoting, name: str, schema: str | None, values: Sequence[str]) -> str:
    listed = ", ".join(quoting.literal(value) for value in values)
    return f"CREATE TYPE {quoting.name(name, schema)} AS ENUM ({listed})"


def drop_enum(_context: BuildContext, op: ops.DropEnumOp) -> Iterator[TextStatement]:
    """Build DROP TYPE."""
    guard = "IF EXISTS " if op.if_exists else ""
    yield TextStatement(lambda quoting: f"DROP TYPE {guard}{quoting.name(op.enum_name, op.schema)}")


def alter_enum(context: BuildContext, op: ops.AlterEnumOp) -> Iterator[TextStatement]:
    """Change an enum: rename values, add values at their position, or recreate the type.

    Raises:
        DatabaseError: the current values are not given and cannot be read.
    """
    values = op.existing_values
    if values is None:
        values = _values_now(context, op.enum_name, op.schema)
        if not values:
            raise DatabaseError(
                f"The current values of the enum {op.enum_name} are not known",
                hint="give them as existing_values",
                code="LB333",
            )
    target = list(op.values)
    renames = {old: new for old, new in op.renames.items() if old in values and new in target}
    for old, new in renames.items():
        yield _rename_value(op, old, new)
    have = [renames.get(value, value) for value in values]
    if _is_subsequence(have, target):
        yield from _additions(op, have, target)
    else:
        yield TextStatement(lambda quoting: _recreate(quoting, op, target))
    if op.new_name is not None:
        yield _rename_type(op, op.new_name)


def _rename_value(op: ops.AlterEnumOp, old: str, new: str) -> TextStatement:
    return TextStatement(
        lambda quoting: (
            f"ALTER TYPE {quoting.name(op.enum_name, op.schema)} "
            f"RENAME VALUE {quoting.literal(old)} TO {quoting.literal(new)}"
        )
    )


def _rename_type(op: ops.AlterEnumOp, new: str) -> TextStatement:
    return TextStatement(
        lambda quoting: (
            f"ALTER TYPE {quoting.name(op.enum_name, op.schema)} RENAME TO {quoting.name(new)}"
        )
    )


def _is_subsequence(have: Sequence[str], target: Sequence[str]) -> bool:
    rest = iter(target)
    return all(value in rest for value in have)


def _additions(
    op: ops.AlterEnumOp, have: Sequence[str], target: Sequence[str]
) -> Iterator[TextStatement]:
    known = set(have)
    for position, value in enumerate(target):
        if value in known:
            continue
        following = next((later for later in target[position:] if later in known), None)
        yield _add_value(op, value, following)


def _add_value(op: ops.AlterEnumOp, value: str, following: str | None) -> TextStatement:
    return TextStatement(
        lambda quoting: (
            f"ALTER TYPE {quoting.name(op.enum_name, op.schema)} "
            f"ADD VALUE IF NOT EXISTS {quoting.literal(value)}"
            + (f" BEFORE {quoting.literal(following)}" if following is not None else "")
        )
    )


def _values_now(context: BuildContext, name: str, schema: str | None) -> list[str]:
    connection = context.server
    if connection is None:
        return []
    rows = connection.execute(
        sa.text(
            qualified(
                "SELECT e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid"
                " JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = :name AND"
                " CASE WHEN CAST(:schema AS pg_catalog.text) IS NULL"
                " THEN pg_type_is_visible(t.oid)"
                " ELSE n.nspname = CAST(:schema AS pg_catalog.text) END ORDER BY e.enumsortorder"
            )
        ),
        {"name": name, "schema": schema},
    )
    return [row[0] for row in rows]


# PostgreSQL cannot drop or move a value, so the type is recreated and its columns are converted.
# One block does this, because only the database knows the columns that use the type. Their
# defaults are dropped in the meantime, because they cannot be cast.
_RECREATE = qualified("""\
DO $limbeck$
DECLARE
    again pg_catalog.text;
    gone pg_catalog.text[];
    back pg_catalog.text[];
    changes pg_catalog.text[];
BEGIN
    -- drop the objects that depend on the values first, and restore them last
    WITH RECURSIVE used AS (
        SELECT a.attrelid, a.attnum FROM pg_type t
        JOIN pg_attribute a ON a.atttypid IN (t.oid, t.typarray)
        WHERE t.oid = {type_literal}::regtype AND NOT a.attisdropped
    ), views AS (
        SELECT r.ev_class AS oid, 1 AS depth FROM used u
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass
            AND d.refobjid = u.attrelid AND d.refobjsubid = u.attnum
        JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        UNION
        SELECT r.ev_class, v.depth + 1 FROM views v
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid
        JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        WHERE r.ev_class <> v.oid
    ), objects AS (
        SELECT 10 + max(v.depth) AS place,
            format('DROP %s %s', k.word, v.oid::regclass) AS gone,
            format('CREATE %s %s%s AS %s%s', k.word, v.oid::regclass,
                ' WITH (' || array_to_string(c.reloptions, ', ') || ')',
                rtrim(pg_get_viewdef(v.oid), ';'),
                CASE WHEN NOT c.relispopulated THEN ' WITH NO DATA' END) AS back
        FROM views v JOIN pg_class c ON c.oid = v.oid
        JOIN (VALUES ('v', 'VIEW'), ('m', 'MATERIALIZED VIEW')) k (kind, word)
            ON k.kind = c.relkind::text
        GROUP BY v.oid, k.word, c.reloptions, c.relispopulated
        UNION ALL
        SELECT 90, NULL, s FROM (SELECT DISTINCT oid FROM views) v JOIN pg_class c ON c.oid = v.oid
        CROSS JOIN LATERAL (
            SELECT format('COMMENT ON %s %s IS %L', CASE WHEN c.relkind = 'm' THEN
                'MATERIALIZED VIEW' ELSE 'VIEW' END, c.oid::regclass, obj_description(c.oid,
                'pg_class')) AS s WHERE obj_description(c.oid, 'pg_class') IS NOT NULL
            UNION ALL
            SELECT format('GRANT %s ON %s TO %s%s', x.privilege_type, c.oid::regclass,
                CASE WHEN x.grantee = 0 THEN 'PUBLIC'
                    ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
                CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' END)
            FROM aclexplode(c.relacl) x WHERE x.grantee <> c.relowner
            UNION ALL
            SELECT pg_get_indexdef(i.indexrelid) || coalesce(format('; COMMENT ON INDEX %s IS ',
                i.indexrelid::regclass) || quote_literal(obj_description(i.indexrelid,
                'pg_class')), '')
            FROM pg_index i WHERE i.indrelid = c.oid
            UNION ALL
            SELECT json_array_elements_text({left})
        ) q
        UNION ALL
        SELECT 95, CASE WHEN c.relkind <> 'v' THEN
                format('DROP TRIGGER %I ON %s', g.tgname, c.oid::regclass) END,
            pg_get_triggerdef(g.oid) || CASE WHEN g.tgenabled = 'O' THEN '' ELSE format(
                '; ALTER TABLE %s %s TRIGGER %I', c.oid::regclass,
                CASE WHEN g.tgenabled = 'D' THEN 'DISABLE' WHEN g.tgenabled = 'R'
                    THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, g.tgname) END
            || coalesce(format('; COMMENT ON TRIGGER %I ON %s IS ', g.tgname, c.oid::regclass)
                || quote_literal(obj_description(g.oid, 'pg_trigger')), '')
        FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND (c.oid IN (SELECT oid FROM views) OR EXISTS (
            SELECT FROM used u JOIN pg_depend d ON d.refobjid = u.attrelid
                AND d.refobjsubid = u.attnum
            WHERE d.classid = 'pg_trigger'::regclass AND d.objid = g.oid))
        UNION ALL
        SELECT 95, format('DROP POLICY %I ON %s', y.polname, y.polrelid::regclass),
            format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', y.polname,
                y.polrelid::regclass,
                CASE WHEN y.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                CASE WHEN y.polcmd = 'r' THEN 'SELECT' WHEN y.polcmd = 'a' THEN 'INSERT'
                    WHEN y.polcmd = 'w' THEN 'UPDATE' WHEN y.polcmd = 'd' THEN 'DELETE'
                    ELSE 'ALL' END,
                (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC'
                    ELSE quote_ident(pg_get_userbyid(r)) END, ', ') FROM unnest(y.polroles) r),
                ' USING (' || pg_get_expr(y.polqual, y.polrelid) || ')',
                ' WITH CHECK (' || pg_get_expr(y.polwithcheck, y.polrelid) || ')')
            || coalesce(format('; COMMENT ON POLICY %I ON %s IS ', y.polname,
                y.polrelid::regclass) || quote_literal(obj_description(y.oid, 'pg_policy')), '')
        FROM pg_policy y WHERE EXISTS (
            SELECT FROM used u JOIN pg_depend d ON d.refobjid = u.attrelid
                AND d.refobjsubid = u.attnum
            WHERE d.classid = 'pg_policy'::regclass AND d.objid = y.oid)
        UNION ALL
        SELECT 5, format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname),
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname,
                pg_get_constraintdef(c.oid))
            || coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS ', c.conname,
                c.conrelid::regclass) || quote_literal(obj_description(c.oid, 'pg_constraint')),
                '')
        FROM pg_constraint c WHERE c.contype = 'c' AND EXISTS (
            SELECT FROM used u WHERE u.attrelid = c.conrelid AND u.attnum = ANY (c.conkey))
        UNION ALL
        SELECT 4, format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
            || coalesce(format('; COMMENT ON INDEX %s IS ', i.indexrelid::regclass)
                || quote_literal(obj_description(i.indexrelid, 'pg_class')), '')
        FROM pg_index i WHERE (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL) AND EXISTS (
            SELECT FROM used u JOIN pg_depend d ON d.refobjid = u.attrelid
                AND d.refobjsubid = u.attnum
            WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid)
        UNION ALL
        SELECT 3, format('ALTER TABLE %s DROP COLUMN %I', g.attrelid::regclass, g.attname),
            format('ALTER TABLE %s ADD COLUMN %I %s GENERATED ALWAYS AS (%s) STORED%s',
                g.attrelid::regclass, g.attname, format_type(g.atttypid, g.atttypmod),
                pg_get_expr(f.adbin, f.adrelid), CASE WHEN g.attnotnull THEN ' NOT NULL' END)
            || coalesce(format('; COMMENT ON COLUMN %s.%I IS ', g.attrelid::regclass, g.attname)
                || quote_literal(col_description(g.attrelid, g.attnum)), '')
        FROM pg_attribute g JOIN pg_attrdef f ON f.adrelid = g.attrelid AND f.adnum = g.attnum
        WHERE g.attgenerated = 's' AND EXISTS (
            SELECT FROM used u JOIN pg_depend d ON d.refobjid = u.attrelid
                AND d.refobjsubid = u.attnum
            WHERE u.attrelid = g.attrelid AND u.attnum <> g.attnum
                AND (d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                    OR d.classid = 'pg_class'::regclass AND d.objid = g.attrelid
                    AND d.objsubid = g.attnum))
    )
    SELECT array_agg(t.gone ORDER BY t.place DESC) FILTER (WHERE t.gone IS NOT NULL),
        array_agg(t.back ORDER BY t.place)
    INTO gone, back FROM objects t;
    FOREACH again IN ARRAY coalesce(gone, '{{}}') LOOP
        EXECUTE again;
    END LOOP;
    SELECT array_agg(concat(
        CASE WHEN d.oid IS NOT NULL THEN format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT; ',
            a.attrelid::regclass, a.attname) END,
        CASE WHEN a.atttypid = t.typarray
            THEN format({array_sql}, a.attrelid::regclass, quote_ident(a.attname))
            ELSE format({scalar_sql}, a.attrelid::regclass, quote_ident(a.attname)) END,
        CASE WHEN d.oid IS NOT NULL THEN format('; ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s',
            a.attrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)) END))
    INTO changes
    FROM pg_type t
    JOIN pg_attribute a ON a.atttypid IN (t.oid, t.typarray)
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE t.oid = {type_literal}::regtype AND NOT a.attisdropped AND a.attinhcount = 0;
    ALTER {kind} {type} RENAME TO {old_name};
    {create};
    FOREACH again IN ARRAY coalesce(changes, '{{}}') LOOP
        EXECUTE again;
    END LOOP;
    DROP {kind} {old_type};
    FOREACH again IN ARRAY coalesce(back, '{{}}') LOOP
        EXECUTE again;
    END LOOP;
END $limbeck$""")


def _recreate(quoting: SqlQuoting, op: ops.AlterEnumOp, target: Sequence[str]) -> str:
    name = quoting.name(op.enum_name, op.schema)
    old = f"{op.enum_name[:57]}__old"
    scalar, array = "%2$s::pg_catalog.text", "%2$s::pg_catalog.text[]"
    for gone, instead in op.replacements.items():
        pair = f"{quoting.literal(gone)}, {quoting.literal(instead)}".replace("%", "%%")
        array = f"pg_catalog.array_replace({array}, {pair})"
    if op.replacements:
        cases = " ".join(
            f"WHEN {scalar} OPERATOR(pg_catalog.=) "
            + f"{quoting.literal(gone)} THEN {quoting.literal(instead)}".replace("%", "%%")
            for gone, instead in op.replacements.items()
        )
        scalar = f"CASE {cases} ELSE {scalar} END"
    start = "ALTER TABLE %1$s ALTER COLUMN %2$s TYPE "
    safe = name.replace("%", "%%")
    return _RECREATE.format(
        kind="TYPE",
        left=qualified(RESTORE_VIEW),
        type=name,
        type_literal=quoting.literal(name),
        old_name=quoting.name(old),
        old_type=quoting.name(old, op.schema),
        create=_create(quoting, op.enum_name, op.schema, target),
        scalar_sql=quoting.literal(f"{start}{safe} USING ({scalar})::{safe}"),
        array_sql=quoting.literal(f"{start}{safe}[] USING ({array})::{safe}[]"),
    )


def alter_domain(_context: BuildContext, op: ops.AlterDomainOp) -> Iterator[TextStatement]:
    """Build the statement that creates a domain again and converts its columns."""
    yield TextStatement(lambda quoting: _recreate_domain(quoting, op))


def _recreate_domain(quoting: SqlQuoting, op: ops.AlterDomainOp) -> str:
    name = quoting.name(op.domain_name, op.schema)
    old = f"{op.domain_name[:57]}__old"
    safe, base = name.replace("%", "%%"), op.type_.replace("%", "%%")
    start = "ALTER TABLE %1$s ALTER COLUMN %2$s TYPE "
    return _RECREATE.format(
        kind="DOMAIN",
        left=qualified(RESTORE_VIEW),
        type=name,
        type_literal=quoting.literal(name),
        old_name=quoting.name(old),
        old_type=quoting.name(old, op.schema),
        create=f"CREATE DOMAIN {name} AS {op.type_} {op.options}".rstrip(),
        scalar_sql=quoting.literal(f"{start}{safe} USING (%2$s::{base})::{safe}"),
        array_sql=quoting.literal(f"{start}{safe}[] USING (%2$s::{base}[])::{safe}[]"),
    )


def move_table(_context: BuildContext, op: ops.MoveTableOp) -> Iterator[TextStatement]:
    """Build SET SCHEMA, using a temporary name if the table is also renamed."""
    yield TextStatement(lambda quoting: _move(quoting, op))


def _move(quoting: SqlQuoting, op: ops.MoveTableOp) -> str:
    table, home = op.table_name, quoting.name(op.new_schema or quoting.default_schema or "public")
    new = op.new_table_name or table
    if new == table:
        return f"ALTER TABLE {quoting.name(table, op.schema)} SET SCHEMA {home}"
    # either schema may have another table with one of the two names
    between = f"{new[:50]}__moves"
    new_schema = op.new_schema or quoting.default_schema or "public"
    return (
        "DO $limbeck$ BEGIN\n"
        f"    ALTER TABLE {quoting.name(table, op.schema)} RENAME TO {quoting.name(between)};\n"
        f"    ALTER TABLE {quoting.name(between, op.schema)} SET SCHEMA {home};\n"
        f"    ALTER TABLE {quoting.name(between, new_schema)} RENAME TO {quoting.name(new)};\n"
        "END $limbeck$"
    )
