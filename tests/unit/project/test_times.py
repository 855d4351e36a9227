"""Settings that are times: seconds, 0 or more."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.errors import (
    InvalidValueError,
)
from limbeck.project import (
    Project,
    find_config,
)

NAMES = ("lock_timeout", "table_timeout", "connect_timeout", "silence_timeout")


def _project(folder: Path, line: str) -> Project:
    ini = folder / "alembic.ini"
    ini.write_text(f"[alembic]\nscript_location = {folder}\n{line}\n")
    return Project.from_config(find_config([str(ini)]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["-5", "nan", "soon"])
def test_invalid_times_are_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(InvalidValueError, match=name):
        _project(tmp_path, f"{name} = {value}")


@pytest.mark.parametrize("name", NAMES)
def test_zero_is_a_valid_time(tmp_path: Path, name: str) -> None:
    assert getattr(_project(tmp_path, f"{name} = 0"), name) == 0
