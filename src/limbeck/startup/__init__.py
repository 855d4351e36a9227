"""What makes short commands start quickly; README.md says what each part saves."""
