"""Settings of the documentation."""

import re
import runpy
from pathlib import Path

from docutils import nodes

from limbeck import __version__

runpy.run_path(
    str(Path(__file__).parents[1] / "scripts" / "make_command_reference.py"), run_name="__main__"
)

project = "limbeck"
author = "the limbeck authors"
copyright = "2026, the limbeck authors"  # noqa: A001
release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
# what is copied are commands, without the prompt and without their output
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
html_theme = "furo"
html_title = "limbeck"
autodoc_typehints = "description"
# `name` in a docstring
default_role = "code"
nitpicky = False
intersphinx_mapping = {}
html_static_path = ["_static"]
html_css_files = ["limbeck.css"]


def hide_test_notes(_app, _name, source):
    """Leave out what is for the tests alone: exit codes, elided output, files in two parts."""
    text = re.sub(r"  # exit \d+$", "", source[0], flags=re.MULTILINE)
    source[0] = re.sub(r"^\.\.\.\n(?=```$)", "", text, flags=re.MULTILINE)


def put_diagrams_into_the_page(app, tree):
    """Put the text of each diagram into its page, so that it has the colours of the page."""
    for image in tree.findall(nodes.image):
        if image["uri"].startswith("diagrams/"):
            text = (Path(app.srcdir) / image["uri"]).read_text("utf-8")
            text = re.sub(r"<style>.*?</style>\n", "", text)
            image.replace_self(nodes.raw("", f'<p class="diagram">{text}</p>', format="html"))


def setup(app):
    app.connect("source-read", hide_test_notes)
    app.connect("doctree-read", put_diagrams_into_the_page)
