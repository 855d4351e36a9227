"""Modules that make short commands start quickly; README.md describes the gain of each."""
