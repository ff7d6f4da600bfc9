"""Lets ``python -m cookbook.commands`` do what ``cookbook`` does, where the script is not on PATH."""

from . import main

main()
