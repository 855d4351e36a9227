"""One SELECT over pg_catalog that returns all requested objects, as rows of JSON arrays.

Each scalar subquery below returns one kind of row. `statement` combines the requested ones, so
that a whole catalog takes one round trip, independent of the number of tables.
"""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.dialects.dialect import Scope
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.sql import quote_literal

DEFAULT_KINDS = frozenset({"table", "enum", "domain", "sequence", "namespace"})

# TimescaleDB keeps the chunks of its tables in separate schemas
_FOREIGN = (
    "(n.nspname LIKE 'pg\\_%' OR n.nspname = 'information_schema'"
    " OR n.nspname LIKE '\\_timescaledb\\_%')"
)


def quoted(text: str) -> str:
    """Return a string literal that is valid for any value of standard_conforming_strings."""
    if "\\" in text:
        return "E" + quote_literal(text, backslash_escapes=True)
    return quote_literal(text)


def _any_of(names: Iterable[str]) -> str:
    return "(" + ", ".join(quoted(name) for name in sorted(names)) + ")"


def _owned(catalog: str, oid: str) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.deptype = 'e'"
        f" AND e.classid = '{catalog}'::regclass AND e.objid = {oid})"
    )


def _comment(catalog: str, oid: str, sub: str = "0") -> str:
    return (
        f"LEFT JOIN pg_description d ON d.classoid = '{catalog}'::regclass"
        f" AND d.objoid = {oid} AND d.objsubid = {sub}"
    )


def _namespaces(scope: Scope) -> str:
    if not scope.namespaces:
        return f"NOT {_FOREIGN}"
    named = [name for name in scope.namespaces if name is not None]
    conditions = [f"n.nspname IN {_any_of(named)}"] if named else []
    if None in scope.namespaces:
        conditions.append("n.nspname = current_schema()")
    return f"({' OR '.join(conditions)})"


def _rows(columns: str, source: str, order: str = "") -> str:
    tail = f" ORDER BY {order}" if order else ""
    return (
        f"(SELECT coalesce(json_agg(json_build_array({columns}){tail}), '[]')::text FROM {source})"
    )


def statement(scope: Scope, kinds: frozenset[str], version: tuple[int, ...]) -> str:
    """Return the SELECT; each of its rows is a kind and its rows as JSON, or the default schema."""
    where = _namespaces(scope)
    parts: dict[str, str] = {"default": "current_schema()::text"}
    parts["types"] = _types()
    if "table" in kinds:
        tables = _tables_where(where, scope, ("r", "p"))
        parts["tables"] = _tables(tables)
        parts["parents"] = _parents(tables)
        parts["columns"] = _columns(tables, version)
        parts["constraints"] = _constraints(tables, version)
        parts["indexes"] = _indexes(tables, version)
        parts["opclasses"] = _opclasses()
        parts["collations"] = _collations()
    if kinds & {"table", "sequence"}:
        parts["sequences"] = _sequences(where)
    if "namespace" in kinds:
        parts["namespaces"] = _schemas(where)
    if kinds & {"enum"}:
        parts["labels"] = _labels(where)
    if kinds & {"domain"}:
        parts["domains"] = _domains(where)
        parts["domain_checks"] = _domain_checks(where)
    if "view_index" in kinds:
        parts["matview_indexes"] = _matview_indexes(where)
    parts.update(_definitions(kinds, where, scope))
    # one row per kind: the driver's buffer for a message is as large as the largest row
    rows = "\nUNION ALL ".join(f"SELECT {quoted(name)}, {text}" for name, text in parts.items())
    return qualified(rows)


def _tables_where(where: str, scope: Scope, kinds: tuple[str, ...]) -> str:
    text = f"c.relkind IN {_any_of(kinds)} AND {where} AND {_owned('pg_class', 'c.oid')}"
    text += " AND c.relpersistence <> 't'"
    if scope.tables is not None:
        text += f" AND c.relname IN {_any_of(scope.tables)}" if scope.tables else " AND false"
    return text


def _within(tables: str) -> str:
    return f"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {tables}"


def _tables(tables: str) -> str:
    return _rows(
        "c.oid::bigint, n.nspname, c.relname, c.relpersistence, c.reloptions, s.spcname,"
        " d.description, c.relispartition, CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid)"
        " END, t.reloptions",
        "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace"
        " LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL "
        f"{_comment('pg_class', 'c.oid')} WHERE {tables}",
        "n.nspname, c.relname",
    )


def _parents(tables: str) -> str:
    return _rows(
        "i.inhrelid::bigint, pn.nspname, p.relname",
        "pg_inherits i JOIN pg_class p ON p.oid = i.inhparent"
        " JOIN pg_namespace pn ON pn.oid = p.relnamespace"
        " JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE {tables}",
        "i.inhrelid, i.inhseqno",
    )


def _columns(tables: str, version: tuple[int, ...]) -> str:
    compression = (
        "CASE WHEN a.attcompression <> '' THEN a.attcompression END"
        if version >= (14,)
        else "NULL::text"
    )
    return (
        "(SELECT coalesce(json_agg(q.r), '[]')::text FROM (SELECT json_build_array("
        "c.oid::bigint, json_agg(json_build_array(a.attnum, a.attname, a.atttypid::bigint,"
        " format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(f.adbin, f.adrelid),"
        " a.attidentity, a.attgenerated, a.attcollation::bigint,"
        " a.attcollation <> ty.typcollation, d.description,"
        " CASE WHEN a.attstorage <> ty.typstorage THEN a.attstorage END,"
        f" {compression}, CASE WHEN NOT a.attislocal THEN true END) ORDER BY a.attnum)) AS r"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " JOIN pg_type ty ON ty.oid = a.atttypid"
        " LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum AND a.atthasdef"
        f" {_comment('pg_class', 'c.oid', 'a.attnum')} WHERE {tables} GROUP BY c.oid) q)"
    )


def _constraints(tables: str, version: tuple[int, ...]) -> str:
    nulled = "k.confdelsetcols" if version >= (15,) else "NULL::int2[]"
    enforced = "k.conenforced" if version >= (18,) else "true"
    return _rows(
        "k.conrelid::bigint, k.contype, k.conname, k.conkey, fn.nspname, fc.relname,"
        " (SELECT json_agg(fa.attname ORDER BY u.o) FROM unnest(k.confkey) WITH ORDINALITY u(n, o)"
        "  JOIN pg_attribute fa ON fa.attrelid = k.confrelid AND fa.attnum = u.n),"
        " k.confupdtype, k.confdeltype, k.confmatchtype, k.condeferrable, k.condeferred,"
        " k.convalidated, k.connoinherit, d.description,"
        " CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid)"
        " WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid) END,"
        f" {nulled}, k.conindid::bigint, {enforced}",
        "pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_class fc ON fc.oid = k.confrelid"
        " LEFT JOIN pg_namespace fn ON fn.oid = fc.relnamespace"
        f" {_comment('pg_constraint', 'k.oid')}"
        f" WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND {tables}"
        " AND (k.conislocal OR k.contype <> 'c')"
        " AND (k.conislocal OR k.contype NOT IN ('c', 'f', 'p', 'u') OR k.conparentid = 0"
        " AND k.coninhcount = 0)",
        "k.conrelid, k.conname",
    )


def _indexes(tables: str, version: tuple[int, ...]) -> str:
    distinct = "i.indnullsnotdistinct" if version >= (15,) else "false"
    expressions = (
        "CASE WHEN i.indexprs IS NULL THEN NULL ELSE (SELECT json_agg(CASE WHEN u.n = 0 THEN"
        " pg_get_indexdef(i.indexrelid, u.o::int, true) END ORDER BY u.o)"
        " FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(n, o)) END"
    )
    # Unique and primary-key indexes are included: only these rows contain INCLUDE and NULLS NOT
    # DISTINCT.
    return _rows(
        "i.indrelid::bigint, i.indexrelid::bigint, ic.relname, i.indisunique, am.amname,"
        " i.indkey::int2[], i.indnkeyatts, i.indoption::int2[], i.indclass::oid[]::bigint[],"
        f" i.indcollation::oid[]::bigint[], {expressions}, pg_get_expr(i.indpred, i.indrelid),"
        f" ic.reloptions, s.spcname, {distinct}, i.indisvalid, d.description",
        "pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am am ON am.oid = ic.relam"
        " LEFT JOIN pg_tablespace s ON s.oid = ic.reltablespace"
        f" {_comment('pg_class', 'ic.oid')} WHERE {tables} AND i.indislive"
        " AND NOT (ic.relispartition AND EXISTS"
        " (SELECT 1 FROM pg_inherits ih WHERE ih.inhrelid = i.indexrelid))",
        "i.indrelid, ic.relname",
    )


def _matview_indexes(where: str) -> str:
    return _rows(
        "n.nspname, c.relname, ic.relname, pg_get_indexdef(i.indexrelid), d.description",
        "pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON"
        " n.oid = c.relnamespace JOIN pg_class ic ON ic.oid = i.indexrelid"
        f" {_comment('pg_class', 'ic.oid')} WHERE c.relkind = 'm' AND {where}"
        f" AND {_owned('pg_class', 'c.oid')}",
        "n.nspname, c.relname, ic.relname",
    )


def _opclasses() -> str:
    return _rows("o.oid::bigint, o.opcname", "pg_opclass o WHERE NOT o.opcdefault")


def _collations() -> str:
    return _rows(
        "o.oid::bigint, cn.nspname, o.collname",
        "pg_collation o JOIN pg_namespace cn ON cn.oid = o.collnamespace WHERE o.oid IN"
        " (SELECT a.attcollation FROM pg_attribute a WHERE a.attrelid >= 16384"
        " UNION SELECT unnest(i.indcollation::oid[]) FROM pg_index i WHERE i.indrelid >= 16384)",
    )


def _types() -> str:
    return _rows(
        "t.oid::bigint, t.typarray::bigint, n.nspname, t.typname, t.typtype",
        f"pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd')"
        f" AND NOT {_FOREIGN} AND {_owned('pg_type', 't.oid')}",
    )


def _labels(where: str) -> str:
    return _rows(
        "n.nspname, t.typname, (SELECT json_agg(l.enumlabel ORDER BY l.enumsortorder)"
        " FROM pg_enum l WHERE l.enumtypid = t.oid), d.description",
        f"pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace {_comment('pg_type', 't.oid')}"
        f" WHERE t.typtype = 'e' AND {where} AND {_owned('pg_type', 't.oid')}",
        "n.nspname, t.typname",
    )


def _domains(where: str) -> str:
    return _rows(
        "t.oid::bigint, n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod),"
        " t.typbasetype::bigint, t.typnotnull, t.typdefault, d.description,"
        " CASE WHEN t.typcollation <> b.typcollation THEN (SELECT o.collname FROM pg_collation o"
        " WHERE o.oid = t.typcollation) END",
        f"pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
        f" JOIN pg_type b ON b.oid = t.typbasetype {_comment('pg_type', 't.oid')}"
        f" WHERE t.typtype = 'd' AND {where} AND {_owned('pg_type', 't.oid')}",
        "n.nspname, t.typname",
    )


def _domain_checks(where: str) -> str:
    return _rows(
        "k.contypid::bigint, k.conname, pg_get_expr(k.conbin, 0), k.convalidated",
        "pg_constraint k JOIN pg_type t ON t.oid = k.contypid"
        f" JOIN pg_namespace n ON n.oid = t.typnamespace WHERE k.contype = 'c' AND {where}",
        "k.contypid, k.conname",
    )


def _sequences(where: str) -> str:
    return _rows(
        "n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart::text,"
        " s.seqincrement::text, s.seqmin::text, s.seqmax::text, s.seqcache::text, s.seqcycle,"
        " p.refobjid::bigint, p.refobjsubid, p.deptype, d.description, tn.nspname, tc.relname,"
        " ta.attname",
        "pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_depend p ON p.classid = 'pg_class'::regclass AND p.objid = c.oid"
        " AND p.objsubid = 0 AND p.refclassid = 'pg_class'::regclass AND p.refobjsubid > 0"
        " AND p.deptype IN ('a', 'i')"
        " LEFT JOIN pg_class tc ON tc.oid = p.refobjid"
        " LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace"
        " LEFT JOIN pg_attribute ta ON ta.attrelid = p.refobjid AND ta.attnum = p.refobjsubid"
        f" {_comment('pg_class', 'c.oid')} WHERE {where} AND {_owned('pg_class', 'c.oid')}"
        " AND c.relpersistence <> 't'",
        "n.nspname, c.relname",
    )


def _schemas(where: str) -> str:
    return _rows(
        "n.nspname, d.description",
        f"pg_namespace n {_comment('pg_namespace', 'n.oid')}"
        f" WHERE {where} AND NOT {_FOREIGN} AND {_owned('pg_namespace', 'n.oid')}",
        "n.nspname",
    )


def _definitions(kinds: frozenset[str], where: str, scope: Scope) -> dict[str, str]:
    parts: dict[str, str] = {}
    views = [k for k, kind in (("v", "view"), ("m", "materialized_view")) if kind in kinds]
    if views:
        parts["views"] = _views(where, tuple(views))
    routines = [k for k, kind in (("f", "function"), ("p", "procedure")) if kind in kinds]
    if routines:
        parts["routines"] = _routines(where, tuple(routines))
    tables = _tables_where(where, scope, ("r", "p", "v", "m"))
    if "trigger" in kinds:
        parts["triggers"] = _rows(
            "n.nspname, c.relname, g.tgname, pg_get_triggerdef(g.oid), d.description,"
            " pn.nspname, p.proname, oidvectortypes(p.proargtypes), g.tgenabled, c.relkind",
            "pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = g.tgfoid"
            " JOIN pg_namespace pn ON pn.oid = p.pronamespace"
            f" {_comment('pg_trigger', 'g.oid')} WHERE NOT g.tgisinternal AND {tables}"
            f" AND {_owned('pg_trigger', 'g.oid')} AND NOT EXISTS (SELECT 1 FROM pg_depend k"
            # triggers of partitions that were derived from a trigger of the partitioned table
            " WHERE k.classid = 'pg_trigger'::regclass AND k.objid = g.oid"
            " AND k.refclassid = 'pg_trigger'::regclass)",
            "n.nspname, c.relname, g.tgname",
        )
    if "policy" in kinds:
        parts["policies"] = _rows(
            "n.nspname, c.relname, y.polname, y.polcmd, y.polpermissive,"
            " (SELECT json_agg(CASE WHEN u.r = 0 THEN 'public' ELSE pg_get_userbyid(u.r) END)"
            " FROM unnest(y.polroles) u(r)), pg_get_expr(y.polqual, y.polrelid),"
            " pg_get_expr(y.polwithcheck, y.polrelid), d.description",
            "pg_policy y JOIN pg_class c ON c.oid = y.polrelid"
            f" JOIN pg_namespace n ON n.oid = c.relnamespace {_comment('pg_policy', 'y.oid')}"
            f" WHERE {tables}",
            "n.nspname, c.relname, y.polname",
        )
    if "row_security" in kinds:
        parts["row_security"] = _rows(
            "n.nspname, c.relname, c.relforcerowsecurity",
            f"{_within(tables)} AND c.relrowsecurity",
            "n.nspname, c.relname",
        )
    if "grant" in kinds:
        parts["grants"] = _grants(_tables_where(where, scope, ("r", "p", "v", "m", "S")), where)
    if "extension" in kinds:
        parts["extensions"] = _rows(
            "x.extname, xn.nspname, x.extversion, d.description",
            "pg_extension x JOIN pg_namespace xn ON xn.oid = x.extnamespace"
            f" {_comment('pg_extension', 'x.oid')} WHERE x.extname <> 'plpgsql'",
            "x.extname",
        )
    return parts


def _grants(tables: str, where: str) -> str:
    """Return the privileges of roles other than the owner on tables, views, sequences, routines."""
    granted = (
        "bool_and(a.is_grantable) AS grantable,"
        " CASE WHEN a.grantee = 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END AS grantee,"
        " json_agg(a.privilege_type ORDER BY a.privilege_type) AS privileges"
    )
    return _rows(
        "g.nspname, g.relname, g.grantee, g.privileges, g.grantable, g.relkind",
        # 'p' is a partitioned table in one catalog, a procedure in the other
        f"(SELECT n.nspname, c.relname::text, replace(c.relkind::text, 'p', 'r') AS relkind,"
        f" {granted}"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " CROSS JOIN LATERAL aclexplode(c.relacl) a"
        f" WHERE {tables} AND c.relacl IS NOT NULL AND a.grantee <> c.relowner"
        " GROUP BY 1, 2, 3, 5 UNION ALL"
        " SELECT n.nspname, p.proname || '(' || oidvectortypes(p.proargtypes) || ')',"
        f" p.prokind::text, {granted} FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " CROSS JOIN LATERAL aclexplode(p.proacl) a"
        f" WHERE {where} AND p.proacl IS NOT NULL AND p.prokind IN ('f', 'p')"
        f" AND a.grantee <> p.proowner AND {_owned('pg_proc', 'p.oid')} GROUP BY 1, 2, 3, 5) g",
        "g.nspname, g.relname, g.grantee",
    )


def _views(where: str, kinds: tuple[str, ...]) -> str:
    needs = (
        "(SELECT json_agg(DISTINCT jsonb_build_array(rc.relkind, rn.nspname, rc.relname))"
        " FROM pg_rewrite w JOIN pg_depend e ON e.classid = 'pg_rewrite'::regclass"
        " AND e.objid = w.oid AND e.refclassid = 'pg_class'::regclass"
        " JOIN pg_class rc ON rc.oid = e.refobjid AND rc.oid <> c.oid"
        " JOIN pg_namespace rn ON rn.oid = rc.relnamespace WHERE w.ev_class = c.oid)"
    )
    calls = (
        "(SELECT json_agg(DISTINCT jsonb_build_array(p.prokind, pn.nspname, p.proname || '('"
        " || oidvectortypes(p.proargtypes) || ')'))"
        " FROM pg_rewrite w JOIN pg_depend e ON e.classid = 'pg_rewrite'::regclass"
        " AND e.objid = w.oid AND e.refclassid = 'pg_proc'::regclass"
        " JOIN pg_proc p ON p.oid = e.refobjid AND p.oid >= 16384"
        " JOIN pg_namespace pn ON pn.oid = p.pronamespace WHERE w.ev_class = c.oid)"
    )
    reads = (
        "(SELECT json_agg(DISTINCT jsonb_build_array(rn.nspname, rc.relname, ra.attname))"
        " FROM pg_rewrite w JOIN pg_depend e ON e.classid = 'pg_rewrite'::regclass"
        " AND e.objid = w.oid AND e.refclassid = 'pg_class'::regclass AND e.refobjsubid > 0"
        " JOIN pg_class rc ON rc.oid = e.refobjid AND rc.relkind IN ('r', 'p', 'f')"
        " JOIN pg_attribute ra ON ra.attrelid = rc.oid AND ra.attnum = e.refobjsubid"
        " JOIN pg_namespace rn ON rn.oid = rc.relnamespace WHERE w.ev_class = c.oid)"
    )
    return _rows(
        "c.relkind, n.nspname, c.relname, pg_get_viewdef(c.oid), d.description, c.reloptions,"
        f" {needs}, {calls}, c.relispopulated, {RESTORE_VIEW}, {reads}",
        f"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace {_comment('pg_class', 'c.oid')}"
        f" WHERE c.relkind IN {_any_of(kinds)} AND {where} AND {_owned('pg_class', 'c.oid')}"
        " AND c.relpersistence <> 't'",
        "n.nspname, c.relname",
    )


def _routines(where: str, kinds: tuple[str, ...]) -> str:
    # the privileges of roles are read with the grants; this is the privilege revoked from PUBLIC
    left = """
(SELECT json_agg(q.s ORDER BY q.s) FROM (
 SELECT format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', p.oid::regprocedure) AS s
 WHERE p.proacl IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM aclexplode(p.proacl) a WHERE a.grantee = 0)
 UNION ALL
 SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, pg_get_userbyid(p.proowner))
 WHERE pg_get_userbyid(p.proowner) <> current_user
) q)"""
    return _rows(
        "p.prokind, n.nspname, p.proname, oidvectortypes(p.proargtypes),"
        f" pg_get_functiondef(p.oid), d.description, {left}",
        f"pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace {_comment('pg_proc', 'p.oid')}"
        f" WHERE p.prokind IN {_any_of(kinds)} AND {where} AND {_owned('pg_proc', 'p.oid')}",
        "n.nspname, p.proname",
    )


# The statements that restore what DROP VIEW removes with a view and no declaration contains: column
# comments, column privileges, column defaults, rules, and the owner; for row `c` of pg_class.
RESTORE_VIEW = """
(SELECT json_agg(q.s ORDER BY q.s) FROM (
 SELECT format('COMMENT ON COLUMN %s.%I IS %L', c.oid::regclass, a.attname, e.description) AS s
 FROM pg_description e JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = e.objsubid
 WHERE e.classoid = 'pg_class'::regclass AND e.objoid = c.oid AND e.objsubid > 0
 UNION ALL
 SELECT format('GRANT %s (%I) ON %s TO %s%s', x.privilege_type, a.attname, c.oid::regclass,
  CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
  CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
 FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) x
 WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL
 UNION ALL
 SELECT format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', c.oid::regclass, a.attname,
  pg_get_expr(f.adbin, f.adrelid))
 FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = f.adnum
 WHERE f.adrelid = c.oid
 UNION ALL
 SELECT rtrim(pg_get_ruledef(w.oid), ';') FROM pg_rewrite w
 WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN'
 UNION ALL
 SELECT format('ALTER %s %s OWNER TO %I', CASE WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW'
  ELSE 'VIEW' END, c.oid::regclass, pg_get_userbyid(c.relowner))
 WHERE pg_get_userbyid(c.relowner) <> current_user
) q)"""
