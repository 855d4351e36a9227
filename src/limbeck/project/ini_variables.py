"""Variables of the environment in the `sqlalchemy.url` of an ini file, for limbeck's env.py.

An env.py that imports Alembic reads the text as it stands: it may replace it by itself.
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
    """Replace `${NAME}` in each `sqlalchemy.url` of the ini file by the variable's value.

    A variable that the environment does not have is read from `.env` beside the file. One that is
    set nowhere stays as it stands, and so does a URL that a program has set.
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
    """Return the names of the variables that stand in a `sqlalchemy.url` without a value."""
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
