"""Tests of `cookbook.commands`."""
