"""What the rules about the text of statements find in a revision of a project."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from limbeck.history import Revision
from limbeck.project import Project

if TYPE_CHECKING:
    from limbeck.lint import Finding, Verdict


def about_texts(
    project: Project,
    revision: Revision,
    verdicts: Sequence[Verdict],
    dialect: str,
    server: str | None = None,
) -> list[Finding]:
    """Return what the rules about the text of statements find in a revision.

    Args:
        project: the project.
        revision: the revision.
        verdicts: what is known of its statements.
        dialect: the name of the record of the database.
        server: name and version of the server, such as "postgresql 15.4"; None if none was asked.
    """
    from limbeck.lint import statement_rule_findings

    numbers = re.findall(r"\d+", server or "")
    return list(
        statement_rule_findings(
            verdicts,
            dialect,
            revision=revision.id,
            path=None if revision.path is None else str(revision.path),
            version=tuple(map(int, numbers)) or None,
            enabled=enabled_rules(project),
            later_sources=partial(_later_sources, project, revision),
        )
    )


def enabled_rules(project: Project) -> frozenset[str]:
    """Return the codes of the optional rules that the project has switched on.

    Raises:
        InvalidValueError: the setting `lint_rules` names something else.
    """
    from limbeck.lint import optional_codes

    return optional_codes(listed(project, "lint_rules"))


def listed(project: Project, name: str) -> list[str]:
    """Return a setting that is a list, or a string separated by spaces or commas."""
    setting = project.option(name) or ()
    return setting.replace(",", " ").split() if isinstance(setting, str) else list(setting)


def _later_sources(project: Project, revision: Revision) -> str:
    """Return the text of the revisions that follow one."""
    history = project.history()
    later = history.descendants({revision.id}) - {revision.id}
    paths = (history.get(one).path for one in later)
    return "\n".join(path.read_text("utf-8", errors="replace") for path in paths if path)
