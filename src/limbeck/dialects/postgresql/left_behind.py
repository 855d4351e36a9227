"""What goes with a view and no declaration speaks of, as the statements that bring it back."""

from __future__ import annotations

# of the row `c` of pg_class
LEFT_BEHIND = """
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
 SELECT format('ALTER %s %s OWNER TO %I', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW'
  ELSE 'VIEW' END, c.oid::regclass, pg_get_userbyid(c.relowner))
 WHERE pg_get_userbyid(c.relowner) <> current_user
) q)"""
