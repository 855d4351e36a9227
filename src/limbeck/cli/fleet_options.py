"""The options of `limbeck fleet`."""

from __future__ import annotations

from types import MappingProxyType

from limbeck.cli.option import option, switch

FLEET_OPTIONS = MappingProxyType(
    {
        option.name: option
        for option in (
            option(
                "fleet_revision",
                nargs="?",
                default="head",
                metavar="revision",
                help="the destination (default: head)",
            ),
            option("ids", nargs="+", metavar="id", help="the ids of the new tenants"),
            option(
                "urls",
                "--url",
                action="append",
                metavar="URL",
                help="the URL of a tenant; repeatable",
            ),
            option("url", "--database", metavar="URL", help="the database of the schemas"),
            option(
                "schemas",
                "--schemas",
                metavar="QUERY",
                help="the tenants' schemas: a SELECT, or a pattern such as 'tenant_*'",
            ),
            option("files", "--files", metavar="PATTERN", help="the tenants' SQLite files"),
            option(
                "source",
                "--source",
                metavar="MODULE:CALLABLE",
                help="a function that returns the tenants",
            ),
            option("version_table", "--version-table", help="the name of the version table"),
            option(
                "tenant",
                "--tenant",
                action="append",
                metavar="ID",
                help="only this tenant: an id or a pattern; repeatable",
            ),
            option(
                "tags",
                "--with-tag",
                action="append",
                metavar="TAG",
                help="only tenants with this tag; repeatable",
            ),
            option(
                "groups",
                "--group",
                action="append",
                metavar="GROUP",
                help="only tenants of this group; repeatable",
            ),
            option("executor", "--executor", help="threads, processes or dask://host:8786"),
            option(
                "workers",
                "--workers",
                type=int,
                help="number of parallel tenants (default: 4)",
            ),
            option(
                "connections_per_server",
                "--connections-per-server",
                type=int,
                metavar="N",
                help="maximum number of these on one server (default: 16)",
            ),
            option(
                "canary",
                "--canary",
                type=int,
                metavar="N",
                help="start with this number of tenants; a failure among them ends the run",
            ),
            option(
                "waves",
                "--wave",
                action="append",
                metavar="N",
                help="then continue with this number or share (10%%) of tenants; repeatable",
            ),
            option(
                "max_failures",
                "--max-failures",
                metavar="N",
                help="end the run if more tenants than this number or share (5%%) fail",
            ),
            option(
                "retries",
                "--retries",
                type=int,
                help="number of retries after a temporary failure (default: 2)",
            ),
            option(
                "results",
                "--results",
                metavar="URL",
                help="a database to store the last result of each tenant",
            ),
            switch("tracing", "--tracing", help="create OpenTelemetry spans"),
        )
    }
)
