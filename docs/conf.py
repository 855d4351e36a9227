"""Settings of the documentation."""

import re
import runpy
from pathlib import Path

from limbeck import __version__

runpy.run_path(
    str(Path(__file__).parents[1] / "scripts" / "make_command_reference.py"), run_name="__main__"
)

project = "limbeck"
author = "the limbeck authors"
copyright = "2026, the limbeck authors"  # noqa: A001
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.intersphinx"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "limbeck"
autodoc_typehints = "description"
nitpicky = False
intersphinx_mapping = {}
html_static_path = ["_static"]
html_css_files = ["limbeck.css"]


def hide_exit_codes(_app, _name, source):
    """Leave out the notes by which the tests know the exit code of an example."""
    source[0] = re.sub(r"  # exit \d+$", "", source[0], flags=re.MULTILINE)


def setup(app):
    app.connect("source-read", hide_exit_codes)
