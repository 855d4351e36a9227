"""The examples of the documentation, run without changes."""
