"""`alembic.autogenerate.api`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from limbeck.autogenerate import (
    RevisionDrafts,
    compare_metadata,
    fill,
    produce_migrations,
)
from limbeck.errors import DraftError, ProjectError
from limbeck.operations import DowngradeOps, MigrationScript, UpgradeOps
from limbeck.render import RenderContext, render_python_code, render_script

AutogenContext = RenderContext

__all__ = [
    "AutogenContext",
    "RevisionContext",
    "compare_metadata",
    "produce_migrations",
    "render_python_code",
]


def _produce_net_changes(autogen_context: AutogenContext, upgrade_ops: UpgradeOps) -> None:
    fill(autogen_context, upgrade_ops)


def _render_migration_diffs(context: Any, template_args: dict[str, Any]) -> None:
    """Compare, and add the rendered functions and imports to a template's variables."""
    autogen_context = AutogenContext(context)
    up = UpgradeOps([], upgrade_token=context.opts.get("upgrade_token", "upgrades"))
    fill(autogen_context, up)
    down = DowngradeOps([], downgrade_token=context.opts.get("downgrade_token", "downgrades"))
    script = MigrationScript(None, up, up.reverse_into(down))
    template_args.update(render_script(script, autogen_context))


class RevisionContext:
    """The scripts of one `revision` command, for third-party programs.

    Args:
        config: the project's configuration.
        script_directory: writes the files.
        command_args: the command's options by name.
        process_revision_directives: a hook in addition to that of env.py.
    """

    def __init__(
        self,
        config: Any,
        script_directory: Any,
        command_args: dict[str, Any],
        process_revision_directives: Callable[..., Any] | None = None,
    ) -> None:
        self.config = config
        self.script_directory = script_directory
        self.command_args = command_args
        self.process_revision_directives = process_revision_directives
        self.template_args: dict[str, Any] = {"config": config}
        self._drafts = RevisionDrafts(self._first_script(), process_revision_directives)

    @property
    def generated_revisions(self) -> list[MigrationScript]:
        """The scripts, in the order in which they will be written."""
        return self._drafts.scripts

    def _first_script(self) -> MigrationScript:
        from limbeck.compat import util

        given = self.command_args
        return MigrationScript(
            given["rev_id"] or util.rev_id(),
            UpgradeOps([]),
            DowngradeOps([]),
            message=given["message"],
            head=given["head"],
            splice=given["splice"],
            branch_label=given["branch_label"],
            version_path=given["version_path"],
            depends_on=given["depends_on"],
        )

    def run_autogenerate(self, rev: Any, migration_context: Any) -> None:
        """Compare the database that a context is connected to.

        Raises:
            ProjectError: `--sql` was also given.
            DraftError: the database is not at the newest revision.
        """
        if self.command_args["sql"]:
            raise ProjectError(
                "Comparing reads the database, so --autogenerate and --sql exclude each other",
                code="LB402",
            )
        here = set(self.script_directory.get_revisions(rev))
        if here != set(self.script_directory.get_revisions("heads")):
            raise DraftError(
                "Target database is not up to date.",
                hint="run `upgrade head` first",
                code="LB405",
            )
        self._drafts.run(migration_context, rev, compare=True)

    def run_no_autogenerate(self, rev: Any, migration_context: Any) -> None:
        """Run the hooks for a context without a comparison."""
        self._drafts.run(migration_context, rev, compare=False)

    def generate_scripts(self) -> Iterator[Any]:
        """Write the files, and yield the script of each file."""
        for script in self.generated_revisions:
            yield self._written(script)

    def _written(self, script: MigrationScript) -> Any:
        variables = {**self.template_args, **self._drafts.template_args(script)}
        return self.script_directory.generate_revision(
            script.rev_id,
            script.message,
            refresh=True,
            head=script.head,
            splice=script.splice,
            branch_labels=script.branch_label,
            version_path=script.version_path,
            depends_on=script.depends_on,
            **variables,
        )
