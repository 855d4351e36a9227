"""Every option of the command line, once.

Plain values: the parser and Alembic's `CommandLine.register_command` both read them.
"""

from __future__ import annotations

from types import MappingProxyType

from limbeck.cli.option import option, seconds, switch

GLOBAL = (
    option(
        "config",
        "-c",
        "--config",
        action="append",
        help="configuration file, ini or pyproject.toml; may be given twice, once for each. "
        "Default: $ALEMBIC_CONFIG, else alembic.ini and pyproject.toml here",
    ),
    option(
        "name",
        "-n",
        "--name",
        default="alembic",
        help="section of the ini file to read (default: alembic)",
    ),
    option(
        "x",
        "-x",
        action="append",
        help="a value for env.py, read there by context.get_x_argument(); repeatable",
    ),
    switch("raiseerr", "--raiseerr", help="show the whole traceback of an error"),
    switch("quiet", "-q", "--quiet", help="print nothing on stdout"),
)
GLOBAL_NAMES = tuple(option.name for option in GLOBAL)

OPTIONS = MappingProxyType(
    {
        option.name: option
        for option in (
            option("message", "-m", "--message", help="what the new revision is about"),
            switch("sql", "--sql", help="write the SQL to stdout; touch no database"),
            option("tag", "--tag", help="a free word for env.py: context.get_tag_argument()"),
            option("head", "--head", help="parent of the new revision: an id or <branch>@head"),
            switch("splice", "--splice", help="allow a parent that is not a head"),
            option("branch_label", "--branch-label", help="label of the new revision's branch"),
            option("version_path", "--version-path", help="which version location gets the file"),
            option(
                "file_type",
                "--file-type",
                choices=("py", "sql"),
                help="language of the new file: Python (default), or SQL for statements by hand",
            ),
            option(
                "kind",
                "--kind",
                choices=("schema", "data"),
                help="what the new migration changes; --skip-data leaves out those of rows alone",
            ),
            option(
                "phase",
                "--phase",
                choices=("before", "after"),
                help="the part of a deployment: before or after the new release is started",
            ),
            switch(
                "skip_data",
                "--skip-data",
                help="set the version of data migrations without running them",
            ),
            option("rev_id", "--rev-id", help="identifier to use in place of a random one"),
            option(
                "depends_on",
                "--depends-on",
                action="append",
                help="a revision that must be there before this one; repeatable",
            ),
            switch(
                "autogenerate",
                "--autogenerate",
                help="fill the file with the difference between the models and the database",
            ),
            option(
                "rename",
                "--rename",
                action="append",
                metavar="OLD=NEW",
                help="with --autogenerate: table a=b, column a.b=a.c or enum value was renamed; "
                "a.b= was not; repeatable",
            ),
            option(
                "no_rename",
                "--no-rename",
                action="append",
                metavar="OLD",
                help="with --autogenerate: this table or column was not renamed; repeatable",
            ),
            switch(
                "offline",
                "--offline",
                help="compare with what the revision files lead to; touch no database",
            ),
            option(
                "renames",
                "--renames",
                choices=("ask", "guess", "never", "error"),
                help="with --autogenerate: what to do about likely renames that are not declared",
            ),
            option(
                "fill",
                "--fill",
                action="append",
                metavar="T.COLUMN=SQL",
                help="with --autogenerate: what existing rows get in a column; repeatable",
            ),
            option(
                "using",
                "--using",
                action="append",
                metavar="T.COLUMN=SQL",
                help="with --autogenerate: how present values become the new type; repeatable",
            ),
            option(
                "replace",
                "--replace",
                action="append",
                metavar="ENUM.VALUE=OTHER",
                help="with --autogenerate: what rows get whose value is dropped; repeatable",
            ),
            switch(
                "no_verify",
                "--no-verify",
                help="do not try the new revision on a scratch database",
            ),
            switch(
                "verify",
                "--verify",
                help="try both orders on scratch databases (in projects of Alembic; the default "
                "in others)",
            ),
            switch(
                "empty",
                "--empty",
                help="with --autogenerate: write a file although nothing differs",
            ),
            switch("redo", "--redo", help="draft the last draft again, in its file"),
            switch("force", "--force", help="with --redo: also a file that was edited since"),
            option(
                "verified",
                nargs="?",
                help="a revision, or a range start:end without its start (default: the heads)",
            ),
            option(
                "scratch",
                "--scratch",
                choices=("auto", "file", "database", "schema", "embedded"),
                help="what the scratch database is (default: what can be had)",
            ),
            option(
                "build",
                "--build",
                choices=("auto", "history"),
                default="auto",
                help="history: run the revisions before it instead of replaying them",
            ),
            option(
                "rows",
                "--rows",
                type=int,
                default=50,
                metavar="NUMBER",
                help="rows for each table (default: 50)",
            ),
            option(
                "time_limit",
                "--time-limit",
                type=float,
                metavar="SECONDS",
                help="for each step of a revision (default: 60)",
            ),
            option("rev_range", "-r", "--rev-range", help="start:end; either side may be empty"),
            switch("verbose", "-v", "--verbose", help="tell more"),
            switch(
                "indicate_current", "-i", "--indicate-current", help="mark where the database is"
            ),
            switch(
                "check",
                "--check",
                help="fail if there is not one head, or heads.txt disagrees",
            ),
            switch("fix", "--fix", help="write the file heads.txt"),
            switch("check_heads", "-c", "--check-heads", help="fail unless every head is applied"),
            switch(
                "resolve_dependencies",
                "--resolve-dependencies",
                help="count depends_on as a parent",
            ),
            switch(
                "include_missing",
                "--include-missing",
                help="also run revisions that came into the history below what is applied",
            ),
            switch(
                "allow_downgrade",
                "--allow-downgrade",
                help="first take back revisions that have no file here, from the journal",
            ),
            option(
                "restored", nargs="*", help="revisions in full; all that are missing by default"
            ),
            switch(
                "accept", "--accept", help="write nothing: take the files as they are for applied"
            ),
            switch("purge", "--purge", help="empty the version table first"),
            switch(
                "allow_drops",
                "--allow-drops",
                help="with --autogenerate: most tables are to be dropped",
            ),
            switch("yes", "-y", "--yes", help="go on although rows or values will be lost"),
            switch("package", "--package", help="write __init__.py files as well"),
            option(
                "template",
                "-t",
                "--template",
                default="generic",
                help="which template to start from (see list_templates)",
            ),
            option(
                "env",
                "--env",
                metavar="NAME",
                help="settings of [tool.limbeck.env.NAME] in pyproject.toml; default: $LIMBECK_ENV",
            ),
            option(
                "database_url",
                "--url",
                metavar="URL",
                help="this database in place of the configured one",
            ),
            option("directory", nargs="?", help="where to put the environment"),
            option(
                "style",
                "--style",
                choices=("native", "alembic"),
                help="native: pyproject.toml names models and database, which are searched; "
                "alembic: env.py and alembic.ini",
            ),
            option("revision", help="identifier of a revision: id, head, heads, base, +1, -1 ..."),
            option("revisions", nargs="+", help="one or more revisions, or 'heads' for all heads"),
            option("rev", help="identifier of a revision, or 'current'"),
            switch("json", "--json", help="print JSON"),
            switch("graph", "--graph", help="draw the graph"),
            option(
                "lock_timeout",
                "--lock-timeout",
                type=seconds,
                metavar="SECONDS",
                help="how long to wait while someone else migrates this database (default: 60)",
            ),
            switch("resume", "--continue", help="go on from what is done and finish the migration"),
            switch("undo", "--undo", help="revert what is done, from the last statement on"),
            switch(
                "forget",
                "--forget",
                help="leave the database as it is; the migration starts from its first statement",
            ),
            option(
                "unknown",
                "--unknown",
                choices=("done", "not-done"),
                help="what is true of a statement whose outcome the database does not show",
            ),
            option("squashed", nargs="?", help="the revisions, start:end, both included"),
            switch(
                "keep_data",
                "--keep-data",
                help="data steps that no statement repeats become the source of their files",
            ),
            switch("drop_data", "--drop-data", help="leave the data steps of the range out"),
            switch(
                "finish",
                "--finish",
                help="remove the replaced files, when no database is among them",
            ),
            option("mine", nargs="?", help="the head to move (default: the one new in git)"),
            option("onto", "--onto", help="what it shall follow (default: the other head)"),
            switch(
                "head_file",
                "--head-file",
                help="write a file of heads, which conflicts in git where two people add a "
                "revision (the template declared always does)",
            ),
            option(
                "lint_range",
                nargs="?",
                help="a revision, or a range start:end without its start; default: the heads",
            ),
            option(
                "since",
                "--since",
                metavar="GIT_REF",
                help="the revisions whose files differ from this git reference",
            ),
            switch("pending", "--pending", help="the revisions that the database does not have"),
            switch("no_server", "--no-server", help="judge by the text; connect to no database"),
            option(
                "scratch_url",
                "--scratch-url",
                metavar="URL",
                help="make scratch databases on this server, not on the project's",
            ),
            option(
                "lint_format",
                "--format",
                default="text",
                choices=("text", "json", "sarif", "junit", "github"),
                help="what to print (default: text)",
            ),
            switch("fix", "--fix", help="write the safe forms into the revision files"),
            option("baseline", "--baseline", metavar="FILE", help="a file of accepted findings"),
            option(
                "write_baseline",
                "--write-baseline",
                metavar="FILE",
                help="write the findings to a baseline file, and accept them",
            ),
            option(
                "planned",
                nargs="?",
                default="head",
                help="identifier of a revision; below the database's it is a downgrade "
                "(default: head)",
            ),
            switch(
                "no_scratch",
                "--no-scratch",
                help="make no scratch database; judge statements by their text",
            ),
            switch("no_checks", "--no-checks", help="read no rows of the database"),
            option(
                "stats",
                "--stats",
                metavar="FILE",
                help="plan from a file that `stats` has written, without the database",
            ),
            option("output", "-o", "--output", metavar="FILE", help="write to this file"),
            option(
                "query_limit",
                "--query-limit",
                type=seconds,
                default=10.0,
                metavar="SECONDS",
                help="for each query on the database (default: 10)",
            ),
            option(
                "fleet_revision", nargs="?", default="head", help="the destination; head by default"
            ),
            option("ids", nargs="+", help="the ids of the new tenants"),
            option("urls", "--url", action="append", help="the URL of a tenant; repeatable"),
            option("url", "--database", metavar="URL", help="the database of the schemas"),
            option(
                "schemas",
                "--schemas",
                metavar="QUERY",
                help="the tenants' schemas: a SELECT, or a pattern such as 'tenant_*'",
            ),
            option("files", "--files", metavar="PATTERN", help="the tenants' SQLite files"),
            option(
                "source", "--source", metavar="MODULE:CALLABLE", help="a function with the tenants"
            ),
            option("version_table", "--version-table", help="the name of the version table"),
            option(
                "tenant",
                "--tenant",
                action="append",
                metavar="ID",
                help="only this tenant; an id or a pattern of ids; repeatable",
            ),
            option(
                "tags",
                "--with-tag",
                action="append",
                metavar="TAG",
                help="only tenants with this tag; repeatable",
            ),
            option(
                "groups", "--group", action="append", help="only tenants of this group; repeatable"
            ),
            option("executor", "--executor", help="threads, processes or dask://host:8786"),
            option("workers", "--workers", type=int, help="how many tenants at once (default: 4)"),
            option(
                "connections_per_server",
                "--connections-per-server",
                type=int,
                metavar="N",
                help="how many of them on one server (default: 16)",
            ),
            option(
                "canary",
                "--canary",
                type=int,
                metavar="N",
                help="begin with so many tenants; a failure there ends the run",
            ),
            option(
                "waves",
                "--wave",
                action="append",
                metavar="N",
                help="then go on with so many, or with such a share: 10%%; repeatable",
            ),
            option(
                "max_failures",
                "--max-failures",
                metavar="N",
                help="end the run after more failures than this number or share (5%%)",
            ),
            option(
                "retries",
                "--retries",
                type=int,
                help="how often to try again after a failure that may pass (default: 2)",
            ),
            option(
                "results",
                "--results",
                metavar="URL",
                help="a database that keeps the last result of each tenant",
            ),
            switch("tracing", "--tracing", help="make OpenTelemetry spans"),
            option("html", "--html", metavar="FILE", help="write a summary as an HTML file"),
            option(
                "dialect",
                "--dialect",
                metavar="NAME",
                help="postgresql, mysql, mariadb, sqlite ... (default: that of the project)",
            ),
            switch(
                "allow_write", "--allow-write", help="also offer a tool that writes revision files"
            ),
            option(
                "max_rows",
                "--max-rows",
                type=int,
                default=10_000,
                metavar="NUMBER",
                help="refuse to write a snapshot with more rows (default: 10000)",
            ),
            switch(
                "check_files",
                "--check",
                help="fail if a snapshot does not belong to the revision files; write nothing",
            ),
            switch(
                "force",
                "--force",
                help="run the revisions although the database has tables that they create",
            ),
            switch("no_snapshot", "--no-snapshot", help="run all revisions, without a snapshot"),
            option("database_name", metavar="NAME", help="its name; of SQLite, the path of a file"),
            option("shell", choices=("bash", "zsh", "fish"), help="which shell the script is for"),
        )
    }
    # the same argument where it may be left out
    | {
        "revision_or_head": option(
            "revision",
            nargs="?",
            default="head",
            help="identifier of a revision: id, head, heads, +1 ... (default: head)",
        ),
        "revision_or_heads": option(
            "revision",
            nargs="?",
            default="heads",
            help="identifier of a revision: id, head, heads ... (default: heads)",
        ),
    }
)
