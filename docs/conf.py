"""Settings of the documentation."""

from limbeck import __version__

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
