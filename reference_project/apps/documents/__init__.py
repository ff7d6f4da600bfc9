"""Documents: a small domain that shows how the parts work together."""
