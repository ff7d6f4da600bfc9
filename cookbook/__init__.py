"""The engine that executes the how-to guides: recipes, their evidence, and applying them to a project."""

from importlib.metadata import version

__version__ = version("django-cookiecutter")
