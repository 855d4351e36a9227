"""`alembic.script.base`: ScriptDirectory and Script, based on limbeck's project and history."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from limbeck import errors, report
from limbeck import project as native
from limbeck.commands import entry
from limbeck.compat.runtime.migration import RevisionStep, StampStep
from limbeck.compat.script.revision import Revision, RevisionMap
from limbeck.compat.util import messaging
from limbeck.errors import HistoryError
from limbeck.history import MultipleHeadsError
from limbeck.history import Revision as Header
from limbeck.project import Config, Project

_SLUG_LENGTH = 40


class Script(Revision):
    """One revision file.

    Args:
        module: the file's module; if None, it is loaded on first access.
        rev_id: the revision identifier.
        path: the path of the file.
    """

    path: str

    def __init__(
        self, module: ModuleType | None, rev_id: str, path: str | os.PathLike[str]
    ) -> None:
        self._module = module
        self._header: Header | None = None
        self._owner: ScriptDirectory | None = None
        self.path = os.fspath(path)
        super().__init__(
            rev_id,
            getattr(module, "down_revision", None),
            branch_labels=getattr(module, "branch_labels", None),
            dependencies=getattr(module, "depends_on", None),
        )

    @classmethod
    def _of(cls, owner: ScriptDirectory, header: Header) -> Script:
        script = cls.__new__(cls)
        script._module = None
        script._owner = owner
        script._header = header
        script.path = "" if header.path is None else os.path.realpath(header.path)
        Revision.__init__(
            script,
            header.id,
            header.down,
            dependencies=header.depends_on,
            branch_labels=tuple(header.labels),
        )
        return script

    @property
    def module(self) -> Any:
        """The file's module, loaded on first access."""
        if self._module is None and self._owner is not None:
            self._module = self._owner.project.program(self._own_header()).module
        return self._module

    @module.setter
    def module(self, module: Any) -> None:
        self._module = module

    def _own_header(self) -> Header:
        if self._header is not None:
            return self._header
        text = (getattr(self._module, "__doc__", None) or "").strip()
        return Header(
            self.revision,
            down=self._versioned_down_revisions,
            depends_on=tuple(self._resolved_dependencies),
            labels=self._orig_branch_labels,
            doc=text.partition("\n\n")[0],
            long_doc=text,
            path=Path(self.path),
        )

    def _native(self) -> Header:
        return self._own_header()

    @property
    def doc(self) -> str:
        """The first paragraph of the file's docstring."""
        return self._own_header().doc

    @property
    def longdoc(self) -> str:
        """The complete docstring of the file."""
        header = self._own_header()
        return header.long_doc or header.doc

    @property
    def log_entry(self) -> str:
        """The complete revision, as printed by `show`."""
        return report.block(self._entry())

    def _entry(self) -> Any:
        if self._owner is not None:
            history = self._owner.revision_map.history
            listed = entry(history, history.get(self.revision))
        else:
            from limbeck.commands import ListedRevision

            listed = ListedRevision(
                self._own_header(),
                tuple(sorted(self.branch_labels)),
                tuple(sorted(self.nextrev)),
                is_head=self.is_head,
                is_effective_head=self._is_real_head,
            )
        listed.is_current = getattr(self, "_db_current_indicator", False) or None
        return listed

    def cmd_format(
        self,
        verbose: bool,  # noqa: FBT001 - a public signature
        include_branches: bool = False,  # noqa: FBT001, FBT002
        include_doc: bool = False,  # noqa: FBT001, FBT002
        include_parents: bool = False,  # noqa: FBT001, FBT002
        tree_indicators: bool = True,  # noqa: FBT001, FBT002
    ) -> str:
        """Return the revision as listings print it."""
        if verbose:
            return self.log_entry
        return report.line(
            self._entry(),
            with_labels=include_branches,
            with_doc=include_doc,
            with_parents=include_parents,
            with_places=tree_indicators,
        )

    def __str__(self) -> str:
        return report.line(self._entry(), with_doc=True, with_parents=True)


class ScriptDirectory:
    """The revisions of a project.

    Args:
        dir: the directory of env.py.
        file_template: the template for file names.
        truncate_slug_length: the maximum length of the message in a file name.
        version_locations: the directories with revision files.
        sourceless: also use bytecode files without source.
        output_encoding: the encoding of new files.
        timezone: the time zone of creation dates.
        hooks: the settings of write hooks.
        recursive_version_locations: also use subdirectories of the version locations.
        messaging_opts: messaging options, such as `quiet`.
    """

    def __init__(
        self,
        dir: str | os.PathLike[str],
        file_template: str = "%(rev)s_%(slug)s",
        truncate_slug_length: int | None = 40,
        version_locations: list[str] | list[Path] | None = None,
        sourceless: bool = False,  # noqa: FBT001, FBT002 - a public signature
        output_encoding: str = "utf-8",
        timezone: str | None = None,
        hooks: list[Mapping[str, str | None]] = [],  # noqa: B006 - a public signature; never changed
        recursive_version_locations: bool = False,  # noqa: FBT001, FBT002
        messaging_opts: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        location = Path(dir)
        if not location.is_dir():
            raise errors.MissingFileError(
                f"Path doesn't exist: {location}",
                hint="`init` creates a new environment.",
            )
        self._settle(
            Project(
                location=location,
                version_locations=tuple(Path(each) for each in version_locations or ()),
                locations_are_given=bool(version_locations),
                file_template=file_template,
                truncate_slug_length=truncate_slug_length or _SLUG_LENGTH,
                sourceless=sourceless,
                output_encoding=output_encoding,
                timezone=timezone,
                hooks=tuple({k: str(v) for k, v in hook.items()} for hook in hooks),
                recursive=recursive_version_locations,
            ),
            messaging_opts,
        )

    def _settle(self, project: Project, messaging_opts: Mapping[str, Any]) -> None:
        self.project = project
        self.dir = project.root
        self.file_template = project.file_template
        self.truncate_slug_length = project.truncate_slug_length
        self.sourceless = project.sourceless
        self.output_encoding = project.output_encoding
        self.timezone = project.timezone
        self.hooks = list(project.hooks)
        self.recursive_version_locations = project.recursive
        self.messaging_opts = messaging_opts

    @classmethod
    def from_config(cls, config: Config) -> ScriptDirectory:
        """Return the script directory of a configuration."""
        return cls._of_project(Project.from_config(config), config.messaging_opts)

    @classmethod
    def _of_project(cls, project: Project, messaging_opts: Mapping[str, Any]) -> ScriptDirectory:
        """Return the script directory of a project."""
        directory = cls.__new__(cls)
        directory._settle(project, messaging_opts)
        return directory

    @cached_property
    def revision_map(self) -> RevisionMap:
        """The revisions by identifier."""
        return RevisionMap(self._load_revisions)

    @property
    def version_locations(self) -> list[str]:
        """The configured directories with revision files; by default `versions` in `dir`.

        env.py may set it before it configures a context.
        """
        project = self.project
        return (
            [str(each) for each in project.version_locations] if project.locations_are_given else []
        )

    @version_locations.setter
    def version_locations(self, folders: Iterable[str | os.PathLike[str]]) -> None:
        self.project.set_version_locations([os.fspath(each) for each in folders])
        self.revision_map = RevisionMap(self._load_revisions)

    def _load_revisions(self) -> Iterator[Script]:
        history = self.project.history()
        for id_ in history.in_file_order(history.ids):
            yield Script._of(self, history.get(id_))

    # ── places ────────────────────────────────────────────────────────────

    @property
    def env_py_location(self) -> str:
        """The path of env.py, in `dir`."""
        return str(self.project.env_path)

    @cached_property
    def versions(self) -> str:
        """The only directory with revision files.

        Raises:
            ProjectError: there are several.
        """
        paths = self._version_locations
        if len(paths) > 1:
            raise errors.UnsafePathError(
                "Multiple version_locations present", hint="ask version_locations for all of them"
            )
        return paths[0]

    @property
    def _version_locations(self) -> list[str]:
        return [str(each.absolute()) for each in self.project.version_locations]

    def run_env(self) -> None:
        """Execute env.py, or the configuration of a project without one."""
        if self.project.declared:
            from limbeck.environment import run_declared

            run_declared()
        else:
            self.project.run_env()

    # ── revisions ─────────────────────────────────────────────────────────

    def get_revision(self, id_: str | None) -> Any:
        """Return the one revision an identifier means."""
        if not id_:
            return None
        scripts = self.get_revisions(id_)
        if len(scripts) > 1:
            raise MultipleHeadsError([script.revision for script in scripts], str(id_))
        return scripts[0] if scripts else None

    def get_revisions(self, id_: Any) -> tuple[Any, ...]:
        """Return the revisions that identifiers mean."""
        if id_ is None:
            return ()
        if not isinstance(id_, str):
            return tuple(revision for each in id_ for revision in self.get_revisions(each))
        return tuple(self._script(revision.id) for revision in self.project.history().resolve(id_))

    def _script(self, id_: str) -> Any:
        return self.revision_map._load()[0][id_]

    def get_all_current(self, id_: Any) -> set[Any]:
        """Return the revisions a database is at, with those that its rows imply."""
        history = self.project.history()
        applied = history.ancestors([script.revision for script in self.get_revisions(id_)])
        tips = [each for each in applied if not any(up in applied for up in history.children(each))]
        return {self._script(each) for each in tips}

    def walk_revisions(self, base: str = "base", head: str = "heads") -> Iterator[Any]:
        """Walk all revisions from the newest to the oldest."""
        yield from (
            self._script(revision.id) for revision in self.project.history().range(base, head)
        )

    def iterate_revisions(self, upper: Any, lower: Any, **kw: Any) -> Iterator[Any]:
        """Iterate from an upper revision down to a lower one, which is excluded."""
        return self.revision_map.iterate_revisions(upper, lower, **kw)

    def as_revision_number(self, id_: Any) -> Any:
        """Return the identifiers of `head`, `heads` and `base`; others are returned unchanged."""
        if id_ is not None and not isinstance(id_, str):
            id_ = next(iter(id_), None)
        return None if id_ is None else self.project.history().written_out(id_)

    def get_current_head(self) -> str | None:
        """Return the head; None if there is none.

        Raises:
            HistoryError: there are several.
        """
        heads = self.get_heads()
        if len(heads) > 1:
            raise HistoryError(
                f"The history has multiple heads: {', '.join(sorted(heads))}",
                hint="get_heads() returns them all; `merge heads` joins them",
            )
        return heads[0] if heads else None

    def get_heads(self, consider_depends_on: bool = False) -> list[str]:  # noqa: FBT001, FBT002
        """Return the heads; with `consider_depends_on`, exclude those that others depend on."""
        history = self.project.history()
        return list(
            history.in_file_order(history.effective_heads if consider_depends_on else history.heads)
        )

    def get_base(self) -> str | None:
        """Return the only base.

        Raises:
            HistoryError: there are several.
        """
        bases = self.get_bases()
        if len(bases) > 1:
            raise HistoryError(
                f"The history has multiple bases: {', '.join(sorted(bases))}",
                hint="get_bases() returns them all",
            )
        return bases[0] if bases else None

    def get_bases(self) -> list[str]:
        """Return the bases."""
        history = self.project.history()
        return list(history.in_file_order(history.bases))

    # ── ways ──────────────────────────────────────────────────────────────

    def _steps(self, moves: Iterable[Any]) -> list[RevisionStep]:
        moves = tuple(moves)
        for id_, program in native.load_programs(
            self.project, [move.revision for move in moves]
        ).items():
            self._script(id_)._module = program.module
        return [
            RevisionStep.of_move(move, self.revision_map, self._script(move.revision.id))
            for move in moves
        ]

    def _upgrade_revs(self, destination: str, current_rev: Any) -> list[Any]:
        at = [script.revision for script in self.get_revisions(current_rev)]
        return self._steps(self.project.history().route(at, destination, "up"))

    def _downgrade_revs(self, destination: str | None, current_rev: Any) -> list[Any]:
        at = [script.revision for script in self.get_revisions(current_rev)]
        return self._steps(self.project.history().route(at, destination or "base", "down"))

    def _stamp_revs(self, revision: Any, heads: Any) -> list[Any]:
        at = [script.revision for script in self.get_revisions(heads)]
        to = (revision,) if isinstance(revision, str) else tuple(revision or ("base",))
        moves = self.project.history().route(at, to, "stamp")
        return [StampStep.of_move(move, self.revision_map) for move in moves]

    # ── writing ───────────────────────────────────────────────────────────

    def _notify(self, action: str, about: object) -> Any:
        name = repr(about) if isinstance(about, str) else about
        quiet = bool(self.messaging_opts.get("quiet"))
        # hooks, which have names, may print lines
        return messaging.status(f"{action} {name}", newline=isinstance(about, str), quiet=quiet)

    def generate_revision(
        self,
        revid: str,
        message: str | None,
        head: Any = None,
        splice: bool | None = False,  # noqa: FBT001, FBT002 - a public signature
        branch_labels: Any = None,
        version_path: str | os.PathLike[str] | None = None,
        file_template: str | None = None,
        depends_on: Any = None,
        **kw: Any,
    ) -> Script | None:
        """Write a revision file and return it.

        Args:
            revid: the revision identifier.
            message: the message.
            head: the revision that it follows; by default the head.
            splice: allow `head` to be a revision that is not a head.
            branch_labels: its branch labels.
            version_path: the directory to write it to.
            file_template: the template for its file name.
            depends_on: further revisions that it depends on.
            kw: further variables for the template.
        """
        kw.pop("refresh", None)
        project = self._project_as_set()
        placement = native.place(
            project,
            message,
            revision_id=revid,
            head=_identified(head),
            splice=bool(splice),
            labels=branch_labels,
            version_path=None if version_path is None else os.fspath(version_path),
            depends_on=depends_on,
            file_template=file_template,
        )
        header = native.write(project, placement, kw, self._notify)
        self.project.refresh()
        return self._fresh(header)

    def _project_as_set(self) -> Project:
        """Return the project with the values that were assigned to this object's attributes."""
        project = copy(self.project)
        project.refresh()
        project.file_template = self.file_template
        project.truncate_slug_length = self.truncate_slug_length or _SLUG_LENGTH
        project.output_encoding = self.output_encoding
        project.timezone = self.timezone
        project.hooks = tuple(self.hooks)
        return project

    def _fresh(self, header: Header) -> Script:
        """Return the script of a file that was just written."""
        self.project.refresh()
        self.revision_map = RevisionMap(self._load_revisions)
        script = self.revision_map._load()[0].get(header.id)
        return script if isinstance(script, Script) else Script._of(self, header)


def _identified(head: Any) -> Any:
    if head is None:
        return "head"
    if isinstance(head, str):
        return head
    several = head if isinstance(head, Iterable) else (head,)
    return tuple(getattr(one, "revision", one) for one in several)


__all__ = ["Script", "ScriptDirectory"]
