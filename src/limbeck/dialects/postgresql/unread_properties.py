"""PostgreSQL: what a database holds beside what limbeck reads, to compare two of its states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from limbeck.dialects.postgresql.qualified_sql import qualified

if TYPE_CHECKING:
    from sqlalchemy import Connection

_RELATION = "o.oid >= 16384 AND o.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"
_OWNER = "o.{0} <> current_user::regrole::oid"
_IS_COMPOSITE = """
o.typtype = 'r' OR o.typtype = 'c'
  AND (SELECT c.relkind FROM pg_class AS c WHERE c.oid = o.typrelid) = 'c'
"""
_MEMBERS = """
(SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
  FROM pg_attribute AS a WHERE a.attrelid = o.typrelid AND NOT a.attisdropped)
"""
# property, catalog, condition, value; `o` is the row of the catalog
# https://www.postgresql.org/docs/current/catalogs.html
_PROPERTIES = (
    ("", "pg_type", _IS_COMPOSITE, _MEMBERS),
    ("", "pg_rewrite", "o.rulename <> '_RETURN'", "pg_get_ruledef(o.oid)"),
    ("", "pg_statistic_ext", "true", "pg_get_statisticsobjdef(o.oid)"),
    ("statistics target", "pg_statistic_ext", "o.stxstattarget >= 0", "o.stxstattarget::text"),
    ("", "pg_proc", "o.prokind = 'a'", "o.proargtypes::text"),
    ("", "pg_operator", "true", "o.oprcode::text"),
    ("", "pg_cast", "true", "(o.castcontext::text || o.castmethod::text)"),
    ("", "pg_collation", "true", "o.collprovider::text"),
    ("", "pg_ts_config", "true", "''"),
    ("", "pg_ts_dict", "true", "o.dictinitoption"),
    ("", "pg_foreign_server", "true", "o.srvoptions::text"),
    ("", "pg_event_trigger", "true",
     "concat_ws(' ', o.evtevent, o.evtenabled, o.evtfoid::regproc, o.evttags)"),
    ("", "pg_publication", "true",
     "concat_ws(' ', o.puballtables, o.pubinsert, o.pubupdate, o.pubdelete, o.pubtruncate)"),
    ("", "pg_publication_rel", "true", "''"),
    ("", "pg_default_acl", "true", "o.defaclacl::text"),
    ("replica identity", "pg_class", f"{_RELATION} AND o.relreplident NOT IN ('d', 'n')",
     "o.relreplident::text"),
    ("owner", "pg_class", f"{_RELATION} AND {_OWNER.format('relowner')}",
     "o.relowner::regrole::text"),
    ("owner", "pg_proc", _OWNER.format("proowner"), "o.proowner::regrole::text"),
    ("owner", "pg_type", f"o.typtype IN ('e', 'd') AND {_OWNER.format('typowner')}",
     "o.typowner::regrole::text"),
    ("owner", "pg_namespace", _OWNER.format("nspowner"), "o.nspowner::regrole::text"),
    ("state", "pg_trigger", "o.tgenabled <> 'O'", "o.tgenabled::text"),
)  # fmt: skip
_OTHERS = """
SELECT 'clustering of ' || pg_describe_object('pg_class'::regclass, i.indrelid, 0),
  i.indexrelid::regclass::text
FROM pg_catalog.pg_index AS i WHERE i.indisclustered AND i.indrelid >= 16384
UNION ALL
SELECT word || ' of ' || pg_describe_object('pg_class'::regclass, a.attrelid, a.attnum), value
FROM pg_catalog.pg_attribute AS a, LATERAL (VALUES ('privileges', a.attacl::text),
  ('options', (SELECT string_agg(one, ' ' ORDER BY one) FROM unnest(a.attoptions) AS one
    WHERE one LIKE 'n_distinct%')), ('statistics target',
    CASE WHEN a.attstattarget <> -1 THEN a.attstattarget::text END))
  AS v (word, value)
WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND value IS NOT NULL
UNION ALL
SELECT 'options of ' || pg_describe_object('pg_class'::regclass, s.seqrelid, 0),
  concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
    s.seqcycle)
FROM pg_catalog.pg_sequence AS s
WHERE (s.seqstart, s.seqincrement, s.seqmin, s.seqcache, s.seqcycle) <> (1, 1, 1, 1, false)
  AND EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = s.seqrelid
    AND d.classid = 'pg_class'::regclass AND d.deptype = 'a')
UNION ALL
SELECT 'comment of ' || pg_describe_object(o.classoid, o.objoid, o.objsubid), o.description
FROM pg_catalog.pg_description AS o
WHERE o.objoid >= 16384 AND o.classoid <> 'pg_class'::regclass AND o.classoid <>
  'pg_constraint'::regclass AND o.classoid <> 'pg_extension'::regclass
"""


def unread_properties(connection: Connection) -> Mapping[str, str]:
    """Return what limbeck does not read of a database, by description.

    Objects of extensions are left out.

    Args:
        connection: to the database.
    """
    parts = [_OTHERS]
    for name, catalog, condition, value in _PROPERTIES:
        described = f"pg_describe_object('{catalog}'::regclass, o.oid, 0)"
        words = f"'{name} of ' || {described}" if name else described
        parts.append(
            f"SELECT {words}, {value} FROM pg_catalog.{catalog} AS o"  # noqa: S608 - constants
            f" WHERE o.oid >= 16384 AND ({condition}) AND NOT EXISTS (SELECT FROM"
            f" pg_catalog.pg_depend AS d WHERE d.classid = '{catalog}'::regclass"
            " AND d.objid = o.oid AND d.deptype = 'e')"
        )
    rows = connection.exec_driver_sql(
        qualified(" UNION ALL ".join(parts)), execution_options={"no_parameters": True}
    )
    return {str(words): str(value) for words, value in rows}
