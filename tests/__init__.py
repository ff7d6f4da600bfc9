"""Tests, as packages: a folder named as the library it tests must not take that library's place."""
