"""Settings, lists of tenants, waves and limits, on SQLite files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from limbeck import Config, fleet
from limbeck.cli.progress import FleetTable
from limbeck.errors import FleetError, HistoryError, InvalidValueError
from limbeck.fleet.errors import (
    ExecutorError,
    NoTenantsError,
    TenantSourceError,
    UnknownTenantError,
)
from limbeck.fleet.failures import without_secrets
from limbeck.fleet.settings import share_of
from limbeck.fleet.tenant_sources import read_tenants
from limbeck.report import results_html, summary_line
from tests.packages import require_package

REVISION = '''"""step {number}"""
import sqlalchemy as sa
from limbeck import op
revision = "r{number}"
down_revision = {down!r}
def upgrade():
    op.create_table("t{number}", sa.Column("id", sa.Integer, primary_key=True))
def downgrade():
    op.drop_table("t{number}")
'''


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A project of two revisions with twenty files."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    for number in (1, 2):
        down = None if number == 1 else "r1"
        (versions / f"r{number}.py").write_text(REVISION.format(number=number, down=down))
    (tmp_path / "data").mkdir()
    for number in range(20):
        (tmp_path / "data" / f"{number:02d}.db").touch()
    path = tmp_path / "pyproject.toml"
    path.write_text(
        f'[tool.limbeck]\nscript_location = "{tmp_path}/migrations"\nurl = "sqlite://"\n'
        f'[tool.limbeck.fleet]\nfiles = "{tmp_path}/data/*.db"\n'
    )
    return Config(toml_file=str(path))


def settings(config: Config, **changes: object) -> fleet.FleetSettings:
    return fleet.FleetSettings.from_config(config, **changes)


def test_a_fleet_is_upgraded_in_waves_and_skipped_on_the_next_run(config: Config) -> None:
    results = list(fleet.upgrade(settings(config, canary=3, waves=["50%"])))
    waves = sorted(one.wave for one in results)
    assert waves == [1] * 3 + [2] * 10 + [3] * 7
    assert {one.after for one in results} == {("r2",)}
    assert {one.moves for one in results} == {("r1", "r2")}
    assert {one.outcome for one in fleet.upgrade(config)} == {"skipped"}
    assert {one.state for one in fleet.status(config)} == {"at head"}
    assert {one.pending for one in fleet.plan(config)} == {()}


def test_results_count_what_remains(config: Config) -> None:
    results = list(fleet.upgrade(settings(config, canary=3, waves=["50%"])))
    assert [one.remaining for one in results] == list(range(19, -1, -1))


def test_the_time_left_follows_from_the_rate() -> None:
    clock = iter([0.0, 0.1, 0.1, 0.2, 0.2])
    table = FleetTable(clock=lambda: next(clock))
    assert table.time_left == ""
    table.add(fleet.TenantResult("a", "upgrade", "done", remaining=50))
    assert table.time_left == "about 5 s left"
    table.add(fleet.TenantResult("b", "upgrade", "done", remaining=1234))
    assert table.time_left == "about 2 min 03 s left"
    table.add(fleet.TenantResult("c", "upgrade", "done", remaining=0))
    assert table.time_left == ""


def test_a_limbeck_toml_next_to_the_project_lists_the_fleet(config: Config, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.limbeck]\nscript_location = "{tmp_path}/migrations"\nurl = "sqlite://"\n'
    )
    (tmp_path / "limbeck.toml").write_text(f'[fleet]\nfiles = "{tmp_path}/data/0*.db"\n')
    found = Config(toml_file=str(tmp_path / "pyproject.toml"))
    assert len(list(fleet.status(settings(found)))) == 10


def test_check_compares_the_models_with_each_tenant(config: Config, tmp_path: Path) -> None:
    (tmp_path / "fleet_models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
        "for name in ('t1', 't2'):\n"
        "    sa.Table(name, metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    path = tmp_path / "pyproject.toml"
    path.write_text(
        path.read_text().replace(
            "[tool.limbeck]\n",
            '[tool.limbeck]\nmetadata = "fleet_models:metadata"\n'
            f'prepend_sys_path = ["{tmp_path}"]\n',
            1,
        )
    )
    checked = Config(toml_file=str(path))
    list(fleet.upgrade(settings(checked)))
    assert {one.outcome for one in fleet.check(settings(checked))} == {"done"}
    with sqlite3.connect(tmp_path / "data" / "07.db") as connection:
        connection.execute("ALTER TABLE t1 ADD COLUMN extra TEXT")
    connection.close()
    failed = [one for one in fleet.check(settings(checked)) if one.outcome == "failed"]
    assert [Path(one.tenant).name for one in failed] == ["07.db"]
    assert "extra" in failed[0].error


def test_a_plan_changes_nothing(config: Config) -> None:
    assert {one.pending for one in fleet.plan(config)} == {("r1", "r2")}
    assert {one.state for one in fleet.status(config)} == {"behind"}


def test_a_file_that_is_missing_is_not_created_by_accident(config: Config, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/data/new.db"
    changed = settings(config, files="", tenants=[{"id": "new", "url": url}])
    assert [one.state for one in fleet.status(changed)] == ["missing"]
    (failed,) = fleet.upgrade(changed)
    assert (failed.outcome, failed.code) == ("failed", "LB654")
    assert not (tmp_path / "data" / "new.db").exists()
    (made,) = fleet.create(changed, "new")
    assert (made.outcome, made.after) == ("done", ("r2",))


def test_selection_by_id_tag_and_group(config: Config) -> None:
    tenants = [
        {"id": "a", "url": "sqlite://", "tags": ["eu"], "group": "gold"},
        {"id": "b", "url": "sqlite://", "tags": ["us"]},
    ]
    changed = settings(config, files="", tenants=tenants)
    for name, value in (("select", "a*"), ("tags", "eu"), ("groups", "gold")):
        assert [one.id for one in read_tenants(changed.changed(**{name: value}))] == ["a"]
    with pytest.raises(NoTenantsError, match="selected"):
        list(read_tenants(changed.changed(select="x")))


def test_a_function_may_be_an_async_generator(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fleet_source_of_test.py").write_text(
        "async def later():\n    yield 'sqlite:///a.db'\n    yield {'id': 'b', 'schema': 's'}\n"
        "def now():\n    return ['sqlite:///c.db']\n"
        "def broken():\n    raise ValueError('password=hunter2')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    read = {
        name: settings(config, files="", source=f"fleet_source_of_test:{name}")
        for name in ("later", "now", "broken")
    }
    assert [one.id for one in read_tenants(read["later"])] == ["a.db", "b"]
    assert [one.id for one in read_tenants(read["now"])] == ["c.db"]
    with pytest.raises(TenantSourceError) as caught:
        list(read_tenants(read["broken"]))
    assert "hunter2" not in str(caught.value)


def test_what_gives_no_tenants_is_an_error(config: Config, tmp_path: Path) -> None:
    with pytest.raises(NoTenantsError, match="gives none"):
        list(fleet.upgrade(settings(config, files=f"{tmp_path}/none/*.db")))
    with pytest.raises(NoTenantsError, match="does not say"):
        list(fleet.status(settings(config, files="")))


@pytest.mark.parametrize(
    ("name", "value"),
    [("workers", 0), ("canary", -1), ("waves", ["x"]), ("max_failures", "200%"), ("tenants", "a")],
)
def test_impossible_settings_are_refused(config: Config, name: str, value: object) -> None:
    with pytest.raises(FleetError):
        settings(config, **{name: value})


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("workers", 0, "workers of the fleet is 0; it should be a whole number, at least 1"),
        ("retries", -1, "retries of the fleet is -1; it should be a whole number, at least 0"),
        ("url", ["secret"], "url of the fleet is a value of type list; it should be a text"),
    ],
)
def test_a_wrong_setting_is_named(config: Config, name: str, value: object, text: str) -> None:
    with pytest.raises(FleetError) as raised:
        fleet.FleetSettings.from_config(config).changed(**{name: value})
    assert text in str(raised.value)
    assert "secret" not in str(raised.value)


def test_unknown_settings_are_refused(config: Config) -> None:
    path = Path(str(config.toml_file_name))
    path.write_text(path.read_text() + "worker = 3\n")
    with pytest.raises(FleetError, match="'worker'"):
        settings(Config(toml_file=str(path)))


def test_settings_can_be_sent_to_a_worker_process(config: Config) -> None:
    one = settings(config, waves=["10%"], tenants=[{"id": "a", "url": "sqlite://"}])
    assert fleet.FleetSettings.from_text(one.to_text()) == one


def test_objects_need_threads(config: Config) -> None:
    with pytest.raises(ExecutorError):
        fleet.upgrade(settings(config, executor="processes"), tenants=[fleet.Tenant("a")])
    with pytest.raises(ExecutorError):
        list(fleet.upgrade(settings(config, executor="magic")))
    with pytest.raises(UnknownTenantError):
        fleet.create(config, "nobody")


def test_an_unknown_destination_is_reported_once(config: Config) -> None:
    for command in (fleet.upgrade, fleet.downgrade, fleet.stamp):
        with pytest.raises(HistoryError, match="nosuch"):
            command(settings(config), "nosuch")
    assert {one.outcome for one in fleet.upgrade(config, "+1")} == {"done"}
    assert {one.after for one in fleet.upgrade(config, "r2")} == {("r2",)}
    assert {one.outcome for one in fleet.downgrade(config, "base")} == {"done"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, "soon"])
def test_an_invalid_time_is_refused_once(config: Config, value: float) -> None:
    for command in (fleet.upgrade, fleet.downgrade):
        with pytest.raises(InvalidValueError, match="lock_timeout"):
            command(config, "head", lock_timeout=value)


def test_a_share_is_at_least_one() -> None:
    assert [share_of(text, 50) for text in ("3", "10%", "1%")] == [3, 5, 1]


def test_secrets_are_masked() -> None:
    url = "postgresql://bob:p%40ss@host/db"
    text = without_secrets("p@ss p%40ss postgresql://bob:other@h/d password='x'", url)
    assert all(secret not in text for secret in ("p@ss", "p%40ss", "other", "'x'"))
    assert "p%40ss" not in repr(fleet.Tenant("a", url))


def test_the_page_escapes_messages_of_tenants(config: Config) -> None:
    bad = fleet.TenantResult("<b>", "upgrade", "failed", error="<script>alert(1)</script>")
    page = results_html([bad])
    assert "<script>" not in page
    assert "http" not in page
    summary = fleet.summarize([bad])
    assert summary.exit_code == 11
    assert summary_line(summary).startswith("1 tenant: 1 failed")


@pytest.fixture
def spans() -> Iterator[list[str]]:
    """Collect the names of spans."""
    require_package("opentelemetry.sdk")
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    names: list[str] = []
    yield names
    names.extend(one.name for one in exporter.get_finished_spans())
    assert sorted(names) == ["migration r1", "migration r2", "upgrade tenant"]


def test_spans_of_tenants_and_migrations(config: Config, spans: list[str]) -> None:
    changed = settings(config, tracing=True, select="*00.db")
    (result,) = fleet.upgrade(changed)
    assert json.loads(json.dumps(result.to_dict()))["outcome"] == "done"
    assert spans == []  # filled and compared at the end of the fixture
