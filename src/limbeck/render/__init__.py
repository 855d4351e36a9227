"""Render operations as the Python source of a revision file, and collect its imports."""

from limbeck.render.context import Dispatcher, RenderContext, renderers
from limbeck.render.function_body import (
    batch_block,
    render_body,
    render_op,
    render_op_text,
    render_python_code,
    render_script,
)
from limbeck.render.layout import import_lines, lay_out
from limbeck.render.schema_items import (
    check_source,
    column_source,
    constraint_name,
    constraint_renderers,
    constraint_source,
    foreign_key_source,
    is_type_bound,
    server_default_source,
    unique_source,
)
from limbeck.render.types import escaped, sql_of, text_source, type_source, value_source

__all__ = [
    "Dispatcher",
    "RenderContext",
    "batch_block",
    "check_source",
    "column_source",
    "constraint_name",
    "constraint_renderers",
    "constraint_source",
    "escaped",
    "foreign_key_source",
    "import_lines",
    "is_type_bound",
    "lay_out",
    "render_body",
    "render_op",
    "render_op_text",
    "render_python_code",
    "render_script",
    "renderers",
    "server_default_source",
    "sql_of",
    "text_source",
    "type_source",
    "unique_source",
    "value_source",
]
