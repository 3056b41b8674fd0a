"""The recorded verdicts of a model and of a person on ninety answers, calibrated end to end.

They are `evals/calibration/` of allenhutchison/obsidian-gemini (MIT), in the folder of shared data
beside the repository.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix
from statsmodels.stats.inter_rater import cohens_kappa

from tests.cli.process import rubric_action
from tests.fakes.judge import JudgeServer
from tests.pipeline.people import FILE
from tests.pipeline.workspace import JUDGED, Workspace, lines

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "judge-calibration.json"
AXIS = {"meets": {"ask": "Does the answer do what is expected?", "pass": 0.5}}

pytestmark = pytest.mark.skipif(not RECORDED.is_file(), reason=f"there is no {RECORDED.name}")


def recorded() -> list[dict[str, Any]]:
    """The answers, each with both verdicts."""
    found: list[dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))["tuples"]
    return found


def converted(one: dict[str, Any]) -> dict[str, Any]:
    """A recorded answer as one of a calibration file.

    Some answers are the same to the letter, and a verdict on them is not; so each names itself.
    """
    return {
        "id": one["id"],
        "input": f"{one['user_message']} [{one['id']}]",
        "output": one["response"],
        "expected": one["criteria"],
        "grades": {"meets": float(one["human_label"] == "YES")},
    }


def calibrated(folder: Path, *more: str) -> tuple[int, str]:
    """Replay the judge's verdicts through the command; its exit code and standard output."""
    answers = recorded()
    said = {f"[{one['id']}]": float(one["automated_verdict"]) for one in answers}

    def score(prompt: str, _axis: str) -> float:
        return next(verdict for name, verdict in said.items() if name in prompt)

    with JudgeServer(score) as server:
        made = Workspace(folder, server.base_url)
        slices = {"all": {"select": "all", "gate": "hard"}}
        judge = {**JUDGED["judge"], "calibration": FILE}
        made.rubric(JUDGED, axes=AXIS, judge=judge, slices=slices)
        made.write(FILE, lines([converted(one) for one in answers]))
        url = ("--judge-base-url", server.base_url)
        done = rubric_action("calibrate", *url, *more, cwd=folder)
        assert len(server.requests) == len(answers) == 90
    return done.code, done.out


def test_the_numbers_are_those_of_others(tmp_path: Path) -> None:
    """Kappa is scikit-learn's and statsmodels', its interval statsmodels', the counts are right."""
    answers = recorded()
    judge = [one["automated_verdict"] for one in answers]
    people = [one["human_label"] == "YES" for one in answers]
    (neither, only_judge), (only_people, both) = confusion_matrix(people, judge)
    theirs = cohens_kappa([[both, only_judge], [only_people, neither]])
    code, out = calibrated(tmp_path, "--json")
    meets = json.loads(out)["axes"]["meets"]
    assert meets["kappa"] == pytest.approx(cohen_kappa_score(judge, people))
    assert meets["kappa"] == pytest.approx(theirs.kappa)
    assert meets["kappa_interval"] == pytest.approx([theirs.kappa_low, theirs.kappa_upp])
    assert meets["counts"] == {
        "both": both,
        "only_judge": only_judge,
        "only_people": only_people,
        "neither": neither,
    }
    assert meets["sensitivity"] == pytest.approx(both / (both + only_people))
    assert meets["specificity"] == pytest.approx(neither / (neither + only_judge))
    assert code == (0 if theirs.kappa >= 0.6 else 1)


def test_raw_agreement_misleads(tmp_path: Path) -> None:
    """Both say the same of 83 of 90 answers, and beyond chance that is a kappa of .55."""
    code, out = calibrated(tmp_path)
    assert code == 1
    assert "FAIL meets  kappa 0.55 [0.26, 0.84], needs 0.6" in out
    told = " ".join(out.split())
    assert "which may be bad luck: people failed only 6 of 90" in told
    assert "they say the same of 83 (92%)" in told
    assert "meets: 7 disagreements" in told
