"""Files that differ from a git reference."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from limbeck.errors import LintError


def files_changed_since(paths: Iterable[Path], reference: str, *, folder: Path) -> set[Path]:
    """Return the files that are new or differ from a git reference.

    Git is started three times for each working tree, however many files there are.

    Args:
        paths: the files.
        reference: a branch, tag or commit.
        folder: a folder of the project, in whose working tree the reference is looked up even if
            there are no files.

    Raises:
        LintError: git cannot be run, or does not know the reference.
    """
    resolved = {path: path.resolve() for path in paths}
    trees: dict[Path, set[Path]] = {}
    if not resolved:
        trees[working_tree(folder)] = set()
    for full in resolved.values():
        trees.setdefault(working_tree(full.parent), set()).add(full)
    changed: set[Path] = set()
    for tree, files in trees.items():
        changed |= _changed(tree, files, reference)
    return {path for path, full in resolved.items() if full in changed}


def working_tree(folder: Path) -> Path:
    """Return the top of the git working tree of a folder; the folder itself if there is none."""
    full = folder.resolve()
    existing = next(one for one in (full, *full.parents) if one.is_dir())
    return next((one for one in (full, *full.parents) if (one / ".git").exists()), existing)


def _changed(tree: Path, files: set[Path], reference: str) -> set[Path]:
    commit = run_git(tree, "rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    if commit is None and not (tree / ".git").exists():
        raise LintError(
            f"--since needs a git repository, and {tree} is not in one",
            hint="Run the command in a clone, or name the revisions instead of --since.",
            code="LB631",
        )
    if commit is None:
        raise LintError(
            f"git does not know the reference '{reference}'",
            hint="Name a branch, tag or commit, such as `--since origin/main`.",
            code="LB631",
        )
    if not files:
        return set()
    name = commit.decode().strip()
    differing = _listed(tree, "diff", "--name-only", "--no-renames", "--relative", "-z", name)
    return files & differing | files - _listed(tree, "ls-files", "-z")


def _listed(tree: Path, *words: str) -> set[Path]:
    """Return the files that a command of git lists.

    Raises:
        LintError: the command fails.
    """
    output = run_git(tree, *words)
    if output is None:
        raise LintError(
            f"`git {' '.join(words)}` fails in {tree}",
            hint="Run it there to see why, or name the revisions instead of --since.",
            code="LB632",
        )
    return {tree / os.fsdecode(name) for name in output.split(b"\0") if name}


def run_git(folder: Path, *words: str) -> bytes | None:
    """Run git in a folder and return its output; None if it fails.

    Raises:
        LintError: git is not installed.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program without a shell
            ["git", *words],  # noqa: S607 - the user's git
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise LintError(
            f"git cannot be run: {error}",
            hint="Install git, or name the revisions instead of --since.",
            code="LB632",
        ) from error
    return done.stdout if done.returncode == 0 else None
