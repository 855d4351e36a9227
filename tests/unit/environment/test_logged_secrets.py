"""Where limbeck sets logging up, secrets are masked in the records of all packages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from limbeck.environment.config_only import configure_logging


class _Config:
    toml_file_name = "limbeck.toml"

    def __init__(self, logging_: object) -> None:
        self._logging = logging_

    def get_alembic_option(self, _name: str) -> object:
        return self._logging


@pytest.fixture
def stream() -> Iterator[StringIO]:
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    root.handlers.clear()
    yield StringIO()
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    logging.getLogger("sqlalchemy.engine.Engine").handlers.clear()


@pytest.mark.parametrize("logger", ["", "sqlalchemy.engine.Engine"])
def test_statements_of_the_engine_are_masked(stream: StringIO, logger: str) -> None:
    handler: dict[str, Any] = {"class": "logging.StreamHandler", "stream": stream}
    chosen: dict[str, Any] = {"handlers": ["out"], "level": "INFO"}
    table: dict[str, Any] = {"handlers": {"out": handler}}
    table.update({"loggers": {logger: chosen}} if logger else {"root": chosen})
    for _ in range(2):
        configure_logging(_Config(table))
    log = logging.getLogger("sqlalchemy.engine.Engine")
    log.setLevel(logging.INFO)
    log.info("ALTER USER %s IDENTIFIED BY 'hunter2'", "x")
    log.info("SELECT 1")
    text = stream.getvalue()
    assert "hunter2" not in text
    assert "ALTER USER x IDENTIFIED BY" in text
    assert "SELECT 1" in text
