"""Environment variables in `sqlalchemy.url` of an ini file, for native projects.

In a project of Alembic the URL is not changed, because env.py may replace variables itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from limbeck.project.config import Config
from limbeck.project.dotenv import read_dotenv
from limbeck.project.paths import folder_of

_URL = "sqlalchemy.url"
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def fill_in_urls(config: Config) -> None:
    """Replace `${NAME}` in each `sqlalchemy.url` of the ini file by the value of the variable.

    A variable that is not in the environment is read from `.env` in the folder of the file.
    Variables that are not set, and URLs that a program has set, are not changed.
    """
    path = config.config_file_name
    sections = list(_sections_with_variables(config))
    if not sections or path is None:
        return
    known = {**read_dotenv(f"{folder_of(path)}/.env"), **os.environ}
    written = Config(path, config_args=config.config_args).file_config
    for section in sections:
        text = config.file_config.get(section, _URL, raw=True)
        if written.get(section, _URL, raw=True, fallback=None) != text:
            continue
        filled = _VARIABLE.sub(lambda found: known.get(found[1], found[0]).replace("%", "%%"), text)
        config.file_config.set(section, _URL, filled)


def unset_variables(config: Config) -> list[str]:
    """Return the variables in `sqlalchemy.url` that are not set."""
    texts = (
        config.file_config.get(section, _URL, raw=True)
        for section in _sections_with_variables(config)
    )
    return sorted({name for text in texts for name in _VARIABLE.findall(text)})


def _sections_with_variables(config: Config) -> Iterator[str]:
    parser = config.file_config
    for section in parser.sections():
        if "${" in parser.get(section, _URL, raw=True, fallback=""):
            yield section
