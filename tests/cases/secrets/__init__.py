"""Ways in which a secret gets into limbeck, as data."""
