"""Tests of `cookbook.recipe`."""
