"""The project: settings, URLs and entry points.

Nothing is imported here: it would run before an entry point has chosen its settings.
"""
