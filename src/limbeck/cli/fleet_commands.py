"""The commands of `limbeck fleet`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO

from limbeck import report
from limbeck.errors import InvalidValueError

if TYPE_CHECKING:
    from argparse import Namespace

    from limbeck.cli.session import Session
    from limbeck.fleet import FleetSettings, Order, Summary, TenantResult
    from limbeck.project import Config

_SETTINGS = (
    "url", "schemas", "files", "source", "executor", "workers", "connections_per_server", "canary",
    "max_failures", "retries", "results", "version_table",
)  # fmt: skip
_LISTS = MappingProxyType(
    {"tenants": "urls", "waves": "waves", "select": "tenant", "tags": "tags", "groups": "groups"}
)


@dataclass(frozen=True, slots=True)
class _Request:
    """A command of `fleet`.

    Args:
        settings: the settings of the fleet.
        options: the options of the command line.
        out: the stream for output; with `--json`, `sys.stdout` is redirected for env.py.
    """

    settings: FleetSettings
    options: Namespace
    out: TextIO

    def print_lines(self, lines: Iterable[str]) -> None:
        """Write lines, unless `--quiet` is given."""
        if not self.options.quiet:
            self.out.write("".join(f"{line}\n" for line in lines))
            self.out.flush()


def fleet(session: Session) -> int:
    """Run a command of `fleet` and return the exit code."""
    # `limbeck.fleet` is imported later, because this is slow
    config, options = session.config, session.options
    request = _Request(settings_of(config, options), options, config.stdout)
    return _ACTIONS[options.action](request)


def settings_of(config: Config, options: Namespace) -> FleetSettings:
    """Return the settings of the configuration, overridden by the options."""
    from limbeck.fleet import FleetSettings

    changes: dict[str, Any] = {name: getattr(options, name, None) for name in _SETTINGS}
    for name, option in _LISTS.items():
        changes[name] = getattr(options, option, None) or None
    if any(changes[name] is not None for name in ("tenants", "schemas", "files", "source")):
        # a source of tenants on the command line replaces all configured sources
        for name, nothing in (("tenants", ()), ("schemas", ""), ("files", ""), ("source", "")):
            changes[name] = nothing if changes[name] is None else changes[name]
    if getattr(options, "tracing", False):
        changes["tracing"] = True
    return FleetSettings.from_config(config, **changes)


def _status(request: _Request) -> int:
    from limbeck import fleet
    from limbeck.fleet import TenantStatus

    statuses: list[TenantStatus] = []
    for one in fleet.status(request.settings):
        if request.options.json:
            request.print_lines([report.json_line(one.to_dict())])
        statuses.append(one)
    if not request.options.json:
        request.print_lines(
            report.tenant_status_lines(statuses, is_verbose=request.options.verbose)
        )
    if request.options.html:
        _write_html(request.options.html, report.status_html(statuses))
    bad = any(
        one.is_problem or (request.options.check_heads and one.state != "at head")
        for one in statuses
    )
    return fleet.SOME_FAILED if bad else 0


def _plan(request: _Request) -> int:
    from limbeck import fleet

    is_bad = False
    for one in fleet.plan(request.settings, _destination(request.options)):
        is_bad = is_bad or one.status.is_problem
        line = report.json_line(one.to_dict()) if request.options.json else report.plan_line(one)
        request.print_lines([line])
    return fleet.SOME_FAILED if is_bad else 0


def _order(options: Namespace) -> Order:
    from limbeck.fleet import Order

    action = options.action
    if action == "check":
        return Order(action)
    if action == "stamp":
        return Order(action, tuple(options.revisions), tag=options.tag, purge=options.purge,
                     lock_timeout=options.lock_timeout)  # fmt: skip
    return Order(action, (_destination(options),), tag=options.tag,
                 lock_timeout=options.lock_timeout, confirmed=options.yes)  # fmt: skip


def _destination(options: Namespace) -> str:
    revision: str = getattr(options, "revision", None) or options.fleet_revision
    if ":" in revision:
        raise InvalidValueError(
            f"'{revision}' is a range", hint="Name only the destination; a fleet has no --sql."
        )
    return revision


def _run(request: _Request) -> int:
    from limbeck import fleet

    return _report(request, fleet.run(request.settings, _order(request.options)))


def _create(request: _Request) -> int:
    from limbeck import fleet

    return _report(request, fleet.create(request.settings, *request.options.ids))


def _report(request: _Request, results: Iterator[TenantResult]) -> int:
    from limbeck.fleet import Summary

    options = request.options

    summary = Summary()
    shown: Callable[[Iterable[TenantResult]], None]
    shown = partial(_show_json if options.json else _show_lines, request)
    if not options.quiet and not options.json and sys.stdout.isatty():
        from limbeck.cli.progress import show_table as shown
    shown_results: list[TenantResult] = []

    def counted() -> Iterator[TenantResult]:
        for result in results:
            summary.add(result)
            if options.html:
                shown_results.append(result)
            yield result

    interrupted_by: int | None = None
    try:
        shown(counted())
    except KeyboardInterrupt as error:
        interrupted_by = getattr(error, "number", signal.SIGINT)
    finally:
        if options.html:
            _write_html(options.html, report.results_html(shown_results))
        _show_summary(request, summary)
    if interrupted_by is None:
        return summary.exit_code
    sys.stderr.write(
        f"Interrupted by {signal.Signals(interrupted_by).name}. The tenants that were in progress "
        "are finished.\n  next:  run the same command again: it continues with the others\n"
    )
    return 128 + interrupted_by


def _show_json(request: _Request, results: Iterable[TenantResult]) -> None:
    for result in results:
        request.print_lines([report.json_line(result.to_dict())])


def _show_lines(request: _Request, results: Iterable[TenantResult]) -> None:
    for result in results:
        if result.outcome != "skipped":
            request.print_lines(report.result_lines(result))


def _show_summary(request: _Request, summary: Summary) -> None:
    if request.options.json:
        outcomes = dict(summary.outcomes)
        request.print_lines(
            [report.json_line({"summary": outcomes, "exit_code": summary.exit_code})]
        )
    else:
        request.print_lines([report.summary_line(summary)])


def _write_html(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, "utf-8")
    except OSError as error:
        raise InvalidValueError(
            f"The summary cannot be written to {path}: {error.strerror}",
            hint="The run itself is finished. Use another path for --html.",
        ) from None


_ACTIONS: Mapping[str, Callable[[_Request], int]] = MappingProxyType(
    {
        "check": _run,
        "create": _create,
        "downgrade": _run,
        "plan": _plan,
        "stamp": _run,
        "status": _status,
        "upgrade": _run,
    }
)
