import pytest

from tests.fakes.fixtures import github_server, judge_server

__all__ = ["github_server", "judge_server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """One command writes all golden files anew: `pytest --update-golden`."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))
