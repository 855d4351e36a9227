"""MySQL and MariaDB: the records."""

from dataclasses import replace

from limbeck import operations as ops
from limbeck.dialects.dialect import Capabilities, Dialect, Outline, Patience, later
from limbeck.dialects.mysql.ddl import elements
from limbeck.dialects.mysql.transaction_rules import cost

_HERE = "limbeck.dialects.mysql"

MYSQL = Dialect(
    name="mysql",
    capabilities=Capabilities(
        identifier_length=64, inline_comments=True, updates_two_tables=True, delimiter="$$"
    ),
    elements=elements,
    reflect=later(f"{_HERE}.reflect", "reflect"),
    normalize=later(f"{_HERE}.normalize", "normalize"),
    cost=cost,
    mutex=later(f"{_HERE}.run_lock", "mutex"),
    trace=later(f"{_HERE}.effect_probe", "trace"),
    outline=Outline(
        glance=later(f"{_HERE}.outline", "glance"), columns=later(f"{_HERE}.outline", "columns")
    ),
    patience=Patience(
        bound=later(f"{_HERE}.session", "bound"),
        refused=later(f"{_HERE}.session", "refused"),
        holders=later(f"{_HERE}.session", "holders"),
        lasts=True,
        comes_with_lock=True,
    ),
    peek=later(f"{_HERE}.peeking", "peek"),
    operations=(ops.CreateSchemaOp, ops.DropSchemaOp),
    options={
        "folds": ("column",),
        "restates_columns": True,
        **dict.fromkeys(
            ("declares", "beside"), frozenset({"view", "trigger", "function", "procedure"})
        ),
        "server_names": later(f"{_HERE}.routines", "with_bare_names"),
        "replaced": frozenset({"view", "function", "procedure"}),
        **dict.fromkeys(("pins", "follows"), False),
        "frees_computed": frozenset({"stored"}),
        # a unique constraint is an index, and a foreign key makes one of its own name
        "constraints_are_indexes": True,
        **{
            word: later(f"{_HERE}.autogenerate", word)
            for word in (
                "altered_part",
                "default_name",
                "holding",
                "index_ending",
                "rename_part",
                "statements",
            )
        },
        **{
            word: later(f"{_HERE}.table_options", word)
            for word in ("table_keywords", "table_options")
        },
        "without_table": later(f"{_HERE}.veil", "without_table"),
        **{
            word: later(f"{_HERE}.normalize", word)
            for word in ("whole_sequence", "with_key_indexes")
        },
        **{word: later(f"{_HERE}.columns", word) for word in ("let_go", "told_whole")},
    },
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
