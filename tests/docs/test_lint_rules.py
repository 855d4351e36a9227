"""The page of lint's rules is made from the rules and their cases."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from limbeck.lint import RULES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "lint-rules.md"


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location(
        "lint_rules_page", ROOT / "scripts" / "lint_rules_page.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), "run python scripts/lint_rules_page.py"


def test_every_rule_has_an_entry_with_a_reason_and_cases() -> None:
    rules = PAGE.read_text("utf-8").partition("(what-is-not-a-rule)=")[0]
    entries = re.split(r"^## (LM\d+): .*\n", rules, flags=re.MULTILINE)
    found = dict(zip(entries[1::2], entries[2::2], strict=True))
    assert set(found) == {rule.code for rule in RULES}
    for code, text in found.items():
        for part in ("**What happens:**", "**Why:**", "**Instead:**"):
            assert part in text, (code, part)
        # the notice about a lock and the rules about a file need no version
        assert "Bad:" in text, code
        assert any(one in text for one in ("**Measured on:**", "**Known of:**", "```python")), code
