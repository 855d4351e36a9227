"""Declare views, functions, triggers, grants and other objects besides tables for autogenerate.

Declarations belong to a MetaData, like the tables of the models.
"""

from limbeck.sqlalchemy_io.declared_files import file
from limbeck.sqlalchemy_io.declared_objects import (
    comment,
    extension,
    function,
    grant,
    index,
    materialized_view,
    policy,
    procedure,
    row_security,
    trigger,
    view,
)
from limbeck.sqlalchemy_io.declared_rows import rows
from limbeck.sqlalchemy_io.writer import ServerType

__all__ = [
    "ServerType",
    "comment",
    "extension",
    "file",
    "function",
    "grant",
    "index",
    "materialized_view",
    "policy",
    "procedure",
    "row_security",
    "rows",
    "trigger",
    "view",
]
