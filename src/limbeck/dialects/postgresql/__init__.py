"""PostgreSQL: the record."""

from typing import TYPE_CHECKING

from limbeck import operations as ops
from limbeck.dialects.batch_rules import BatchRules
from limbeck.dialects.dialect import (
    Activity,
    Capabilities,
    Dialect,
    LazyModule,
    NameScope,
    TableLockTimeout,
)
from limbeck.dialects.dialect_rules import Definitions, DiffRules, DraftRules, Tenancy
from limbeck.dialects.live_rules import LiveRules
from limbeck.dialects.measurement import Measurement
from limbeck.dialects.postgresql import exclude_rendering as _source  # noqa: F401 - registers itself
from limbeck.dialects.postgresql.ddl import elements
from limbeck.dialects.postgresql.exclude_constraint import CreateExcludeConstraintOp
from limbeck.dialects.postgresql.lock_modes import ORDER
from limbeck.dialects.scratch_rules import ScratchRules
from limbeck.dialects.transaction_rules import TransactionRules
from limbeck.sql import POSTGRESQL as QUOTING

if TYPE_CHECKING:
    import limbeck.dialects.postgresql.autogenerate as _autogenerate
    import limbeck.dialects.postgresql.batches as _batches
    import limbeck.dialects.postgresql.definition_ddl as _definition_ddl
    import limbeck.dialects.postgresql.effect_probe as _effect_probe
    import limbeck.dialects.postgresql.identity_columns as _identity_columns
    import limbeck.dialects.postgresql.live_reading as _live_reading
    import limbeck.dialects.postgresql.measurement as _measurement
    import limbeck.dialects.postgresql.qualified_query as _qualified_query
    import limbeck.dialects.postgresql.row_literals as _row_literals
    import limbeck.dialects.postgresql.run_lock as _run_lock
    import limbeck.dialects.postgresql.safe_recipes as _safe_recipes
    import limbeck.dialects.postgresql.sample_rows as _sample_rows
    import limbeck.dialects.postgresql.scratch as _scratch
    import limbeck.dialects.postgresql.session as _session
    import limbeck.dialects.postgresql.sqlalchemy_options as _sqlalchemy_options
    import limbeck.dialects.postgresql.tenancy as _tenancy
    import limbeck.dialects.postgresql.unread_properties as _unread
else:
    _autogenerate = LazyModule(f"{__name__}.autogenerate")
    _batches = LazyModule(f"{__name__}.batches")
    _definition_ddl = LazyModule(f"{__name__}.definition_ddl")
    _effect_probe = LazyModule(f"{__name__}.effect_probe")
    _identity_columns = LazyModule(f"{__name__}.identity_columns")
    _live_reading = LazyModule(f"{__name__}.live_reading")
    _measurement = LazyModule(f"{__name__}.measurement")
    _qualified_query = LazyModule(f"{__name__}.qualified_query")
    _safe_recipes = LazyModule(f"{__name__}.safe_recipes")
    _run_lock = LazyModule(f"{__name__}.run_lock")
    _row_literals = LazyModule(f"{__name__}.row_literals")
    _scratch = LazyModule(f"{__name__}.scratch")
    _sample_rows = LazyModule(f"{__name__}.sample_rows")
    _session = LazyModule(f"{__name__}.session")
    _sqlalchemy_options = LazyModule(f"{__name__}.sqlalchemy_options")
    _tenancy = LazyModule(f"{__name__}.tenancy")
    _unread = LazyModule(f"{__name__}.unread_properties")
_reflect = LazyModule(f"{__name__}.reflect")
_normalize = LazyModule(f"{__name__}.normalize")

_KINDS = frozenset({"view", "materialized_view", "view_index", "function", "procedure", "trigger"})
# extensions, policies and grants are never dropped because the models lack them
_DECLARABLE = _KINDS | {"extension", "policy", "row_security", "grant"}
# A change of a table may affect the views and the other text-defined objects of the table, although
# models rarely declare them.
_REFLECTED = frozenset(
    {
        "table", "namespace", "enum", "domain", "sequence", "view", "materialized_view",
        "view_index", "trigger", "policy", "row_security", "grant",
    }
)  # fmt: skip

# Statements that PostgreSQL refuses inside a transaction.
_INDEX_CONCURRENTLY = r"INDEX CONCURRENTLY\b"
_DATABASE = r"(?:DATABASE|TABLESPACE|SUBSCRIPTION)\b"

# https://www.postgresql.org/docs/current/sql-commands.html, "cannot be executed inside a
# transaction block" in the notes of each command
_TRANSACTION_RULES = TransactionRules(
    {
        "CREATE": rf"(?:UNIQUE )?{_INDEX_CONCURRENTLY}|{_DATABASE}",
        "DROP": rf"{_INDEX_CONCURRENTLY}|{_DATABASE}",
        "REINDEX": r"(?:\([^)]*\) )?(?:(?:TABLE|INDEX|SCHEMA|DATABASE|SYSTEM)?\s*CONCURRENTLY\b"
        r"|(?:SCHEMA|DATABASE|SYSTEM)\b)",
        "VACUUM": "",
        "ALTER": r"DATABASE .* SET TABLESPACE\b|SYSTEM\b"
        r"|TABLE .* DETACH PARTITION .* CONCURRENTLY\b",
        "CLUSTER": r"(?:VERBOSE)?$",
    }
)

POSTGRESQL = Dialect(
    name="postgresql",
    capabilities=Capabilities(transactional_ddl=True, quoting=QUOTING),
    elements=elements,
    reflect=_reflect.reflect,
    normalize=_normalize.normalize,
    transaction_rules=_TRANSACTION_RULES,
    mutex=_run_lock.mutex,
    trace=_effect_probe.trace,
    has_transaction=_run_lock.has_transaction,
    table_facts=_session.table_facts,
    own_session=_qualified_query.own_session,
    query_text=_qualified_query.query_text,
    has_server_operators=_qualified_query.has_server_operators,
    activity=Activity(now=_session.now, runs=_session.runs),
    name_scope=NameScope(
        # https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH
        pattern=r"SET\s+(?:SESSION\s+|LOCAL\s+)?(?:search_path|schema)\b"
        r"|SELECT\s+(?:pg_catalog\s*\.\s*)?set_config\s*\(\s*'search_path'",
        read=_session.search_path,
        write=_session.set_search_path,
        has_table=_session.has_table,
    ),
    table_lock_timeout=TableLockTimeout(
        limit=_session.limit_waits,
        is_lock_error=_session.is_lock_error,
        holders=_session.holders,
        set_with_run_lock=True,
    ),
    operations=(
        CreateExcludeConstraintOp,
        ops.CreateEnumOp,
        ops.DropEnumOp,
        ops.AlterEnumOp,
        ops.AlterDomainOp,
        ops.MoveTableOp,
        ops.CreateSequenceOp,
        ops.DropSequenceOp,
        ops.AlterSequenceOp,
        ops.CreateSchemaOp,
        ops.DropSchemaOp,
    ),
    diff=DiffRules(create_or_replace=frozenset({"function", "procedure"}), inserts_casts=True),
    definitions=Definitions(
        kinds=_KINDS,
        declarable_kinds=_DECLARABLE,
        reflected_kinds=_REFLECTED,
        canonical_names=_definition_ddl.with_server_signatures,
        statements=_autogenerate.statements,
        operation=_autogenerate.retyped_domain,
    ),
    autogenerate=DraftRules(
        cast_keywords=_autogenerate.cast,
        default_name=_autogenerate.default_name,
        alter_part=_autogenerate.altered_part,
        rename_part=_autogenerate.rename_part,
        comment_ddl=_autogenerate.comment_statement,
        constraint_ddl=_autogenerate.constraint_statements,
        alter_table_options=_autogenerate.table_options,
        table_keywords=_sqlalchemy_options.table_keywords,
        moves_tables=True,
        identity_transition=_identity_columns.counter,
        identity_options=_identity_columns.identity,
        sequence_options=_identity_columns.whole_sequence,
        add_serial_column=_identity_columns.add_serial,
        partition_ddl=_autogenerate.partition_statements,
        backfill_value=_identity_columns.fill,
        has_drop_expression=True,
        without_create_type=_sqlalchemy_options.without_create_type,
        exclude_constraint=_sqlalchemy_options.exclude,
        reparseable=_sqlalchemy_options.reparseable,
    ),
    scratch=ScratchRules(
        takes_scripts=True,
        maintenance_database="postgres",
        sync_drivers=("psycopg", "psycopg2", "pg8000"),
        list_databases=_scratch.list_databases,
        create_database=_scratch.create_database,
        drop_database=_scratch.drop_database,
        copy_database=_scratch.copy_database,
        keep_template=_scratch.keep_template,
        list_schemas=_scratch.list_schemas,
        create_schema=_scratch.create_schema,
        drop_schema=_scratch.drop_schema,
        schema_arguments=_scratch.schema_arguments,
        embedded_server=_scratch.embedded_server,
        lacks_privilege=_scratch.lacks_privilege,
        missing_object=_scratch.missing_object,
        extensions=_scratch.extensions,
        create_extension=_scratch.create_extension,
        settings=_scratch.settings,
        clear=_scratch.clear,
        effect_outside=_scratch.effect_outside,
        shared_changes=_scratch.shared_changes,
        shared_state=_scratch.shared_state,
        insert_rows=_scratch.insert_rows,
        defer_checks=_scratch.defer_checks,
        row_violation=_scratch.row_violation,
        digest=_scratch.digest,
        select_text=_scratch.select_text,
        row_literals=_row_literals.row_literals,
        insert_literals=_row_literals.insert_literals,
        sequence_values=_row_literals.sequence_values,
        unread_objects=_row_literals.unread_objects,
        unread_properties=_unread.unread_properties,
        is_untouched=_row_literals.is_untouched,
    ),
    live=LiveRules(
        read_only=_live_reading.read_only,
        sizes=_live_reading.sizes,
        is_timeout=_live_reading.is_timeout,
        is_denied=_live_reading.is_denied,
    ),
    measurement=Measurement(
        open_probe=_measurement.open_probe,
        fill=_sample_rows.fill,
        safe_steps=_safe_recipes.safe_steps,
        lock_order=ORDER,
        silent_locks=frozenset({"ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE"}),
        rolls_back=True,
        mass_change="updates-long",
        refused_in_transaction=_measurement.refused_in_transaction,
    ),
    batches=BatchRules(
        row_values=True,
        replica_lag=_batches.replica_lag,
        variable=_batches.variable,
        script=_batches.script,
        explains=True,
    ),
    tenancy=Tenancy(
        enter_schema=_tenancy.enter_schema,
        default_schema=_tenancy.default_schema,
        locked=_tenancy.locked,
        checks=_tenancy.checks,
        script_drivers=frozenset({"psycopg"}),
    ),
)
