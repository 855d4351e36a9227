"""The environment that suites of packages work in."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.compat.testing.env import clear_staging_env, staging_env


def test_an_environment_is_created_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    script = staging_env()
    made = script.generate_revision("aaaa", "first", refresh=True)
    assert made is not None
    assert staging_env(create=False).get_heads() == ["aaaa"]
    assert staging_env(template="async").get_heads() == []
    assert "asyncio" in (tmp_path / "scratch/scripts/env.py").read_text()
    assert capsys.readouterr().out == ""
    clear_staging_env()
    assert list(tmp_path.iterdir()) == []
    clear_staging_env()


@pytest.mark.parametrize(
    ("sourceless", "left"),
    [(True, "env.pyc"), ("simple", "env.pyc"), ("pep3147_envonly", "__pycache__/env.*.pyc")],
)
def test_an_environment_can_be_loaded_from_bytecode(
    sourceless: bool, left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    staging_env(sourceless=sourceless)
    scripts = tmp_path / "scratch" / "scripts"
    assert not (scripts / "env.py").exists()
    assert len(list(scripts.glob(left))) == 1
