"""The comment and the summary of a whole run, held against the files beside its input."""

from pathlib import Path

import pytest

from tests.fakes.judge import JudgeServer
from tests.report.scenario import NAMES, VERDICT_FILES, Scenario

VERDICTS = {
    "bar-lowered": "fail",
    "broken-hard-case": "fail",
    "case-removed": "fail",
    "ceilings-exceeded": "fail",
    "ceilings-unknown": "pass",
    "hostile": "fail",
    "in-doubt": "fail",
    "missing-and-ungraded": "error",
    "multi-turn": "fail",
    "overridden": "overridden",
    "override-refused": "fail",
    "override-unreadable": "error",
    "pass-with-baseline": "pass",
    "pass-without-baseline": "pass",
    "regression-only": "fail",
    "several-trials": "fail",
    "thresholds-and-drops": "fail",
}


def test_every_scenario_has_a_verdict() -> None:
    """No golden folder is left out of the table."""
    assert list(VERDICTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, tmp_path: Path, judge_server: JudgeServer, update_golden: bool) -> None:
    """A change of what people and programs read is seen; `--update-golden` takes it over."""
    scenario = Scenario(name, tmp_path, judge_server)
    report = scenario.run()
    written = dict(zip(VERDICT_FILES, (scenario.comment(), scenario.summary()), strict=True))
    if update_golden:
        for file, text in written.items():
            (scenario.folder / file).write_text(text, encoding="utf-8")
    assert report.decision.verdict == VERDICTS[name]
    for file, text in written.items():
        assert text == (scenario.folder / file).read_text(encoding="utf-8")
