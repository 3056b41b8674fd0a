from tests.fakes.fixtures import github_server, judge_server

__all__ = ["github_server", "judge_server"]
