"""PostgreSQL: the record."""

from limbeck import operations as ops
from limbeck.dialects.dialect import Capabilities, Dialect, Patience, later
from limbeck.dialects.postgresql import exclude_rendering as _source  # noqa: F401 - makes itself known
from limbeck.dialects.postgresql.ddl import elements
from limbeck.dialects.postgresql.exclude_constraint import CreateExcludeConstraintOp
from limbeck.dialects.postgresql.transaction_rules import cost

_HERE = "limbeck.dialects.postgresql"

_BESIDE = frozenset({"view", "materialized_view", "view_index", "function", "procedure", "trigger"})
# who may do what is never taken away because nobody mentions it
_DECLARED = frozenset({"extension", "policy", "row_security", "grant"})
# Views and what hangs on tables are read although models seldom know them: a change of their
# tables may hit them.
_TOLD_OF = frozenset(
    {
        "table", "namespace", "enum", "domain", "sequence", "view", "materialized_view",
        "view_index", "trigger", "policy", "row_security", "grant",
    }
)  # fmt: skip
_REPLACED = frozenset({"function", "procedure"})

POSTGRESQL = Dialect(
    name="postgresql",
    capabilities=Capabilities(transactional_ddl=True),
    elements=elements,
    reflect=later(f"{_HERE}.reflect", "reflect"),
    normalize=later(f"{_HERE}.normalize", "normalize"),
    cost=cost,
    mutex=later(f"{_HERE}.run_lock", "mutex"),
    trace=later(f"{_HERE}.effect_probe", "trace"),
    patience=Patience(
        bound=later(f"{_HERE}.session", "bound"),
        refused=later(f"{_HERE}.session", "refused"),
        holders=later(f"{_HERE}.session", "holders"),
        comes_with_lock=True,
    ),
    peek=later(f"{_HERE}.peeking", "peek"),
    operations=(
        CreateExcludeConstraintOp,
        ops.CreateEnumOp,
        ops.DropEnumOp,
        ops.AlterEnumOp,
        ops.CreateSequenceOp,
        ops.DropSequenceOp,
        ops.AlterSequenceOp,
        ops.CreateSchemaOp,
        ops.DropSchemaOp,
    ),
    options={
        word: later(f"{_HERE}.autogenerate", word)
        for word in (
            "cast",
            "default_name",
            "altered_part",
            "key_statements",
            "remark",
            "rename_part",
            "statements",
            "table_options",
        )
    }
    | {
        word: later(f"{_HERE}.identity_columns", word)
        for word in ("counter", "fill", "identity", "moved", "whole_sequence")
    }
    | {
        word: later(f"{_HERE}.sqlalchemy_options", word)
        for word in ("apart", "exclude", "said_again", "table_keywords")
    }
    | {"server_names": later(f"{_HERE}.definition_ddl", "with_server_signatures")}
    | {"recasts": True, "beside": _BESIDE, "declares": _BESIDE | _DECLARED, "replaced": _REPLACED}
    | {"drops_expressions": True, "bystanders": _TOLD_OF},
)
