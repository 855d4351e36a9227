"""A worker: one loaded project, and the tenants that are given to it one by one.

What goes in is the id of a tenant and an order; what comes out is a result of plain values. The
lock, the journal and the version table of each tenant are the truth: a worker may end at any
moment.
"""

from __future__ import annotations

import copy
import threading
import time
from argparse import Namespace
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from importlib import import_module
from typing import TYPE_CHECKING, Any

from limbeck import commands
from limbeck.dialects import inspector
from limbeck.environment import TENANT, Tenant, answers_within, call_listeners
from limbeck.errors import LimbeckError
from limbeck.fleet.connections import Connections, create_database
from limbeck.fleet.errors import (
    TenantNotEmptyError,
    TenantNotMovedError,
    TenantsUnsupportedError,
    UnknownTenantError,
)
from limbeck.fleet.failures import describe_failure
from limbeck.fleet.order import Order
from limbeck.fleet.repeated_upgrade import RepeatedUpgrades, UpgradeRecorder
from limbeck.fleet.results import TenantResult
from limbeck.fleet.settings import FleetSettings
from limbeck.fleet.tenant_sources import read_tenants
from limbeck.fleet.tracing import Tracing
from limbeck.history import Move, Revision
from limbeck.project import Config, Program, Project
from limbeck.runtime import Listener, VersionTable, raise_with_report, shared_version_table

if TYPE_CHECKING:
    from sqlalchemy import Engine

# stands above this package, and is asked for by name
_COMPAT = f"{__name__.partition('.')[0]}.compat"


class Worker:
    """Runs orders for tenants; its threads may do so at once.

    Args:
        settings: the fleet.
        tenants: the tenants where they are known; read when one is asked for by default.
    """

    def __init__(self, settings: FleetSettings, tenants: Iterable[Tenant] | None = None) -> None:
        self.settings = settings
        self.project = LoadedProject(settings.config(), settings.x)
        self.connections = Connections(self.project.listen if self.project.is_declared else None)
        self._repeated = RepeatedUpgrades()
        self._given = None if tenants is None else list(tenants)
        self._tenants = None if self._given is None else _by_id(self._given)
        self._lock = threading.Lock()
        self._tracing = Tracing.wanted(settings.tracing)

    def run(self, id_: str, order: Order) -> TenantResult:
        """Do for one tenant what is wanted; every failure is a result."""
        try:
            tenant = self._tenant(id_)
        except LimbeckError as error:
            failure = describe_failure(error, None)
            return TenantResult(
                id_, order.action, "failed", attempts=1,
                code=failure.code, error=failure.text, hint=failure.hint,
            )  # fmt: skip
        return self.run_tenant(tenant, order)

    def run_tenant(self, tenant: Tenant, order: Order) -> TenantResult:
        """Do for a tenant what is wanted; every failure is a result."""
        begun = time.monotonic()
        values: dict[str, Any] = {
            "tenant": tenant.id, "action": order.action, "group": tenant.group, "attempts": 1,
            "started": f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
        }  # fmt: skip
        with self._tracing.tenant(tenant, order.action) as span:
            try:
                with raise_with_report():
                    moves = self._run(tenant, order)
                outcome = "done" if moves or order.action == "check" else "skipped"
                values.update(outcome=outcome, moves=tuple(move.revision.id for move in moves))
                if moves:
                    values.update(
                        before=tuple(sorted(moves[0].before)), after=tuple(sorted(moves[-1].after))
                    )
            except (Exception, SystemExit) as error:  # noqa: BLE001 - the others go on
                failure = describe_failure(error, tenant.url)
                values.update(
                    outcome="failed", code=failure.code, error=failure.text, hint=failure.hint,
                    can_retry=failure.can_retry,
                )  # fmt: skip
            span.ended(values["outcome"], values.get("error", ""))
        return TenantResult(**values, seconds=round(time.monotonic() - begun, 3))

    def read_rows(self, tenant: Tenant) -> tuple[str, ...]:
        """Return the version rows of a tenant.

        Raises:
            LimbeckError: it cannot be reached as it is configured.
            SQLAlchemyError: the database refuses.
        """
        if tenant.url is None:
            project = self.project.for_tenant(tenant)
            places = commands.current(project, script=self.project.script)
            return tuple(sorted({row for place in places for row in place.rows}))
        with self._limited(), self.connections.connect(tenant) as connection:
            return self.version_table(connection).read()

    def tenants(self) -> list[Tenant]:
        """Return the tenants that the worker was given, also those whose ids repeat."""
        return list(self._given or ())

    def version_table(self, connection: Any) -> VersionTable:
        """Return the version table of a tenant."""
        settings = self.settings
        table = shared_version_table(settings.version_table, settings.version_table_schema)
        return VersionTable(table, connection)

    def _limited(self) -> AbstractContextManager[None]:
        return answers_within(self.project.connect_timeout)

    def _tenant(self, id_: str) -> Tenant:
        """Return the tenant of an id; the list is read again where it is new.

        Raises:
            UnknownTenantError: there is none.
        """
        with self._lock:
            if self._tenants is None or id_ not in self._tenants:
                self._tenants = _by_id(read_tenants(self.settings))
            found = self._tenants.get(id_)
        if found is None:
            raise UnknownTenantError(
                f"The fleet has no tenant {id_!r}",
                hint="`fleet status` lists the tenants; `fleet create` creates one.",
            )
        return found

    # ── one tenant ────────────────────────────────────────────────────────

    def _run(self, tenant: Tenant, order: Order) -> tuple[Move, ...]:
        if order.action == "create":
            self._create(tenant)
        if not self.project.is_declared:
            return self._run_env(tenant, order)
        if tenant.url is None:
            raise TenantsUnsupportedError(
                f"The tenant {tenant.id!r} has no url",
                hint="A project without env.py needs the url of each tenant: write it into "
                "[tool.limbeck.fleet].",
            )
        with self._limited(), self.connections.connect(tenant) as connection:
            if moves := self._repeated.run(connection, order):
                return moves
            project = self.project.for_tenant(tenant, connection=connection)
            listener = self._tracing.listener()
            if order.action != "upgrade" or listener is not None:
                return self._command(project, order, listener)
            recorder = UpgradeRecorder()
            result = self._move(project, order, recorder)
            self._repeated.keep(connection, order, result, recorder)
            return result.moves

    def _run_env(self, tenant: Tenant, order: Order) -> tuple[Move, ...]:
        moves = self._command(self.project.for_tenant(tenant), order, self._tracing.listener())
        if moves and order.direction in {"up", "down"}:
            self._require_moved(tenant, order)
        return moves

    def _require_moved(self, tenant: Tenant, order: Order) -> None:
        """Read the version rows again: env.py may have ended without a COMMIT.

        Raises:
            TenantNotMovedError: something is left to do.
        """
        rows = self.read_rows(tenant)
        direction = order.direction or "up"
        if self.project.history.route(rows, order.revisions[0], direction):
            at = ", ".join(rows) or "base (nothing applied)"
            raise TenantNotMovedError(
                f"env.py ended without an error, but the version table of {tenant.id!r} says {at}",
                hint="See whether env.py uses the tenant that it is given (`-x tenant=`, "
                "context.get_tenant()), and whether it commits what it begins: on MySQL, `USE` "
                "through the connection begins a transaction.",
            )

    def _command(
        self, project: Project, order: Order, listener: Listener | None
    ) -> tuple[Move, ...]:
        script = self.project.script
        if order.action == "check":
            commands.require_agreement(commands.check(project, script=script))
            return ()
        if order.action == "stamp":
            stamped = commands.stamp(
                project,
                commands.StampRequest(
                    order.revisions, tag=order.tag, purge=order.purge,
                    lock_timeout=order.lock_timeout, listener=listener,
                ),
                script=script,
            )  # fmt: skip
            return stamped.moves
        return self._move(project, order, listener).moves

    def _move(
        self, project: Project, order: Order, listener: Listener | None
    ) -> commands.MoveResult:
        command = commands.downgrade if order.action == "downgrade" else commands.upgrade
        request = commands.MoveRequest(
            order.revisions[0], tag=order.tag, lock_timeout=order.lock_timeout,
            confirmed=order.confirmed, listener=listener,
        )  # fmt: skip
        return command(project, request, script=self.project.script)

    def _create(self, tenant: Tenant) -> None:
        """Create the schema or database of a new tenant where it is missing, and require it empty.

        Raises:
            TenantNotEmptyError: there is something that no revision has created.
        """
        import sqlalchemy as sa

        if tenant.url is None:
            return
        with self._limited():
            if tenant.schema is not None:
                server = Tenant(tenant.id, tenant.url)
                with self.connections.connect(server) as connection:
                    if tenant.schema not in inspector(connection).get_schema_names():
                        connection.execute(sa.schema.CreateSchema(tenant.schema))
                        connection.commit()
            else:
                create_database(tenant.url)
            with self.connections.connect(tenant, creates=True) as connection:
                if self.version_table(connection).read():
                    return
                names = set(inspector(connection).get_table_names())
                own = {self.settings.version_table, "limbeck_journal"}
                if names - own:
                    raise TenantNotEmptyError(
                        f"The tenant {tenant.id!r} has tables, but no version: "
                        f"{', '.join(sorted(names - own)[:5])}",
                        hint="Nothing was run. If its schema is that of a revision, "
                        "`fleet stamp <revision>` says so.",
                    )


def _by_id(tenants: Iterable[Tenant]) -> dict[str, Tenant]:
    found: dict[str, Tenant] = {}
    for tenant in tenants:
        found.setdefault(tenant.id, tenant)
    return found


# ── the project ───────────────────────────────────────────────────────────


class LoadedProject:
    """The configuration, the history and the migration scripts of a project, read once.

    Safe for threads: what belongs to one tenant is a copy.

    Args:
        config: the project's configuration.
        x: what `-x` gives env.py for every tenant.
    """

    def __init__(self, config: Config, x: tuple[str, ...] = ()) -> None:
        import_module(_COMPAT).install()
        self._config = config
        self._x = x
        self._project: Project = _SharedProject.from_config(config)
        self.history = self._project.history()
        self.is_declared = self._project.declared
        # what env.py sees as `context.script`
        self.script: commands.Script | None = None
        if not self.is_declared:
            self.script = import_module(f"{_COMPAT}.script").ScriptDirectory.from_config(config)

    @property
    def connect_timeout(self) -> float:
        """How long a server may take to answer a new connection, in seconds."""
        return self._project.connect_timeout

    def listen(self, engine: Engine) -> None:
        """Call the functions that the setting `listeners` names with an engine."""
        call_listeners(self._config, engine)

    def for_tenant(self, tenant: Tenant, **attributes: object) -> Project:
        """Return the project as one tenant's run sees it.

        Args:
            tenant: whose run it is.
            attributes: further values of `config.attributes`.
        """
        config = copy.copy(self._config)
        vars(config).pop("attributes", None)
        config.attributes.update(vars(self._config).get("attributes", {}))
        config.attributes.update({TENANT: tenant, **attributes})
        given = self._config.cmd_opts
        options = Namespace(**(vars(given) if given is not None else {}))
        others = (one for one in self._x if not one.startswith(f"{TENANT}="))
        options.x = [*others, f"{TENANT}={tenant.name}"]
        config.cmd_opts = options
        if not self.is_declared:
            # env.py may set options of its own
            vars(config)["file_config"] = copy.deepcopy(self._config.file_config)
            if tenant.url is not None:
                config.set_main_option("sqlalchemy.url", tenant.url.replace("%", "%%"))
        project = copy.copy(self._project)
        project.config = config
        return project


class _SharedProject(Project):
    """A project whose copies share the migration scripts that one of them has loaded."""

    def __init__(self, *settings: Any, **more: Any) -> None:
        super().__init__(*settings, **more)
        self._lock = threading.Lock()
        self._programs: dict[str, Program] = {}

    def program(self, revision: Revision | str) -> Program:
        """Load the functions of a revision, once."""
        id_ = revision if isinstance(revision, str) else revision.id
        with self._lock:
            if id_ not in self._programs:
                self._programs[id_] = super().program(revision)
            return self._programs[id_]
