"""The lines of the reference project that pages show, executed by its own tests."""
