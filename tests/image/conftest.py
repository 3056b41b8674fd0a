"""Fixtures of the tests that run the built image."""

from pathlib import Path

import pytest

from tests.fakes.fixtures import github_server, judge_server
from tests.image.runner import Image, Job, image_under_test

__all__ = ["github_server", "judge_server"]


@pytest.fixture(scope="session")
def image() -> Image:
    """The built image."""
    return image_under_test()


@pytest.fixture
def job(image: Image, tmp_path: Path) -> Job:
    """A job with an empty checkout."""
    return Job(image=image, root=tmp_path)
