"""The database-specific parts of limbeck. Names are imported when they are first accessed.

`find(name)` returns the record of a database; `send(operation, sink)` runs an operation.
"""

from __future__ import annotations

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.dialects.alembic_types import is_alike
    from limbeck.dialects.batch_rules import BatchLoop, BatchRules
    from limbeck.dialects.batches import BatchStatements, batch_statements
    from limbeck.dialects.catalog_probe import CatalogProbe, NetEffects
    from limbeck.dialects.ddl_builder import BuildContext, ColumnChange, Statements
    from limbeck.dialects.dialect import (
        Capabilities,
        Dialect,
        Elements,
        Mutex,
        Normalize,
        Reflect,
        Scope,
        Sent,
        TableFacts,
    )
    from limbeck.dialects.dialect_rules import (
        AlembicRules,
        Definitions,
        DiffRules,
        DraftRules,
        Tenancy,
    )
    from limbeck.dialects.driver import ScriptResult, execute_compiled, send_script, wait_for
    from limbeck.dialects.filled_tables import words_of
    from limbeck.dialects.inspector_normalize import as_inspected
    from limbeck.dialects.inspector_reflection import as_changed
    from limbeck.dialects.live_rules import LiveRules, TableSize
    from limbeck.dialects.measurement import Measured, Measurement, Probe, ReleaseTables
    from limbeck.dialects.operation_handlers import GENERIC
    from limbeck.dialects.own_comparison import at_least, differs, same
    from limbeck.dialects.own_queries import has_table, inspector, own_session, query_sql
    from limbeck.dialects.registry import built_in, find, generic_capabilities, having, register
    from limbeck.dialects.safe_recipes import SafeStep, with_placeholders
    from limbeck.dialects.scratch_rules import ScratchRules, is_of_environment
    from limbeck.dialects.script_text import (
        as_configured,
        begin_text,
        comment_text,
        commit_text,
        script_parts,
        script_text,
        sql_text,
        undoubled,
        without_tabs,
    )
    from limbeck.dialects.sending import send
    from limbeck.dialects.statement_effects import (
        DdlFact,
        Effects,
        TablePath,
        parse_effects,
        written_rows,
    )
    from limbeck.dialects.statement_knowledge import known_effects
    from limbeck.dialects.statement_reverse import Reverse, reverse_of
    from limbeck.dialects.statement_rules import TextRules, text_rules
    from limbeck.dialects.third_party import register_lookup
    from limbeck.dialects.transaction_rules import StatementClass, TransactionRules, classify

_MODULES = {
    "dialect": "Capabilities Dialect Elements Mutex Normalize Reflect Scope Sent TableFacts",
    "dialect_rules": "AlembicRules Definitions DiffRules DraftRules Tenancy",
    "batch_rules": "BatchLoop BatchRules",
    "batches": "BatchStatements batch_statements",
    "ddl_builder": "ColumnChange BuildContext Statements",
    "filled_tables": "words_of",
    "inspector_normalize": "as_inspected",
    "inspector_reflection": "as_changed",
    "alembic_types": "is_alike",
    "live_rules": "LiveRules TableSize",
    "driver": "ScriptResult execute_compiled send_script wait_for",
    "own_queries": "has_table inspector own_session query_sql",
    "measurement": "Measured Measurement Probe ReleaseTables",
    "statement_knowledge": "known_effects",
    "statement_rules": "TextRules text_rules",
    "safe_recipes": "SafeStep with_placeholders",
    "own_comparison": "at_least differs same",
    "registry": "built_in find generic_capabilities having register",
    "operation_handlers": "GENERIC",
    "scratch_rules": "ScratchRules is_of_environment",
    "sending": "send",
    "statement_effects": "DdlFact Effects TablePath parse_effects written_rows",
    "statement_reverse": "Reverse reverse_of",
    "catalog_probe": "CatalogProbe NetEffects",
    "third_party": "register_lookup",
    "transaction_rules": "StatementClass TransactionRules classify",
    "script_text": (
        "as_configured begin_text comment_text commit_text script_parts script_text"
        " sql_text undoubled without_tabs"
    ),
}

__all__ = [
    "GENERIC",
    "AlembicRules",
    "BatchLoop",
    "BatchRules",
    "BatchStatements",
    "BuildContext",
    "Capabilities",
    "CatalogProbe",
    "ColumnChange",
    "DdlFact",
    "Definitions",
    "Dialect",
    "DiffRules",
    "DraftRules",
    "Effects",
    "Elements",
    "LiveRules",
    "Measured",
    "Measurement",
    "Mutex",
    "NetEffects",
    "Normalize",
    "Probe",
    "Reflect",
    "ReleaseTables",
    "Reverse",
    "SafeStep",
    "Scope",
    "ScratchRules",
    "ScriptResult",
    "Sent",
    "StatementClass",
    "Statements",
    "TableFacts",
    "TablePath",
    "TableSize",
    "Tenancy",
    "TextRules",
    "TransactionRules",
    "as_changed",
    "as_configured",
    "as_inspected",
    "at_least",
    "batch_statements",
    "begin_text",
    "built_in",
    "classify",
    "comment_text",
    "commit_text",
    "differs",
    "execute_compiled",
    "find",
    "generic_capabilities",
    "has_table",
    "having",
    "inspector",
    "is_alike",
    "is_of_environment",
    "known_effects",
    "own_session",
    "parse_effects",
    "query_sql",
    "register",
    "register_lookup",
    "reverse_of",
    "same",
    "script_parts",
    "script_text",
    "send",
    "send_script",
    "sql_text",
    "text_rules",
    "undoubled",
    "wait_for",
    "with_placeholders",
    "without_tabs",
    "words_of",
    "written_rows",
]

__getattr__ = lazy_exports(__name__, {module: names.split() for module, names in _MODULES.items()})
