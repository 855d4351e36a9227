"""Settings of the documentation."""

import json
import re
import runpy
from pathlib import Path
from typing import ClassVar

import mmdr
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

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
myst_fence_as_directive = ["mermaid"]
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


class Mermaid(SphinxDirective):
    """A block of Mermaid, drawn when the pages are built: the page needs no script for it."""

    has_content = True
    settings: ClassVar = {
        "look": "classic",
        "htmlLabels": False,
        "themeVariables": {"fontSize": "14px"},
        "flowchart": {"nodeSpacing": 24, "rankSpacing": 28, "wrappingWidth": 260},
    }

    def run(self):
        settings = f"%%{{init: {json.dumps(self.settings)}}}%%\n"
        drawn = mmdr.render(settings + "\n".join(self.content), backend="merman").svg()
        # the colours are those of the page (limbeck.css), and two diagrams have different ids
        drawn = re.sub(r"<style>.*?</style>| data-points=\"[^\"]*\"", "", drawn, flags=re.DOTALL)
        drawn = drawn.replace("merman", f"diagram-{self.env.new_serialno('mermaid')}")
        return [nodes.raw("", f'<div class="mermaid">{drawn}</div>', format="html")]


def setup(app):
    app.connect("source-read", hide_test_notes)
    app.add_directive("mermaid", Mermaid)
