"""A revision file that would not be Python is not written, however long it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.errors import (
    BrokenTemplateError,
)
from limbeck.project.template import render_revision

_TEMPLATE = '''"""${message}"""
from alembic import op


def upgrade():
    ${upgrades}


def downgrade():
    pass
'''
_LINES = [f"op.drop_table('table_number_{number}')" for number in range(5000)]


def _rendered(folder: Path, lines: list[str], template: str = _TEMPLATE) -> str:
    path = folder / "script.py.mako"
    path.write_text(template)
    return render_revision(path, "long", {"upgrades": "\n    ".join(lines)})


def test_a_long_file_is_written_as_it_is(tmp_path: Path) -> None:
    text = _rendered(tmp_path, _LINES)
    assert text.count("op.drop_table") == len(_LINES)
    compile(text, "revision", "exec")


@pytest.mark.parametrize("place", [0, 2500, 4999])
def test_an_invalid_line_in_a_long_file_is_reported(tmp_path: Path, place: int) -> None:
    lines = [*_LINES]
    lines[place] = "op.drop_table('open'"
    with pytest.raises(BrokenTemplateError):
        _rendered(tmp_path, lines)


def test_a_string_over_several_lines_can_contain_operations(tmp_path: Path) -> None:
    words = 'op.execute("""\n    ' + "\n    ".join(_LINES) + '\n    """)'
    text = _rendered(tmp_path, [*_LINES, words, *_LINES])
    compile(text, "revision", "exec")


def test_an_operation_below_the_margin_is_an_unexpected_indent(tmp_path: Path) -> None:
    template = _TEMPLATE.replace("    ${upgrades}", "    pass\n\nx = 1\n    ${upgrades}")
    with pytest.raises(BrokenTemplateError):
        _rendered(tmp_path, ["op.f('x')" + " " * 60_000, *_LINES], template)
    long = _TEMPLATE.replace("    ${upgrades}", "    ${upgrades}\n\nx = 1\n    op.g()")
    with pytest.raises(BrokenTemplateError):
        _rendered(tmp_path, [*_LINES], long)
