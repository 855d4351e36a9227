"""The commands of the command line and their options."""

from __future__ import annotations

from limbeck.cli.option import Option
from limbeck.cli.options import GLOBAL, GLOBAL_NAMES, OPTIONS

__all__ = ["COMMANDS", "GLOBAL", "GLOBAL_NAMES", "OPTIONS", "CommandSpec", "Option"]


class CommandSpec:
    """The name of a command, its help text and the names of its arguments.

    A command with `actions` has a sub-parser for each of them.
    """

    __slots__ = ("actions", "arguments", "help", "name")

    def __init__(
        self,
        name: str,
        help: str,
        arguments: tuple[str, ...] = (),
        actions: tuple[CommandSpec, ...] = (),
    ) -> None:
        self.name = name
        self.help = help
        self.arguments = arguments
        self.actions = actions


# the options of every action of `fleet` that select tenants
_TENANTS = (
    "urls", "url", "schemas", "files", "source", "version_table", "tenant", "tags", "groups",
    "workers", "connections_per_server", "json", "html",
)  # fmt: skip
# the options of actions that run on tenants
_RUN = (
    *_TENANTS, "executor", "canary", "waves", "max_failures", "retries", "results", "tracing",
)  # fmt: skip
FLEET = (
    CommandSpec(
        "status",
        "show the revision of every tenant",
        (*_TENANTS, "results", "check_heads", "verbose"),
    ),
    CommandSpec(
        "upgrade",
        "upgrade all tenants to a revision",
        (*_RUN, "tag", "lock_timeout", "yes", "fleet_revision"),
    ),
    CommandSpec(
        "downgrade",
        "downgrade all tenants to a revision",
        (*_RUN, "tag", "lock_timeout", "yes", "revision"),
    ),
    CommandSpec(
        "stamp",
        "set the version of all tenants without running migrations",
        (*_RUN, "tag", "lock_timeout", "purge", "revisions"),
    ),
    CommandSpec("check", "fail if the models and a tenant differ", _RUN),
    CommandSpec("plan", "list the pending revisions of each tenant", (*_TENANTS, "fleet_revision")),
    CommandSpec(
        "create",
        "create new tenants and upgrade them to head",
        (*_RUN, "tag", "lock_timeout", "yes", "ids"),
    ),
)


# the options of every command that connects to a database
_DATABASE = ("env", "database_url")

TESTDB = (
    CommandSpec(
        "create",
        "create a database with all migrations applied",
        ("json", *_DATABASE, "database_name"),
    ),
    CommandSpec("drop", "drop a test database", ("json", *_DATABASE, "database_name")),
    CommandSpec("prune", "drop the templates of earlier revision files", ("json", *_DATABASE)),
)
COMMANDS = (
    CommandSpec(
        "adopt",
        "find the revision of a database without a version table, and set its version",
        ("yes_adopt", "scratch", "scratch_url", "lock_timeout", "json", *_DATABASE),
    ),
    CommandSpec("branches", "list the points where the history branches", ("verbose", "json")),
    CommandSpec(
        "check", "fail if the models and the database differ", ("offline", "json", *_DATABASE)
    ),
    CommandSpec(
        "current",
        "show the revision of the database",
        ("check_heads", "verbose", "json", *_DATABASE),
    ),
    CommandSpec(
        "downgrade",
        "downgrade to a revision",
        ("sql", "tag", "lock_timeout", "yes", "json", *_DATABASE, "revision"),
    ),
    CommandSpec("edit", "open revision files in $VISUAL or $EDITOR", ("json", "rev")),
    CommandSpec(
        "ensure_version",
        "create the version table if it is missing",
        ("sql", "json", *_DATABASE),
    ),
    CommandSpec(
        "heads",
        "list the newest revisions",
        ("verbose", "resolve_dependencies", "check", "fix_heads", "json"),
    ),
    CommandSpec(
        "history",
        "list revisions, newest first",
        ("rev_range", "verbose", "indicate_current", "json", "graph", *_DATABASE),
    ),
    CommandSpec(
        "init",
        "set up a migration environment",
        ("template", "style", "package", "head_file", "json", "directory"),
    ),
    CommandSpec(
        "lint",
        "run revisions on a scratch database and report what their statements do",
        ("lint_range", "since", "pending", "no_server", "scratch_url", "time_limit", "lint_format",
         "json", "fix", "baseline", "write_baseline", "verbose", *_DATABASE),
    ),
    CommandSpec("list_templates", "list the templates of init", ("json",)),
    CommandSpec(
        "mcp",
        "serve status, lint, verify and other commands over the Model Context Protocol",
        ("allow_write",),
    ),
    CommandSpec(
        "merge",
        "merge branches in a new revision",
        ("message", "branch_label", "rev_id", "splice", "verify", "no_verify_merge", "json",
         *_DATABASE, "revisions"),
    ),
    CommandSpec(
        "plan",
        "show what an upgrade or downgrade would do to the database",
        ("stats", "no_scratch", "scratch_url", "no_checks", "query_limit", "json", "html",
         "verbose", *_DATABASE, "planned"),
    ),
    CommandSpec(
        "rebase", "move revisions after another head, to get one head", ("onto", "json", "mine")
    ),
    CommandSpec(
        "recover",
        "continue, undo or forget an interrupted migration",
        ("resume", "undo", "forget", "unknown", "lock_timeout", "json", *_DATABASE),
    ),
    CommandSpec(
        "restore",
        "restore missing revision files from the journal of the database",
        ("accept", "json", *_DATABASE, "restored"),
    ),
    CommandSpec(
        "revision",
        "write a new revision file",
        (
            "message", "autogenerate", "sql", "head", "splice", "branch_label",
            "version_path", "rev_id", "depends_on", "offline", "rename", "no_rename",
            "renames", "fill", "using", "replace", "allow_drops", "file_type", "kind", "phase",
            "no_verify", "empty", "redo", "force_redo", "json", *_DATABASE,
        ),
    ),
    CommandSpec(
        "schema",
        "print the schema at a revision as SQL, from the revision files",
        ("dialect", "json", *_DATABASE, "revision_or_heads"),
    ),
    CommandSpec("show", "show all details of revisions", ("json", "rev")),
    CommandSpec(
        "squash",
        "replace several revisions by one",
        ("message", "rev_id", "keep_data", "drop_data", "scratch_url", "finish", "json",
         *_DATABASE, "squashed"),
    ),
    CommandSpec(
        "snapshot",
        "write the schema at a revision to the project, for new databases",
        ("check_files", "max_rows", "scratch", "scratch_url", "tag", "json", *_DATABASE,
         "revision_or_heads"),
    ),
    CommandSpec(
        "stamp",
        "set the version of the database without running migrations",
        ("sql", "tag", "purge", "lock_timeout", "json", *_DATABASE, "revisions"),
    ),
    CommandSpec(
        "stats",
        "write revisions and table sizes of the database as JSON, for `plan --stats`",
        ("output", "query_limit", "json", *_DATABASE),
    ),
    CommandSpec(
        "status",
        "show the revision of the database, and pending and interrupted migrations",
        ("json", *_DATABASE),
    ),
    CommandSpec(
        "test",
        "run all checks of a CI build: one head, verified revisions, models, lint",
        ("since", "scratch_url", "time_limit", "json", *_DATABASE),
    ),
    CommandSpec(
        "upgrade",
        "upgrade to a revision",
        ("sql", "tag", "lock_timeout", "include_missing", "allow_downgrade", "phase", "skip_data",
         "yes", "no_snapshot", "force", "json",
         *_DATABASE,
         "revision_or_head"),
    ),
    CommandSpec("testdb", "create migrated databases for tests from a template", actions=TESTDB),
    CommandSpec("fleet", "migrate many databases or schemas with one history", actions=FLEET),
    CommandSpec(
        "verify",
        "run revisions on a scratch database: upgrade, compare with the models, downgrade, upgrade",
        ("scratch", "scratch_url", "build", "rows", "time_limit", "json", *_DATABASE, "verified"),
    ),
    CommandSpec("completion", "print a completion script for a shell", ("json", "shell")),
)  # fmt: skip
