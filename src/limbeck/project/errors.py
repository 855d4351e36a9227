"""What can be wrong with a project's configuration and files."""

from __future__ import annotations

from limbeck.errors import ProjectError


class NoConfiguration(ProjectError):
    """The configuration file, or the section of it that counts, is not there."""

    code = "LB101"


class BadConfiguration(ProjectError):
    """A configuration file cannot be parsed."""

    code = "LB102"


class BadValue(ProjectError, ValueError):
    """A setting has a value it cannot have."""

    code = "LB103"


class MissingFile(ProjectError):
    """A file or folder of the project is not where the configuration says."""

    code = "LB104"


class BrokenFile(ProjectError):
    """A Python file of the project cannot be compiled, run or used."""

    code = "LB105"


class BrokenTemplate(ProjectError):
    """A template cannot be rendered."""

    code = "LB106"


class UnsafePath(ProjectError):
    """A file would be written outside its folder, or over another file."""

    code = "LB107"


class HookFailed(ProjectError):
    """A post-write hook is not set up right, or its program failed."""

    code = "LB108"
