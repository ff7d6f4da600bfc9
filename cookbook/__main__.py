"""Lets ``python -m cookbook`` do what ``cookbook`` does."""

from .commands import main

main()
