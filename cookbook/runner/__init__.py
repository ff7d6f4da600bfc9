"""Executes manifests: workspaces, servers, one module a step kind, the pytest plugin. Never imports Sphinx."""
