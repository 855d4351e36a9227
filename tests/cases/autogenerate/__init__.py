"""Pairs of models, one file for each kind of change."""

from __future__ import annotations

import importlib
import pkgutil

from tests.cases.autogenerate.builders import PAIRS, Pair


def every_pair(file: str = "") -> list[Pair]:
    """Return the pairs of all files, or of one."""
    for module in pkgutil.iter_modules(__path__):
        if file in {"", module.name}:
            importlib.import_module(f"{__name__}.{module.name}")
    return PAIRS
