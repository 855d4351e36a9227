"""MySQL and MariaDB: the records."""

from dataclasses import replace
from typing import TYPE_CHECKING

from limbeck import operations as ops
from limbeck.dialects.batch_rules import BatchRules
from limbeck.dialects.dialect import (
    Capabilities,
    Dialect,
    LazyModule,
    NameScope,
    Rollback,
    TableLockTimeout,
)
from limbeck.dialects.dialect_rules import AlembicRules, Definitions, DiffRules, DraftRules, Tenancy
from limbeck.dialects.live_rules import LiveRules
from limbeck.dialects.measurement import Measurement
from limbeck.dialects.mysql.ddl import elements
from limbeck.dialects.scratch_rules import ScratchRules
from limbeck.dialects.transaction_rules import TransactionRules
from limbeck.sql import MYSQL as QUOTING

if TYPE_CHECKING:
    import limbeck.dialects.mysql.autogenerate as _autogenerate
    import limbeck.dialects.mysql.batches as _batches
    import limbeck.dialects.mysql.columns as _columns
    import limbeck.dialects.mysql.effect_probe as _effect_probe
    import limbeck.dialects.mysql.live_reading as _live_reading
    import limbeck.dialects.mysql.measurement as _measurement
    import limbeck.dialects.mysql.routines as _routines
    import limbeck.dialects.mysql.row_literals as _row_literals
    import limbeck.dialects.mysql.run_lock as _run_lock
    import limbeck.dialects.mysql.safe_recipes as _safe_recipes
    import limbeck.dialects.mysql.scratch as _scratch
    import limbeck.dialects.mysql.session as _session
    import limbeck.dialects.mysql.table_options as _table_options
else:
    _autogenerate = LazyModule(f"{__name__}.autogenerate")
    _batches = LazyModule(f"{__name__}.batches")
    _columns = LazyModule(f"{__name__}.columns")
    _effect_probe = LazyModule(f"{__name__}.effect_probe")
    _live_reading = LazyModule(f"{__name__}.live_reading")
    _measurement = LazyModule(f"{__name__}.measurement")
    _safe_recipes = LazyModule(f"{__name__}.safe_recipes")
    _routines = LazyModule(f"{__name__}.routines")
    _run_lock = LazyModule(f"{__name__}.run_lock")
    _row_literals = LazyModule(f"{__name__}.row_literals")
    _scratch = LazyModule(f"{__name__}.scratch")
    _session = LazyModule(f"{__name__}.session")
    _table_options = LazyModule(f"{__name__}.table_options")
_reflect = LazyModule(f"{__name__}.reflect")
_normalize = LazyModule(f"{__name__}.normalize")

_KINDS = frozenset({"view", "trigger", "function", "procedure"})

# Statements of MySQL and MariaDB that commit the transaction.
_NOT_TEMPORARY = r"(?!TEMPORARY TABLE\b)"

# https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html
_TRANSACTION_RULES = TransactionRules(
    {
        "CREATE": _NOT_TEMPORARY,
        "DROP": _NOT_TEMPORARY,
        "CHECK": r"TABLE\b",
        "LOCK": r"TABLES\b",
        "UNLOCK": r"TABLES\b",
        "LOAD": r"INDEX\b",
        "CACHE": r"INDEX\b",
        **dict.fromkeys(
            ("ALTER", "RENAME", "TRUNCATE", "GRANT", "REVOKE", "ANALYZE", "OPTIMIZE", "REPAIR"), ""
        ),
        **dict.fromkeys(("INSTALL", "UNINSTALL", "FLUSH", "RESET"), ""),
    }
)

MYSQL = Dialect(
    name="mysql",
    capabilities=Capabilities(
        inline_comments=True,
        errors_keep_transaction=True,
        delimiter="$$",
        case_insensitive_kinds=("column",),
        quoting=QUOTING,
    ),
    elements=elements,
    reflect=_reflect.reflect,
    normalize=_normalize.normalize,
    transaction_rules=_TRANSACTION_RULES,
    # the key of the journal is too long for other engines too
    own_table_options={"mysql_engine": "InnoDB", "mariadb_engine": "InnoDB"},
    mutex=_run_lock.mutex,
    trace=_effect_probe.trace,
    name_scope=NameScope(
        pattern=r"USE\b",  # https://dev.mysql.com/doc/refman/8.4/en/use.html
        read=_effect_probe.current_database,
        write=_effect_probe.use_database,
        is_schema=True,
    ),
    rollback=Rollback(
        is_permanent=_effect_probe.is_permanent,
        had_no_effect=_effect_probe.had_no_effect,
        left_rows=_effect_probe.left_rows,
        table_options=_effect_probe.table_options,
    ),
    table_lock_timeout=TableLockTimeout(
        limit=_session.limit_waits,
        is_lock_error=_session.is_lock_error,
        holders=_session.holders,
        is_per_session=True,
        set_with_run_lock=True,
    ),
    has_transaction=_session.has_transaction,
    hide_table=_session.hide_table,
    table_facts=_session.table_facts,
    operations=(ops.CreateSchemaOp, ops.DropSchemaOp, ops.MoveTableOp),
    diff=DiffRules(
        can_drop_expression=frozenset({"stored"}),
        create_or_replace=_KINDS - {"trigger"},
        views_track_renames=False,
        foreign_keys_need_index=True,
        views_block_column_changes=False,
    ),
    definitions=Definitions(
        kinds=_KINDS,
        declarable_kinds=_KINDS,
        canonical_names=_routines.with_bare_names,
        statements=_autogenerate.statements,
    ),
    autogenerate=DraftRules(
        default_name=_autogenerate.default_name,
        given_check_names=_autogenerate.given_check_names,
        alter_part=_autogenerate.altered_part,
        rename_part=_autogenerate.rename_part,
        index_suffix=_autogenerate.index_ending,
        keys_after_indexes=_autogenerate.keys_after_indexes,
        add_key_indexes=_normalize.with_key_indexes,
        alter_table_options=_table_options.table_options,
        table_keywords=_table_options.table_keywords,
        sequence_options=_normalize.whole_sequence,
        full_column_ddl=_columns.modify_column,
        rename_column_ddl=_columns.rename_column,
        rename_with_dependents=_columns.rename_with_dependents,
        drop_expression=_columns.drop_expression,
        redefines_columns=True,
    ),
    batches=BatchRules(
        unusable_key=_batches.unusable_key,
        replica_lag=_batches.replica_lag,
        variable=_batches.variable,
        script=_batches.script,
        explains=True,
    ),
    tenancy=Tenancy(schema_is_database=True, locked=_run_lock.locked),
    # a unique constraint is an index, and a foreign key creates an index with its name
    alembic=AlembicRules(unique_constraints_are_indexes=True),
    scratch=ScratchRules(
        maintenance_database="",
        sync_drivers=("pymysql", "mysqldb"),
        list_databases=_scratch.list_databases,
        create_database=_scratch.create_database,
        drop_database=_scratch.drop_database,
        lacks_privilege=_scratch.lacks_privilege,
        clear=_scratch.clear,
        effect_outside=_scratch.effect_outside,
        shared_state=_scratch.shared_state,
        insert_rows=_scratch.insert_rows,
        defer_checks=_scratch.defer_checks,
        row_violation=_scratch.row_violation,
        digest=_scratch.digest,
        select_text=_scratch.select_text,
        row_literals=_row_literals.row_literals,
        insert_literals=_row_literals.insert_literals,
        around_rows=_row_literals.around_rows,
        unread_objects=_row_literals.unread_objects,
        unread_properties=_row_literals.unread_properties,
        as_literal=_row_literals.as_literal,
        unnamed_keys=_autogenerate.unnamed_keys,
    ),
    live=LiveRules(
        read_only=_live_reading.read_only,
        sizes=_live_reading.sizes,
        limited=_live_reading.limited,
        is_timeout=_live_reading.is_timeout,
        is_denied=_live_reading.is_denied,
        # https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html
        fills_new_columns=True,
    ),
    measurement=Measurement(
        open_probe=_measurement.open_probe,
        fill=_measurement.fill,
        safe_steps=_safe_recipes.safe_steps,
        lock_order=("NONE", "ROWS", "SHARED", "EXCLUSIVE"),
        silent_locks=frozenset({"NONE", "ROWS"}),
        commits_ddl=True,
        refused_in_transaction=_measurement.refused_in_transaction,
    ),
)

MARIADB = replace(
    MYSQL,
    name="mariadb",
    operations=(
        *MYSQL.operations,
        ops.CreateSequenceOp,
        ops.DropSequenceOp,
        ops.AlterSequenceOp,
    ),
)
