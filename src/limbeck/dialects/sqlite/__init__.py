"""SQLite: the record."""

from typing import TYPE_CHECKING

from limbeck.dialects.batch_rules import BatchRules
from limbeck.dialects.dialect import Capabilities, Dialect, LazyModule
from limbeck.dialects.dialect_rules import AlembicRules, Definitions, DiffRules, DraftRules, Tenancy
from limbeck.dialects.live_rules import LiveRules
from limbeck.dialects.measurement import Measurement
from limbeck.dialects.scratch_rules import ScratchRules
from limbeck.dialects.transaction_rules import TransactionRules
from limbeck.sql import SQLITE as QUOTING

if TYPE_CHECKING:
    import limbeck.dialects.sqlite.backfill_values as _backfill_values
    import limbeck.dialects.sqlite.effect_probe as _effect_probe
    import limbeck.dialects.sqlite.live_reading as _live_reading
    import limbeck.dialects.sqlite.measurement as _measurement
    import limbeck.dialects.sqlite.normalize as _normalize
    import limbeck.dialects.sqlite.reflect as _reflect
    import limbeck.dialects.sqlite.run_lock as _run_lock
    import limbeck.dialects.sqlite.safe_recipes as _safe_recipes
    import limbeck.dialects.sqlite.scratch as _scratch
    import limbeck.dialects.sqlite.table_reader as _table_reader
else:
    _backfill_values = LazyModule(f"{__name__}.backfill_values")
    _effect_probe = LazyModule(f"{__name__}.effect_probe")
    _live_reading = LazyModule(f"{__name__}.live_reading")
    _measurement = LazyModule(f"{__name__}.measurement")
    _safe_recipes = LazyModule(f"{__name__}.safe_recipes")
    _normalize = LazyModule(f"{__name__}.normalize")
    _reflect = LazyModule(f"{__name__}.reflect")
    _run_lock = LazyModule(f"{__name__}.run_lock")
    _scratch = LazyModule(f"{__name__}.scratch")
    _table_reader = LazyModule(f"{__name__}.table_reader")
_ddl = LazyModule(f"{__name__}.ddl")

_KINDS = frozenset({"view", "trigger"})

# Statements that SQLite refuses or ignores inside a transaction.
_TRANSACTION_RULES = TransactionRules(
    non_transactional={
        # https://www.sqlite.org/lang_vacuum.html
        "VACUUM": "",
        # no effect inside a transaction: https://www.sqlite.org/pragma.html#pragma_foreign_keys
        "PRAGMA": r"(?:\w+\s*\.\s*)?(?:foreign_keys|journal_mode|auto_vacuum|page_size)\b",
        "ATTACH": "",
        "DETACH": "",
    },
    ineffective={
        "VACUUM": "",
        "PRAGMA": r"(?:\w+\s*\.\s*)?(?:foreign_keys|journal_mode|synchronous|temp_store|auto_vacuum"
        r"|page_size)\s*[=(]",
        "ATTACH": "",
        "DETACH": "",
    },
)

SQLITE = Dialect(
    name="sqlite",
    capabilities=Capabilities(
        alters_constraints=False,
        alters_columns=False,
        errors_keep_transaction=True,
        comments=False,
        lock_in_transaction=True,
        case_insensitive_kinds=("table", "column"),
        quoting=QUOTING,
    ),
    elements=_ddl.elements,
    reflect=_reflect.reflect,
    normalize=_normalize.normalize,
    transaction_rules=_TRANSACTION_RULES,
    mutex=_run_lock.mutex,
    ready_mutex=_run_lock.ready_mutex,
    other_commits=_run_lock.other_commits,
    trace=_effect_probe.trace,
    has_transaction=_run_lock.has_transaction,
    table_facts=_effect_probe.table_facts,
    diff=DiffRules(views_block_column_changes=False),
    definitions=Definitions(
        kinds=_KINDS,
        declarable_kinds=_KINDS,
        # a trigger is dropped with its table or view
        reflected_kinds=_KINDS | {"table", "namespace"},
        statements=_ddl.statements,
    ),
    autogenerate=DraftRules(
        backfill_value=_backfill_values.fill,
        copy_keywords=_table_reader.copy_options,
        with_copy_keywords=_table_reader.with_options,
        table_keywords=_table_reader.table_keywords,
    ),
    batches=BatchRules(row_values=True, explains=True),
    tenancy=Tenancy(database_is_file=True, locked=_run_lock.locked),
    alembic=AlembicRules(reflects_plain_indexes=True),
    scratch=ScratchRules(
        is_file=True,
        sync_drivers=("pysqlite",),
        clear=_scratch.clear,
        effect_outside=_scratch.effect_outside,
        insert_rows=_scratch.insert_rows,
        defer_checks=_scratch.defer_checks,
        row_violation=_scratch.row_violation,
        select_text=_scratch.select_text,
        row_literals=_scratch.row_literals,
        insert_literals=_scratch.insert_literals,
        around_rows=_scratch.around_rows,
        unread_objects=_scratch.unread_objects,
    ),
    live=LiveRules(
        read_only=_live_reading.read_only,
        sizes=_live_reading.sizes,
        is_timeout=_live_reading.is_timeout,
        create_no_file=_live_reading.create_no_file,
    ),
    measurement=Measurement(
        open_probe=_measurement.open_probe,
        fill=_measurement.fill,
        safe_steps=_safe_recipes.safe_steps,
        lock_order=("SHARED", "EXCLUSIVE"),
        silent_locks=frozenset({"SHARED", "EXCLUSIVE"}),
        many_rows=1500,  # half of the 3000 rows of a table
    ),
)
