"""`alembic.script`: the revisions of a project as Alembic's classes."""

from limbeck.compat.script.base import Script, ScriptDirectory

__all__ = ["Script", "ScriptDirectory"]
