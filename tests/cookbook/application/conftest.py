"""Fixtures: a repository and a reader's project."""

from pathlib import Path

import pytest

from cookbook.application.project import Project
from cookbook.recipe.repository import Repository

from .bench import make_manifest, make_project, make_repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "checkout", [make_manifest()])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "mine")
