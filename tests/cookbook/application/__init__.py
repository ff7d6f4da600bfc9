"""Tests of `cookbook.application`."""
