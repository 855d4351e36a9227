"""Write the page of the documentation with the rules of lint."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "lint-rules.md"
_HEAD = """# Rules of lint

What each rule of [`limbeck lint`](lint.md) is about. A finding has the code of its most severe
danger; a comment or a setting names a rule by its code or its name.

The cases run on live servers in limbeck's tests, on the versions that each rule names: the bad case
has a finding of the rule, the good case has none. This page is made from the rules and the cases.
"""
_VERSIONS = {"postgresql": "PostgreSQL 15", "mariadb": "MariaDB 10.11", "sqlite": "SQLite 3"}


def page() -> str:
    """Return the text of the page."""
    sys.path.insert(0, str(ROOT))
    from tests.cases.lint.rules import PYTHON_CASES, RULE_CASES

    from limbeck.lint import RULES

    cases = {case.code: case for case in RULE_CASES}
    parts = [_HEAD]
    for rule in sorted(RULES, key=lambda one: one.code):
        parts.append(f"({rule.code.lower()})=\n## {rule.code}: {rule.name}\n")
        parts.append(f"**What happens:** {rule.summary}\n")
        if rule.dangers:
            parts.append(f"**Dangers:** {', '.join(f'`{danger}`' for danger in rule.dangers)}.\n")
        parts.append(f"**Instead:** {rule.advice}\n")
        case = cases.get(rule.code)
        if case is not None:
            parts.append(f"**Measured on:** {_VERSIONS[case.kind]}.\n")
            parts.append(_code("Bad", case.bad))
            if case.good:
                parts.append(_code("Good", case.good))
        if rule.code in PYTHON_CASES:
            for title, body in zip(("Bad", "Good"), PYTHON_CASES[rule.code], strict=True):
                parts.append(f"{title}:\n\n```python\n{body}\n```\n")
    return "\n".join(parts)


def _code(title: str, statements: tuple[str, ...]) -> str:
    lines = []
    for one in statements:
        if one.startswith("@"):
            lines.append("-- in an autocommit block")
        lines.append(f"{one.removeprefix('@')};")
    return f"{title}:\n\n```sql\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
