"""The drafts of one `revision` command: one per database, edited by hooks, then written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.api import fill
from limbeck.autogenerate.draft_warnings import replay_warnings
from limbeck.autogenerate.questioner import Answers
from limbeck.operations import MigrationScript
from limbeck.render import RenderContext, render_script

if TYPE_CHECKING:
    from limbeck.autogenerate.history_replay import ReplayResult

Hook = Callable[[Any, Any, list[ops.MigrationScript]], Any]


class RevisionDrafts:
    """The scripts that one command will write.

    env.py may run migrations several times, once for each database; each run adds a pair of
    functions to the same script. Hooks may add further scripts to the list.

    Args:
        first: the first script.
        hook: a `process_revision_directives` function in addition to that of env.py.
        arguments: variables for the template; env.py may add others.
    """

    def __init__(
        self,
        first: ops.MigrationScript,
        hook: Hook | None = None,
        arguments: dict[str, Any] | None = None,
    ) -> None:
        self.scripts: list[ops.MigrationScript] = [first]
        self.hook = hook
        self.arguments: dict[str, Any] = {} if arguments is None else arguments
        self._context: RenderContext | None = None

    def run(
        self,
        migration_context: Any,
        heads: Any,
        *,
        compare: bool,
        answers: Answers | None = None,
        replayed: ReplayResult | None = None,
    ) -> None:
        """Fill the current script for one database and let the hooks edit it.

        Args:
            migration_context: the context that env.py configured.
            heads: the heads of the database, which are passed to the hooks.
            compare: compare models and database; otherwise the functions stay empty.
            answers: the user's answers about renames and the like.
            replayed: the result of a replay, used in place of a database.
        """
        ctx = RenderContext(migration_context, autogenerate=compare and replayed is None)
        if replayed is not None:
            ctx.stand_on(replayed.catalog)
        if self._context is not None:
            ctx.imports |= self._context.imports
        self._context = ctx
        up, down = self._pair(ctx.opts)
        if compare:
            if replayed is not None:
                up.ops.extend(replay_warnings(replayed))
            fill(ctx, up, answers)
            up.reverse_into(down)
        for hook in (self.hook, ctx.opts.get("process_revision_directives")):
            if hook is not None:
                hook(migration_context, heads, self.scripts)
        for script in self.scripts:
            script._needs_render = True

    def _pair(self, opts: Any) -> tuple[ops.UpgradeOps, ops.DowngradeOps]:
        up_token = opts.get("upgrade_token", "upgrades")
        down_token = opts.get("downgrade_token", "downgrades")
        script = self.scripts[-1]
        if script._needs_render:
            script.upgrade_ops_list.append(ops.UpgradeOps([], upgrade_token=up_token))
            script.downgrade_ops_list.append(ops.DowngradeOps([], downgrade_token=down_token))
        up, down = script.upgrade_ops_list[-1], script.downgrade_ops_list[-1]
        up.upgrade_token, down.downgrade_token = up_token, down_token
        return up, down

    def template_args(self, script: ops.MigrationScript) -> dict[str, Any]:
        """Return the variables of a script's template: bodies by token, imports, and others."""
        if not script._needs_render or self._context is None:
            return dict(self.arguments)
        return {**self.arguments, **render_script(script, self._context)}


def is_empty(script: MigrationScript) -> bool:
    """Return whether a draft changes nothing in any database."""
    return not diffs(script)


def diffs(script: MigrationScript) -> list[Any]:
    """Return the differences of a draft as tuples, for all databases."""
    return [diff for up in script.upgrade_ops_list for diff in up.as_diffs()]
