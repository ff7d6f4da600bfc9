"""Carrying a recipe onto a project of the reader's own: naming, folding, merging, planning, writing."""
