"""`alembic.autogenerate`: comparing, drafting and printing."""

from limbeck.autogenerate import Rewriter, comparators
from limbeck.compat.autogenerate.api import (
    AutogenContext,
    RevisionContext,
    _produce_net_changes,
    _render_migration_diffs,
    compare_metadata,
    produce_migrations,
    render_python_code,
)
from limbeck.render import render_op_text, renderers

__all__ = [
    "AutogenContext",
    "RevisionContext",
    "Rewriter",
    "_produce_net_changes",
    "_render_migration_diffs",
    "comparators",
    "compare_metadata",
    "produce_migrations",
    "render_op_text",
    "render_python_code",
    "renderers",
]
