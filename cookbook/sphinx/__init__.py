"""Renders recipes with Sphinx: directives, the inventory builder, badges. Never executes a step."""
