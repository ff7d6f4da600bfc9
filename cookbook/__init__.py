"""The engine that executes the how-to guides: recipes, their evidence, and applying them to a project."""

__version__ = "2.0.0.dev0"
