"""A native project with models, made for one test."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import limbeck

MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
shop = sa.Table(
    "shop", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(30))
)
"""
FIRST = '''"""make shops"""

import sqlalchemy as sa

from limbeck import op

revision = "aa11"
down_revision = None


def upgrade() -> None:
    op.create_table("shop", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("shop")
'''
SECOND = '''"""name them"""

import sqlalchemy as sa

from limbeck import op

revision = "bb22"
down_revision = "aa11"


def upgrade() -> None:
    op.add_column("shop", sa.Column("name", sa.String(30)))


def downgrade() -> None:
    op.drop_column("shop", "name")
'''


def native_project(folder: Path, url: str | None = None) -> Path:
    """Write a project without env.py; return its pyproject.toml."""
    module = f"models_{folder.name}_{abs(hash(folder))}".replace("-", "_")
    (folder / f"{module}.py").write_text(MODELS)
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "aa11_.py").write_text(FIRST)
    (versions / "bb22_.py").write_text(SECOND)
    template = Path(limbeck.__file__).parent / "project" / "templates" / "declared"
    shutil.copy(template / "script.py.mako", folder / "migrations")
    path = folder / "pyproject.toml"
    path.write_text(
        "[tool.limbeck]\n"
        f'script_location = "{folder / "migrations"}"\n'
        f'metadata = "{module}:metadata"\n'
        f'prepend_sys_path = ["{folder}"]\n' + ("" if url is None else f"url = '{url}'\n")
    )
    sys.modules.pop(module, None)
    return path
