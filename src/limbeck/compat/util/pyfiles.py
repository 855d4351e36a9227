"""Load Python files that are not part of a package."""

from __future__ import annotations

import importlib.util
from importlib.machinery import SourcelessFileLoader
from pathlib import Path
from types import ModuleType

from limbeck.errors import ProjectError


def load_python_file(dir_: str | Path, filename: str | Path) -> ModuleType:
    """Execute a Python file, or its bytecode if there is no source, as a module.

    Args:
        dir_: the directory of the file.
        filename: its name; dots and dashes become underscores in the module's name.

    Raises:
        ProjectError: neither the file nor its bytecode exists.
    """
    path = Path(dir_) / filename
    name = path.stem.replace(".", "_").replace("-", "_")
    if path.suffix in {".pyc", ".pyo"}:
        return load_module(name, path)
    if path.exists():
        return load_module(name, path)
    bytecode = pyc_file_from_path(path)
    if bytecode is None:
        raise ProjectError(f"no such file: {path}", hint="check the name and the directory")
    return load_module(name, bytecode)


def load_module(name: str, path: Path) -> ModuleType:
    """Execute one file, source or bytecode, as a module with the given name."""
    if path.suffix in {".pyc", ".pyo"}:
        loader = SourcelessFileLoader(name, str(path))
        spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    else:
        spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ProjectError(f"Python cannot load {path}", hint="a .py or .pyc file is required")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pyc_file_from_path(path: str | Path) -> Path | None:
    """Return the bytecode file of a source file; None if there is none."""
    source = Path(path)
    cached = Path(importlib.util.cache_from_source(str(source)))
    if cached.exists():
        return cached
    legacy = source.with_suffix(".pyc")
    return legacy if legacy.exists() else None


__all__ = ["load_module", "load_python_file", "pyc_file_from_path"]
