"""Refusal: why a recipe cannot even be tried on a project, told so that the reader knows what to do."""


class ApplicationError(Exception):
    """Nothing was changed; the message says what was found, what was expected, and what to do next."""
