"""Random models: pairs of schemas, drawn from a seed."""
