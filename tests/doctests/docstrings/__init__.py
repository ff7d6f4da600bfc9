"""The examples in the reference project's docstrings."""
