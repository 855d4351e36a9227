"""What was written or found, as lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.report.text import clean

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands import CheckResult, InitResult
    from limbeck.project import Template


def init_lines(made: InitResult) -> list[str]:
    """Return the last lines of `init`: what was left as it was, and what to do next."""
    lines = [clean(f"Kept {path.absolute()}, which was there already") for path in made.kept]
    lines.append(clean(f"Next: name your database in {made.config_path}"))
    return lines


def template_lines(templates: Sequence[Template], prog: str) -> list[str]:
    """Return the lines of `list_templates`."""
    return [
        "Available templates:\n",
        *(f"{one.name} - {one.summary}" for one in templates),
        "\nStart a project from one of them:",
        f"\n  {prog} init --template generic migrations",
    ]


def check_lines(checked: CheckResult) -> list[str]:
    """Return the lines of `check` when nothing differs."""
    if checked.speaks_tuples:
        # the line that scripts of Alembic's projects look for
        return ["No new upgrade operations detected."]
    return ["The database is what the models say."]
