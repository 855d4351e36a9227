"""The options of the command line.

The parser and `CommandLine.register_command` of the compat package read them.
"""

from __future__ import annotations

from types import MappingProxyType

from limbeck.cli.fleet_options import FLEET_OPTIONS
from limbeck.cli.option import number, option, seconds, switch

GLOBAL = (
    option(
        "config",
        "-c",
        "--config",
        action="append",
        help="configuration file: an ini file, a pyproject.toml, or both (repeat the option). "
        "Default: $LIMBECK_CONFIG, else $ALEMBIC_CONFIG, else alembic.ini and pyproject.toml in "
        "the current folder",
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
        help="a value for env.py: context.get_x_argument(); repeatable",
    ),
    switch("raiseerr", "--raiseerr", help="show the complete traceback of an error"),
    switch("quiet", "-q", "--quiet", help="print nothing on stdout"),
)
GLOBAL_NAMES = tuple(option.name for option in GLOBAL)

OPTIONS = MappingProxyType(
    {
        option.name: option
        for option in (
            option("message", "-m", "--message", help="the message of the new revision"),
            switch(
                "sql", "--sql", help="write the SQL to stdout, without connecting to a database"
            ),
            option("tag", "--tag", help="a value for env.py: context.get_tag_argument()"),
            option("head", "--head", help="parent of the new revision: an id or <branch>@head"),
            switch("splice", "--splice", help="allow a parent that is not a head"),
            option("branch_label", "--branch-label", help="label of the new revision's branch"),
            option("version_path", "--version-path", help="the version location for the new file"),
            option(
                "file_type",
                "--file-type",
                choices=("py", "sql"),
                help="language of the new file: Python (default) or SQL",
            ),
            option(
                "kind",
                "--kind",
                choices=("schema", "data"),
                help="what the new migration changes: schema, or data (see upgrade --skip-data)",
            ),
            option(
                "phase",
                "--phase",
                choices=("before", "after"),
                help="phase of the migrations: before or after the new release is started",
            ),
            switch(
                "skip_data",
                "--skip-data",
                help="set the version of data migrations without running them",
            ),
            option("rev_id", "--rev-id", help="identifier to use instead of a random one"),
            option(
                "depends_on",
                "--depends-on",
                action="append",
                help="a revision that must be applied before this one; repeatable",
            ),
            switch(
                "autogenerate",
                "--autogenerate",
                help="write the differences between models and database to the file",
            ),
            option(
                "rename",
                "--rename",
                action="append",
                metavar="OLD=NEW",
                help="with --autogenerate: a renamed table (a=b), column (a.b=a.c) or enum value; "
                "a.b= for a column that was not renamed; repeatable",
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
                help="compare with the schema of the revision files instead of a database",
            ),
            option(
                "renames",
                "--renames",
                choices=("ask", "guess", "never", "error"),
                help="with --autogenerate: how to handle likely renames that are not declared",
            ),
            option(
                "fill",
                "--fill",
                action="append",
                metavar="T.COLUMN=SQL",
                help="with --autogenerate: the value of a column for existing rows; repeatable",
            ),
            option(
                "using",
                "--using",
                action="append",
                metavar="T.COLUMN=SQL",
                help="with --autogenerate: the conversion of existing values; repeatable",
            ),
            option(
                "replace",
                "--replace",
                action="append",
                metavar="ENUM.VALUE=OTHER",
                help="with --autogenerate: the value that replaces a dropped one; repeatable",
            ),
            switch(
                "no_verify",
                "--no-verify",
                help="do not run the new revision on a scratch database",
            ),
            switch(
                "verify",
                "--verify",
                help="run both orders on scratch databases (the default, except in projects of "
                "Alembic)",
            ),
            switch(
                "empty",
                "--empty",
                help="with --autogenerate: write a file even if there are no differences",
            ),
            switch("redo", "--redo", help="write the last draft again, to the same file"),
            option(
                "verified",
                nargs="?",
                metavar="revision",
                help="a revision, or a range start:end, which excludes start (default: the heads)",
            ),
            option(
                "scratch",
                "--scratch",
                choices=("auto", "file", "database", "schema", "embedded"),
                help="the kind of the scratch database (default: the first one that is available)",
            ),
            option(
                "build",
                "--build",
                choices=("auto", "history"),
                default="auto",
                help="history: run the previous revisions instead of replaying them",
            ),
            option(
                "rows",
                "--rows",
                type=number,
                default=50,
                metavar="NUMBER",
                help="rows for each table (default: 50)",
            ),
            option(
                "time_limit",
                "--time-limit",
                type=seconds,
                metavar="SECONDS",
                help="limit for each step of a revision (default: 60)",
            ),
            option(
                "rev_range",
                "-r",
                "--rev-range",
                metavar="START:END",
                help="list this range; either side may be empty",
            ),
            switch("verbose", "-v", "--verbose", help="print more details"),
            switch(
                "indicate_current", "-i", "--indicate-current", help="mark the current revision"
            ),
            switch(
                "check",
                "--check",
                help="fail unless there is exactly one head, and heads.txt agrees",
            ),
            switch("check_heads", "-c", "--check-heads", help="fail unless every head is applied"),
            switch(
                "resolve_dependencies",
                "--resolve-dependencies",
                help="treat depends_on like a parent",
            ),
            switch(
                "include_missing",
                "--include-missing",
                help="also run revisions that were inserted below the applied ones",
            ),
            switch(
                "allow_downgrade",
                "--allow-downgrade",
                help="first downgrade revisions that have no file, with the source in the journal",
            ),
            option(
                "restored",
                nargs="*",
                metavar="revision",
                help="full identifiers (default: all revisions without a file)",
            ),
            switch(
                "accept",
                "--accept",
                help="write no files; accept the current files as the applied ones",
            ),
            switch("purge", "--purge", help="empty the version table first"),
            switch(
                "allow_drops",
                "--allow-drops",
                help="with --autogenerate: allow dropping most tables",
            ),
            switch("yes", "-y", "--yes", help="continue even if rows or values will be lost"),
            switch("package", "--package", help="also write __init__.py files"),
            option(
                "template",
                "-t",
                "--template",
                default="generic",
                help="the template to use (see list_templates)",
            ),
            option(
                "env",
                "--env",
                metavar="NAME",
                help="use [tool.limbeck.env.NAME] in pyproject.toml (default: $LIMBECK_ENV)",
            ),
            option(
                "database_url",
                "--url",
                metavar="URL",
                help="use this database instead of the configured one",
            ),
            option("directory", nargs="?", help="the folder for the environment"),
            option(
                "style",
                "--style",
                choices=("native", "alembic"),
                help="native: a pyproject.toml with the models and the database that were found; "
                "alembic: env.py and alembic.ini",
            ),
            option("revision", help="identifier of a revision: id, head, heads, base, +1, -1 ..."),
            option("revisions", nargs="+", help="one or more revisions, or 'heads' for all heads"),
            option("rev", metavar="revision", help="identifier of a revision, or 'current'"),
            switch("json", "--json", help="print JSON"),
            switch("graph", "--graph", help="draw the graph"),
            option(
                "lock_timeout",
                "--lock-timeout",
                type=seconds,
                metavar="SECONDS",
                help="how long to wait for another run on this database (default: 60)",
            ),
            switch(
                "resume", "--continue", help="finish the migration after the steps that are done"
            ),
            switch("undo", "--undo", help="revert the steps that are done, the last one first"),
            switch(
                "forget",
                "--forget",
                help="delete the record; the migration starts again from its first statement",
            ),
            option(
                "unknown",
                "--unknown",
                choices=("done", "not-done"),
                help="the outcome of a statement, if the database does not show it",
            ),
            option(
                "squashed",
                nargs="?",
                metavar="start:end",
                help="the range to replace, both ends included",
            ),
            switch(
                "keep_data",
                "--keep-data",
                help="copy the source of data steps that cannot be reduced to statements",
            ),
            switch("drop_data", "--drop-data", help="omit the data steps of the range"),
            switch(
                "finish",
                "--finish",
                help="remove the replaced files, if no database is inside the range",
            ),
            option(
                "mine",
                nargs="?",
                metavar="revision",
                help="the head to move (default: the one whose file is not committed to git)",
            ),
            option(
                "onto", "--onto", help="the revision to move it after (default: the other head)"
            ),
            switch(
                "head_file",
                "--head-file",
                help="write a head file, which conflicts in git if two people add a revision (the "
                "template declared always has one)",
            ),
            option(
                "lint_range",
                nargs="?",
                metavar="revision",
                help="a revision, or a range start:end, which excludes start (default: the heads)",
            ),
            option(
                "since",
                "--since",
                metavar="GIT_REF",
                help="the revisions whose files differ from this git reference",
            ),
            switch(
                "pending", "--pending", help="the revisions that are not applied to the database"
            ),
            switch("no_server", "--no-server", help="examine the text only, without a database"),
            option(
                "scratch_url",
                "--scratch-url",
                metavar="URL",
                help="create scratch databases on this server instead of the project's",
            ),
            option(
                "lint_format",
                "--format",
                default="text",
                choices=("text", "json", "sarif", "junit", "github"),
                help="the output format (default: text)",
            ),
            switch("fix", "--fix", help="replace statements in the revision files by safe forms"),
            option("baseline", "--baseline", metavar="FILE", help="a file of accepted findings"),
            option(
                "write_baseline",
                "--write-baseline",
                metavar="FILE",
                help="accept all findings, and write them to a baseline file",
            ),
            option(
                "planned",
                nargs="?",
                default="head",
                metavar="revision",
                help="the destination; an applied revision means a downgrade (default: head)",
            ),
            switch(
                "no_scratch",
                "--no-scratch",
                help="create no scratch database; examine the text of statements only",
            ),
            switch("no_checks", "--no-checks", help="do not check the rows of the database"),
            option(
                "stats",
                "--stats",
                metavar="FILE",
                help="use a file that `stats` has written instead of the database",
            ),
            option("output", "-o", "--output", metavar="FILE", help="write to this file"),
            option(
                "query_limit",
                "--query-limit",
                type=seconds,
                default=10.0,
                metavar="SECONDS",
                help="limit for each query on the database (default: 10)",
            ),
            option("html", "--html", metavar="FILE", help="write a summary as an HTML file"),
            option(
                "dialect",
                "--dialect",
                metavar="NAME",
                help="postgresql, mysql, mariadb, sqlite ... (default: the project's dialect)",
            ),
            switch(
                "allow_write", "--allow-write", help="also serve a tool that writes revision files"
            ),
            option(
                "max_rows",
                "--max-rows",
                type=number,
                default=10_000,
                metavar="NUMBER",
                help="maximum number of rows in a snapshot (default: 10000)",
            ),
            switch(
                "check_files",
                "--check",
                help="only check that the snapshots match the revision files",
            ),
            switch(
                "force",
                "--force",
                help="run the revisions even if the database has tables that they create",
            ),
            switch("no_snapshot", "--no-snapshot", help="run all revisions, without a snapshot"),
            option("database_name", metavar="NAME", help="its name; on SQLite, the path of a file"),
            option("shell", choices=("bash", "zsh", "fish"), help="the shell"),
        )
    }
    | FLEET_OPTIONS
    # the same argument with another meaning in some commands, or optional
    | {
        "force_redo": switch(
            "force", "--force", help="with --redo: replace the file even if it was edited"
        ),
        "fix_heads": switch("fix", "--fix", help="write heads.txt again"),
        "yes_adopt": switch("yes", "-y", "--yes", help="set the version without asking"),
        "no_verify_merge": switch(
            "no_verify", "--no-verify", help="do not run both orders on scratch databases"
        ),
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
