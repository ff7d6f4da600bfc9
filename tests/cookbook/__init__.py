"""Tests of the engine; the folders mirror `cookbook/`."""
