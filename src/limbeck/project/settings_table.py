"""Every setting of a project: its type, default and meaning.

`[tool.limbeck]` accepts these names, and the documentation is generated from the table.
"""

from __future__ import annotations


class Setting:
    """A setting of a project.

    Args:
        name: its key.
        kind: a description of the type of its value.
        default: a description of the default.
        help: a description of its effect, in Markdown.
        example: a value in TOML.
        scope: `all`, `native` for settings of projects without env.py, `ini` for ini files only.
        variable: the environment variable with the same effect.
    """

    __slots__ = ("default", "example", "help", "kind", "name", "scope", "variable")

    def __init__(
        self,
        name: str,
        kind: str,
        default: str,
        help: str,
        example: str,
        scope: str = "all",
        variable: str = "",
    ) -> None:
        self.name = name
        self.kind = kind
        self.default = default
        self.help = help
        self.example = example
        self.scope = scope
        self.variable = variable


_HOOK = "`module:function`"
_SECONDS = "seconds"
_SWITCH = "true or false"
_NONE = "not set"

GROUPS: tuple[tuple[str, tuple[Setting, ...]], ...] = (
    (
        "Where the project is",
        (
            Setting("script_location", "a path, or `package:folder`",
                    "`migrations` if `url` or `metadata` is set",
                    "The folder of the migrations.", '"migrations"'),
            Setting("version_locations", "a list of paths", "`versions` in that folder",
                    "The folders with revision files.", '["migrations/versions"]'),
            Setting("recursive_version_locations", _SWITCH, "false",
                    "Search their subfolders as well.", "true"),
            Setting("path_separator", "`os`, `space`, `newline`, `:` or `;`", _NONE,
                    "The separator of the paths in an ini file.", "os", "ini"),
            Setting("version_path_separator", "the same", _NONE,
                    "The former name of `path_separator`.", "os", "ini"),
            Setting("prepend_sys_path", "a list of paths",
                    "the folder of `pyproject.toml` and its `src` if `metadata` is set",
                    "Folders that are added to `sys.path`.", '["."]'),
            Setting("sourceless", _SWITCH, "false",
                    "Accept bytecode without its source as revisions.", "true"),
        ),
    ),
    (
        "Database and models without env.py",
        (
            Setting("url", "a SQLAlchemy URL", _NONE,
                    "The database. `${NAME}` is a variable of the environment or of `.env`. The "
                    "option `--url` replaces it.", '"${DATABASE_URL}"', "native"),
            Setting("metadata", "`module:name`, or a list", _NONE,
                    "The models: a `MetaData`, or an object with the attribute `metadata`.",
                    '"shop.models:Base.metadata"', "native"),
            Setting("version_table", "a name", "`alembic_version`",
                    "The version table.", '"shop_version"', "native"),
            Setting("version_table_schema", "a name", "the default schema",
                    "The schema of the version table.", '"audit"', "native"),
            Setting("databases", "a table of tables", _NONE,
                    "Several databases, each with its own `url`, `metadata` and other settings.",
                    '{ orders = { url = "${ORDERS_URL}" } }', "native"),
            Setting("env", "a table of tables", _NONE,
                    "Settings of named environments, which override the others with `--env NAME`.",
                    '{ staging = { url = "${STAGING_URL}" } }', "native", "LIMBECK_ENV"),
            Setting("listeners", f"{_HOOK}, or a list", _NONE,
                    "Functions that are called with the engine before it connects.",
                    '"shop.database:listen"', "native"),
            Setting("logging", "a level, or a table for `logging.config.dictConfig`", _NONE,
                    "Which messages are logged.", '"INFO"', "native"),
            Setting("transaction_per_migration", _SWITCH, "false",
                    "Commit after each migration, where DDL is transactional.", "true", "native"),
            Setting("on_version_apply", _HOOK, _NONE,
                    "A function that is called after each change of a version row.",
                    '"shop.hooks:applied"', "native"),
            Setting("fleet", "a table", _NONE, "Tenants; see [](#fleets).",
                    '{ schemas = "tenant_*" }'),
        ),
    ),
    (
        "New revision files",
        (
            Setting("file_template", "a text with `%(...)s`", "`%(rev)s_%(slug)s`",
                    "The file name. Also: `epoch`, `year`, `month`, `day`, `hour`, `minute`, "
                    "`second`.", '"%(year)d%(month).2d%(day).2d_%(slug)s"'),
            Setting("truncate_slug_length", "a number", "40",
                    "The maximum length of the message in the file name.", "60"),
            Setting("timezone", "a time zone", "local time",
                    "The time zone of the creation date.", '"UTC"'),
            Setting("output_encoding", "an encoding", "`utf-8`",
                    "The encoding of new files.", '"utf-8"'),
            Setting("revision_environment", _SWITCH, "false",
                    "Run env.py also for commands that only write a file.", "true"),
            Setting("post_write_hooks", "a list of tables", _NONE,
                    "Programs that run on each new file; see [](configuration.md#new-files).",
                    '[{ name = "ruff", type = "exec", executable = "ruff", '
                    'options = "format REVISION_SCRIPT_FILENAME" }]'),
        ),
    ),
    (
        "Comparing models and database",
        (
            Setting("detect", "`all` or `alembic`",
                    "`alembic` if env.py imports `alembic`, else `all`",
                    "What [autogenerate](autogenerate.md#what-is-compared) compares.", '"all"'),
            Setting("renames", "`ask`, `guess`, `never` or `error`",
                    "`ask` where `detect` is `all`, else `never`",
                    "How likely [renames](autogenerate.md#renames) are handled.", '"error"'),
            Setting("answers", "a path", "`answers.toml` in the folder of the migrations",
                    "The file with answers for renames, values and casts.", '"answers.toml"'),
            Setting("ignore", "a list of patterns", _NONE,
                    "Objects of the database that are not compared unless the models have them.",
                    '["legacy_*", "view:report_*"]'),
            Setting("undeclared", "`keep` or `drop`", "`keep`",
                    "What happens to views, triggers and routines that the models do not declare.",
                    '"drop"'),
            Setting("include_schemas", _SWITCH, "false",
                    "Compare every schema of the database.", "true", "native"),
            Setting("include_name", _HOOK, _NONE,
                    "`(name, type_, parent_names)`: false leaves an object of the database out.",
                    '"shop.hooks:include_name"', "native"),
            Setting("include_object", _HOOK, _NONE,
                    "`(object, name, type_, reflected, compare_to)`: false leaves an object out.",
                    '"shop.hooks:include_object"', "native"),
            Setting("compare_type", f"{_SWITCH}, or {_HOOK}", "true",
                    "Whether the types of columns are compared.", "false", "native"),
            Setting("compare_server_default", f"{_SWITCH}, or {_HOOK}",
                    "true where `detect` is `all`, else false",
                    "Whether server defaults are compared.", "true", "native"),
            Setting("render_item", _HOOK, _NONE,
                    "`(type_, obj, autogen_context)`: how an item is written into the draft.",
                    '"shop.hooks:render_item"', "native"),
            Setting("render_as_batch", _SWITCH, "true for SQLite where `detect` is `all`",
                    "Write changes of a table as `batch_alter_table` blocks.", "true", "native"),
            Setting("user_module_prefix", "a text", "the module of the type",
                    "The prefix of your own types in drafts.", '"shop.types."', "native"),
            Setting("process_revision_directives", _HOOK, _NONE,
                    "`(context, revision, directives)`: changes a draft before it is written.",
                    '"shop.hooks:process"', "native"),
        ),
    ),
    (
        "Runs",
        (
            Setting("lock_timeout", _SECONDS, "60",
                    "How long to wait for another run, and in total for tables that other sessions "
                    "have locked. The option `--lock-timeout` replaces it.", "600"),
            Setting("table_timeout", _SECONDS, "3",
                    "How long one statement waits for a table before the transaction is rolled "
                    "back and tried again; 0 uses the server's limit.", "1"),
            Setting("connect_timeout", _SECONDS, "30",
                    "How long to wait for a server to answer; 0 uses the driver's limit.", "10"),
            Setting("silence_timeout", _SECONDS, "300",
                    "After which time an unreachable server is considered lost; 0 uses the limits "
                    "of operating system and driver.", "60"),
            Setting("journal", "`keep`, `auto` or `off`",
                    "`keep` where `detect` is `all`, else `auto`",
                    "What is [recorded](configuration.md#commands) in `limbeck_journal`.",
                    '"keep"'),
            Setting("data_loss", "`ask`, `refuse`, `tell` or `off`",
                    "`ask` where `detect` is `all`, else `tell`",
                    "What happens if a run would [lose rows](safety.md#data-loss).", '"refuse"'),
        ),
    ),
    (
        "Checks",
        (
            Setting("safe", _SWITCH, "false",
                    "Whether `revision --autogenerate` writes [safe forms](lint.md#safe-forms) and "
                    "divides a draft into a revision before and one after the release.", "true"),
            Setting("verify", _SWITCH, "true where `detect` is `all`",
                    "Whether `revision --autogenerate` [verifies](verify.md) what it has written; "
                    "the variable has the value `off`.", "false", variable="LIMBECK_VERIFY"),
            Setting("verify_budget", _SECONDS, "20",
                    "How long this verification may take.", "60"),
            Setting("verify_time_limit", _SECONDS, "60",
                    "How long each step of a revision may take in `verify`.", "300"),
            Setting("scratch", "`auto`, `file`, `database`, `schema` or `embedded`", "`auto`",
                    "The kind of [scratch database](verify.md#the-scratch-database).",
                    '"embedded"'),
            Setting("scratch_url", "a SQLAlchemy URL", "the project's server",
                    "Another server for scratch databases.", '"postgresql+psycopg://localhost/x"'),
            Setting("lint_ignore", "a list of codes or names", _NONE,
                    "[Lint rules](lint-rules.md) that are accepted in the whole project.",
                    '["LM118"]'),
            Setting("lint_ignore_files", "a list of `pattern: codes`", _NONE,
                    "Rules that are accepted in some files.", '["0001_*.py: LM118, LM302"]'),
            Setting("lint_rules", "a list of codes or names", _NONE,
                    "[Optional rules](lint-rules.md#lm801) to switch on; `style` means all.",
                    '["prefer-bigint", "LM806"]'),
            Setting("lint_baseline", "a path", _NONE,
                    "A file of findings that are accepted, written by "
                    "`lint --write-baseline`.", '"lint.json"'),
        ),
    ),
)  # fmt: skip

TABLE = tuple(setting for _, settings in GROUPS for setting in settings)

# environment variables that do not replace a setting
VARIABLES: tuple[tuple[str, str], ...] = (
    ("LIMBECK_CONFIG", "The configuration file, in place of `-c`."),
    ("ALEMBIC_CONFIG", "The same, if `LIMBECK_CONFIG` is not set."),
    ("NO_COLOR", "If it is set, the output has no colours."),
    ("VISUAL", "The editor of `limbeck edit`."),
    ("EDITOR", "The same, if `VISUAL` is not set."),
)
