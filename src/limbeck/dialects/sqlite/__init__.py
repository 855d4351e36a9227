"""SQLite: the record."""

from limbeck.dialects.dialect import Capabilities, Dialect, later
from limbeck.dialects.sqlite.transaction_rules import cost

_HERE = "limbeck.dialects.sqlite"

SQLITE = Dialect(
    name="sqlite",
    capabilities=Capabilities(
        alters_constraints=False,
        alters_columns=False,
        identifier_length=9999,
        comments=False,
        lock_in_transaction=True,
    ),
    elements=later(f"{_HERE}.ddl", "elements"),
    reflect=later(f"{_HERE}.reflect", "reflect"),
    normalize=later(f"{_HERE}.normalize", "normalize"),
    cost=cost,
    mutex=later(f"{_HERE}.run_lock", "mutex"),
    ready_mutex=later(f"{_HERE}.run_lock", "ready_mutex"),
    trace=later(f"{_HERE}.effect_probe", "trace"),
    # for those who compare as far as SQLAlchemy reflects
    options={
        "folds": ("table", "column"),
        "reflects_plain_indexes": True,
        **{
            word: later(f"{_HERE}.table_options", word)
            for word in ("copy_options", "table_keywords")
        },
        "fill": later(f"{_HERE}.backfill_values", "fill"),
        **dict.fromkeys(("declares", "beside"), frozenset({"view", "trigger"})),
        "statements": later(f"{_HERE}.views", "statements"),
        # triggers go with their table or view
        "bystanders": frozenset({"table", "namespace", "view", "trigger"}),
        "pins": False,
    },
)
