"""Write the SQL of migrations in the dialects of other packages; run by two interpreters.

Prints JSON: for each dialect, case and way the script, and the class of the error that ended it.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import warnings
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.ddl.impl import DefaultImpl
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.migration import MigrationContext
from alembic.operations import Operations


class DuckDB(PostgresqlImpl):
    """As duckdb-engine's page says it."""

    __dialect__ = "duckdb"


class Snowflake(DefaultImpl):
    """As snowflake-sqlalchemy's page says it."""

    __dialect__ = "snowflake"


class ClickHouse(DefaultImpl):
    """The least that a class can say."""

    __dialect__ = "clickhouse"


class Spanner(DefaultImpl):
    """As sqlalchemy-spanner's page says it."""

    __dialect__ = "spanner+spanner"


def written(address: str, body: str) -> tuple[str, str | None]:
    """Return the script of a body, and the class of the error that it ended in."""
    output = io.StringIO()
    try:
        dialect: Any = sa.make_url(f"{address}://").get_dialect()()
        context = MigrationContext.configure(
            dialect=dialect, opts={"as_sql": True, "output_buffer": output}
        )
        with Operations.context(context) as op:
            exec(body, {"op": op, "sa": sa})
    except Exception as error:  # noqa: BLE001 - which one is what is asked
        return output.getvalue(), type(error).__name__
    return output.getvalue(), None


def _settings() -> Any:
    spec = spec_from_file_location("script_cases", Path(__file__).with_name("script_cases.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Print what everything becomes."""
    warnings.simplefilter("ignore")
    settings = _settings()
    for module in settings.BRING_ONE.values():
        importlib.import_module(module)
    with contextlib.redirect_stdout(io.StringIO()):
        found = {
            f"{address} {case.name} {way}": written(address, body)
            for address in (*settings.BRING_ONE, *settings.WRITTEN)
            for case in settings.CASES
            for way, body in (("up", case.up), ("down", case.down))
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
