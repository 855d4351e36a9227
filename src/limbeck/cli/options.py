"""Every option of the command line, once.

Plain values: the parser and Alembic's `CommandLine.register_command` both read them.
"""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

_TOO_LONG = 1e9  # some thirty years: what is longer is `inf`, or a mistake
EMPTY: MappingProxyType[str, Any] = MappingProxyType({})


class Option:
    """One argument: its name in the request, its flags, and what argparse needs besides."""

    __slots__ = ("flags", "help", "name", "settings")

    def __init__(
        self,
        name: str,
        flags: tuple[str, ...] = (),
        help: str = "",
        settings: MappingProxyType[str, Any] = EMPTY,
    ) -> None:
        self.name = name
        self.flags = flags
        self.help = help
        self.settings = settings


def _option(name: str, *flags: str, help: str = "", **settings: Any) -> Option:
    return Option(name, flags, help, MappingProxyType(settings))


def seconds(text: str) -> float:
    """Read a time in seconds: a finite number, 0 or more.

    Raises:
        ValueError: it is something else.
    """
    found = float(text)
    if not 0 <= found < _TOO_LONG:
        raise ValueError(text)
    return found


def _switch(name: str, *flags: str, help: str = "") -> Option:
    return _option(name, *flags, help=help, action="store_true")


GLOBAL = (
    _option(
        "config",
        "-c",
        "--config",
        action="append",
        help="configuration file, ini or pyproject.toml; may be given twice, once for each. "
        "Default: $ALEMBIC_CONFIG, else alembic.ini and pyproject.toml here",
    ),
    _option(
        "name",
        "-n",
        "--name",
        default="alembic",
        help="section of the ini file to read (default: alembic)",
    ),
    _option(
        "x",
        "-x",
        action="append",
        help="a value for env.py, read there by context.get_x_argument(); repeatable",
    ),
    _switch("raiseerr", "--raiseerr", help="show the whole traceback of an error"),
    _switch("quiet", "-q", "--quiet", help="print nothing on stdout"),
)
GLOBAL_NAMES = tuple(option.name for option in GLOBAL)

OPTIONS = MappingProxyType(
    {
        option.name: option
        for option in (
            _option("message", "-m", "--message", help="what the new revision is about"),
            _switch("sql", "--sql", help="write the SQL to stdout; touch no database"),
            _option("tag", "--tag", help="a free word for env.py: context.get_tag_argument()"),
            _option("head", "--head", help="parent of the new revision: an id or <branch>@head"),
            _switch("splice", "--splice", help="allow a parent that is not a head"),
            _option("branch_label", "--branch-label", help="label of the new revision's branch"),
            _option("version_path", "--version-path", help="which version location gets the file"),
            _option(
                "file_type",
                "--file-type",
                choices=("py", "sql"),
                help="language of the new file: Python (default), or SQL for statements by hand",
            ),
            _option(
                "kind",
                "--kind",
                choices=("schema", "data"),
                help="what the new migration changes; --skip-data leaves out those of rows alone",
            ),
            _option(
                "phase",
                "--phase",
                choices=("before", "after"),
                help="the part of a deployment: before or after the new release is started",
            ),
            _switch(
                "skip_data",
                "--skip-data",
                help="set the version of data migrations without running them",
            ),
            _option("rev_id", "--rev-id", help="identifier to use in place of a random one"),
            _option(
                "depends_on",
                "--depends-on",
                action="append",
                help="a revision that must be there before this one; repeatable",
            ),
            _switch(
                "autogenerate",
                "--autogenerate",
                help="fill the file with the difference between the models and the database",
            ),
            _option(
                "rename",
                "--rename",
                action="append",
                metavar="OLD=NEW",
                help="with --autogenerate: table a=b, column a.b=a.c or enum value was renamed; "
                "a.b= was not; repeatable",
            ),
            _option(
                "no_rename",
                "--no-rename",
                action="append",
                metavar="OLD",
                help="with --autogenerate: this table or column was not renamed; repeatable",
            ),
            _switch(
                "offline",
                "--offline",
                help="compare with what the revision files lead to; touch no database",
            ),
            _option(
                "renames",
                "--renames",
                choices=("ask", "guess", "never", "error"),
                help="with --autogenerate: what to do about likely renames that are not declared",
            ),
            _option(
                "fill",
                "--fill",
                action="append",
                metavar="T.COLUMN=SQL",
                help="with --autogenerate: what existing rows get in a column; repeatable",
            ),
            _option(
                "using",
                "--using",
                action="append",
                metavar="T.COLUMN=SQL",
                help="with --autogenerate: how present values become the new type; repeatable",
            ),
            _option(
                "replace",
                "--replace",
                action="append",
                metavar="ENUM.VALUE=OTHER",
                help="with --autogenerate: what rows get whose value is dropped; repeatable",
            ),
            _switch(
                "no_verify",
                "--no-verify",
                help="do not try the new revision on a scratch database",
            ),
            _switch(
                "verify",
                "--verify",
                help="try both orders on scratch databases (in projects of Alembic; the default "
                "in others)",
            ),
            _switch(
                "empty",
                "--empty",
                help="with --autogenerate: write a file although nothing differs",
            ),
            _switch("redo", "--redo", help="draft the last draft again, in its file"),
            _switch("force", "--force", help="with --redo: also a file that was edited since"),
            _option(
                "verified",
                nargs="?",
                help="a revision, or a range start:end without its start (default: the heads)",
            ),
            _option(
                "scratch",
                "--scratch",
                choices=("auto", "file", "database", "schema", "embedded"),
                help="what the scratch database is (default: what can be had)",
            ),
            _option(
                "build",
                "--build",
                choices=("auto", "history"),
                default="auto",
                help="history: run the revisions before it instead of replaying them",
            ),
            _option(
                "rows",
                "--rows",
                type=int,
                default=50,
                metavar="NUMBER",
                help="rows for each table (default: 50)",
            ),
            _option(
                "time_limit",
                "--time-limit",
                type=float,
                metavar="SECONDS",
                help="for each step of a revision (default: 60)",
            ),
            _option("rev_range", "-r", "--rev-range", help="start:end; either side may be empty"),
            _switch("verbose", "-v", "--verbose", help="tell more"),
            _switch(
                "indicate_current", "-i", "--indicate-current", help="mark where the database is"
            ),
            _switch(
                "check",
                "--check",
                help="fail if there is not one head, or heads.txt disagrees",
            ),
            _switch("fix", "--fix", help="write the file heads.txt"),
            _switch("check_heads", "-c", "--check-heads", help="fail unless every head is applied"),
            _switch(
                "resolve_dependencies",
                "--resolve-dependencies",
                help="count depends_on as a parent",
            ),
            _switch(
                "include_missing",
                "--include-missing",
                help="also run revisions that came into the history below what is applied",
            ),
            _switch(
                "allow_downgrade",
                "--allow-downgrade",
                help="first take back revisions that have no file here, from the journal",
            ),
            _option(
                "restored", nargs="*", help="revisions in full; all that are missing by default"
            ),
            _switch(
                "accept", "--accept", help="write nothing: take the files as they are for applied"
            ),
            _switch("purge", "--purge", help="empty the version table first"),
            _switch(
                "allow_drops",
                "--allow-drops",
                help="with --autogenerate: most tables are to be dropped",
            ),
            _switch("yes", "-y", "--yes", help="go on although rows or values will be lost"),
            _switch("package", "--package", help="write __init__.py files as well"),
            _option(
                "template",
                "-t",
                "--template",
                default="generic",
                help="which template to start from (see list_templates)",
            ),
            _option(
                "env",
                "--env",
                metavar="NAME",
                help="settings of [tool.limbeck.env.NAME] in pyproject.toml; default: $LIMBECK_ENV",
            ),
            _option(
                "database_url",
                "--url",
                metavar="URL",
                help="this database in place of the configured one",
            ),
            _option("directory", nargs="?", help="where to put the environment"),
            _option(
                "style",
                "--style",
                choices=("native", "alembic"),
                help="native: pyproject.toml names models and database, which are searched; "
                "alembic: env.py and alembic.ini",
            ),
            _option("revision", help="identifier of a revision: id, head, heads, base, +1, -1 ..."),
            _option("revisions", nargs="+", help="one or more revisions, or 'heads' for all heads"),
            _option("rev", help="identifier of a revision, or 'current'"),
            _switch("json", "--json", help="print JSON"),
            _switch("graph", "--graph", help="draw the graph"),
            _option(
                "lock_timeout",
                "--lock-timeout",
                type=seconds,
                metavar="SECONDS",
                help="how long to wait while someone else migrates this database (default: 60)",
            ),
            _switch(
                "resume", "--continue", help="go on from what is done and finish the migration"
            ),
            _switch("undo", "--undo", help="revert what is done, from the last statement on"),
            _switch(
                "forget",
                "--forget",
                help="leave the database as it is; the migration starts from its first statement",
            ),
            _option(
                "unknown",
                "--unknown",
                choices=("done", "not-done"),
                help="what is true of a statement whose outcome the database does not show",
            ),
            _option("squashed", nargs="?", help="the revisions, start:end, both included"),
            _switch(
                "keep_data",
                "--keep-data",
                help="data steps that no statement repeats become the source of their files",
            ),
            _switch("drop_data", "--drop-data", help="leave the data steps of the range out"),
            _switch(
                "finish",
                "--finish",
                help="remove the replaced files, when no database is among them",
            ),
            _option("mine", nargs="?", help="the head to move (default: the one new in git)"),
            _option("onto", "--onto", help="what it shall follow (default: the other head)"),
            _switch(
                "head_file",
                "--head-file",
                help="write a file of heads, which conflicts in git where two people add a "
                "revision (the template declared always does)",
            ),
            _option(
                "lint_range",
                nargs="?",
                help="a revision, or a range start:end without its start; default: the heads",
            ),
            _option(
                "since",
                "--since",
                metavar="GIT_REF",
                help="the revisions whose files differ from this git reference",
            ),
            _switch("pending", "--pending", help="the revisions that the database does not have"),
            _switch("no_server", "--no-server", help="judge by the text; connect to no database"),
            _option(
                "scratch_url",
                "--scratch-url",
                metavar="URL",
                help="make scratch databases on this server, not on the project's",
            ),
            _option(
                "lint_format",
                "--format",
                default="text",
                choices=("text", "json", "sarif", "junit", "github"),
                help="what to print (default: text)",
            ),
            _switch("fix", "--fix", help="write the safe forms into the revision files"),
            _option("baseline", "--baseline", metavar="FILE", help="a file of accepted findings"),
            _option(
                "write_baseline",
                "--write-baseline",
                metavar="FILE",
                help="write the findings to a baseline file, and accept them",
            ),
            _option(
                "planned",
                nargs="?",
                default="head",
                help="identifier of a revision; below the database's it is a downgrade "
                "(default: head)",
            ),
            _switch(
                "no_scratch",
                "--no-scratch",
                help="make no scratch database; judge statements by their text",
            ),
            _switch("no_checks", "--no-checks", help="read no rows of the database"),
            _option(
                "stats",
                "--stats",
                metavar="FILE",
                help="plan from a file that `stats` has written, without the database",
            ),
            _option("output", "-o", "--output", metavar="FILE", help="write to this file"),
            _option(
                "query_limit",
                "--query-limit",
                type=seconds,
                default=10.0,
                metavar="SECONDS",
                help="for each query on the database (default: 10)",
            ),
            _option(
                "fleet_revision", nargs="?", default="head", help="the destination; head by default"
            ),
            _option("ids", nargs="+", help="the ids of the new tenants"),
            _option("urls", "--url", action="append", help="the URL of a tenant; repeatable"),
            _option("url", "--database", metavar="URL", help="the database of the schemas"),
            _option(
                "schemas",
                "--schemas",
                metavar="QUERY",
                help="the tenants' schemas: a SELECT, or a pattern such as 'tenant_*'",
            ),
            _option("files", "--files", metavar="PATTERN", help="the tenants' SQLite files"),
            _option(
                "source", "--source", metavar="MODULE:CALLABLE", help="a function with the tenants"
            ),
            _option("version_table", "--version-table", help="the name of the version table"),
            _option(
                "tenant",
                "--tenant",
                action="append",
                metavar="ID",
                help="only this tenant; an id or a pattern of ids; repeatable",
            ),
            _option(
                "tags",
                "--with-tag",
                action="append",
                metavar="TAG",
                help="only tenants with this tag; repeatable",
            ),
            _option(
                "groups", "--group", action="append", help="only tenants of this group; repeatable"
            ),
            _option("executor", "--executor", help="threads, processes or dask://host:8786"),
            _option("workers", "--workers", type=int, help="how many tenants at once (default: 4)"),
            _option(
                "connections_per_server",
                "--connections-per-server",
                type=int,
                metavar="N",
                help="how many of them on one server (default: 16)",
            ),
            _option(
                "canary",
                "--canary",
                type=int,
                metavar="N",
                help="begin with so many tenants; a failure there ends the run",
            ),
            _option(
                "waves",
                "--wave",
                action="append",
                metavar="N",
                help="then go on with so many, or with such a share: 10%%; repeatable",
            ),
            _option(
                "max_failures",
                "--max-failures",
                metavar="N",
                help="end the run after more failures than this number or share (5%%)",
            ),
            _option(
                "retries",
                "--retries",
                type=int,
                help="how often to try again after a failure that may pass (default: 2)",
            ),
            _option(
                "results",
                "--results",
                metavar="URL",
                help="a database that keeps the last result of each tenant",
            ),
            _switch("tracing", "--tracing", help="make OpenTelemetry spans"),
            _option("html", "--html", metavar="FILE", help="write a summary as an HTML file"),
            _option(
                "dialect",
                "--dialect",
                metavar="NAME",
                help="postgresql, mysql, mariadb, sqlite ... (default: that of the project)",
            ),
            _switch(
                "allow_write", "--allow-write", help="also offer a tool that writes revision files"
            ),
            _option(
                "max_rows",
                "--max-rows",
                type=int,
                default=10_000,
                metavar="NUMBER",
                help="refuse to write a snapshot with more rows (default: 10000)",
            ),
            _switch(
                "check_files",
                "--check",
                help="fail if a snapshot does not belong to the revision files; write nothing",
            ),
            _switch(
                "force",
                "--force",
                help="run the revisions although the database has tables that they create",
            ),
            _switch("no_snapshot", "--no-snapshot", help="run all revisions, without a snapshot"),
            _option(
                "database_name", metavar="NAME", help="its name; of SQLite, the path of a file"
            ),
            _option("shell", choices=("bash", "zsh", "fish"), help="which shell the script is for"),
        )
    }
    # the same argument where it may be left out
    | {
        "revision_or_head": _option(
            "revision",
            nargs="?",
            default="head",
            help="identifier of a revision: id, head, heads, +1 ... (default: head)",
        ),
        "revision_or_heads": _option(
            "revision",
            nargs="?",
            default="heads",
            help="identifier of a revision: id, head, heads ... (default: heads)",
        ),
    }
)
