"""`calibrate` as its users meet it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import Done, rubric_action
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.people import FILE, agreeing, graded, number_of, watch
from tests.pipeline.workspace import JUDGED, Workspace

ANSWERS = 40


@pytest.fixture
def judge() -> Iterator[JudgeServer]:
    """A judge that agrees with people."""
    with JudgeServer(agreeing()) as server:
        yield server


@pytest.fixture
def judged(tmp_path: Path, judge: JudgeServer) -> Workspace:
    """Forty answers of two axes that people graded."""
    made = Workspace(tmp_path, judge.base_url)
    watch(made, [graded(n) for n in range(ANSWERS)])
    return made


def calibrate(judged: Workspace, *more: str | Path, env: Mapping[str, str] | None = None) -> Done:
    """Run the command in the workspace."""
    url = () if judged.base_url is None else ("--judge-base-url", judged.base_url)
    return rubric_action("calibrate", *url, *more, cwd=judged.root, env=env)


def axes(done: Done) -> Any:
    """The axes of its JSON."""
    plain = json.loads(done.out)
    assert plain["schema"] == "rubric-agreement/1"
    return plain["axes"]


def test_a_judge_that_agrees(judged: Workspace, judge: JudgeServer) -> None:
    """Each axis is told, and the exit code is 0."""
    done = calibrate(judged)
    assert done.code == 0, done.err
    assert done.out.startswith(f"CALIBRATION  small against people, on {ANSWERS} answers of {FILE}")
    assert "  ok   tone  kappa 1.00 [0.82, 1.00], needs 0.6\n" in done.out
    assert "agreement is above 0.6, beyond doubt" in done.out
    assert f"of {ANSWERS} answers, people pass 20 at 0.8, the judge 20" in done.out
    assert "disagreement" not in done.out
    assert done.out.endswith(f"{ANSWERS} judge calls and 0 from cache, unknown cost\n")
    assert len(judge.requests) == ANSWERS


def test_a_judge_that_does_not(judged: Workspace, judge: JudgeServer) -> None:
    """One axis below the minimum is exit code 1; disagreements stand side by side."""
    judge.score = lambda prompt, axis: (
        (0.9, "it reads well") if axis == "tone" else agreeing()(prompt, axis)
    )
    done = calibrate(judged)
    assert done.code == 1
    assert "  FAIL tone  kappa 0.00" in done.out
    assert "  ok   policy  kappa 1.00" in done.out
    assert "the judge is too kind by 0.40" in done.out
    assert "  tone: 20 disagreements\n    g1: people 0.00, the judge 0.90\n" in done.out
    assert "      judge   it reads well\n      answer  Graded answer 1.\n" in done.out
    assert "    and 10 more\n" in done.out


def test_for_machines(judged: Workspace, judge: JudgeServer) -> None:
    """With `--json` standard output is one object, with every disagreement in it."""
    judge.score = agreeing(1, 3, 4)
    done = calibrate(judged, "--json")
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert "CALIBRATION" in done.err
    tone = axes(done)["tone"]
    assert tone["counts"] == {"both": 19, "only_judge": 2, "only_people": 1, "neither": 18}
    assert tone["kappa"] == pytest.approx(0.85)
    assert tone["agreement"] == pytest.approx(37 / 40)
    assert tone["sensitivity"] == pytest.approx(19 / 20)
    assert tone["specificity"] == pytest.approx(18 / 20)
    assert tone["bias"] == pytest.approx(1 / 40)
    assert tone["kappa_interval"][0] < tone["kappa"] < tone["kappa_interval"][1]
    assert [one["id"] for one in tone["disagreements"]] == ["g1", "g3", "g4"]
    assert tone["suggested_pass"] is tone["best_pass"] is None
    assert json.loads(done.out)["spend"]["judge_calls"] == ANSWERS


def test_a_pass_mark_is_suggested(judged: Workspace, judge: JudgeServer) -> None:
    """Where the judge gives .6 to what people fail, a mark above it agrees better."""
    judge.score = lambda prompt, _axis: 0.9 if (number_of(prompt) or 0) % 2 == 0 else 0.6
    done = calibrate(judged)
    assert done.code == 1
    assert "suggested pass mark 0.75 in place of 0.5: kappa 1.00 instead of 0.00" in done.out
    assert "Of the 20 between the two, 20 come out as people said" in done.out
    assert "pass mark 0.8: no other agrees better" in done.out
    tone = axes(calibrate(judged, "--json"))["tone"]
    assert (tone["suggested_pass"], tone["best_pass"]["sure"]) == (0.75, True)


def test_a_mark_that_may_be_luck(judged: Workspace, judge: JudgeServer) -> None:
    """It is told, and not suggested."""
    judge.score = lambda prompt, axis: (
        0.6 if number_of(prompt) in (1, 3) else agreeing()(prompt, axis)
    )
    done = calibrate(judged)
    assert "no suggestion: pass mark 0.8 in place of 0.5: kappa 1.00 instead of 0.90" in done.out
    assert "which may be luck" in done.out
    assert axes(calibrate(judged, "--json"))["tone"]["suggested_pass"] is None


def test_replies_are_kept(judged: Workspace, judge: JudgeServer) -> None:
    """What was asked once is not asked again, unless one wants it to be."""
    assert calibrate(judged).code == 0
    again = calibrate(judged)
    assert again.out.endswith(f"0 judge calls and {ANSWERS} from cache, $0\n")
    assert len(judge.requests) == ANSWERS
    assert (judged.root / "rubric-calibration/grades.jsonl").is_file()
    judge.score = lambda _prompt, _axis: 1.0
    assert calibrate(judged, "--fresh").code == 1
    assert calibrate(judged).code == 1
    assert len(judge.requests) == 2 * ANSWERS
    assert calibrate(judged, "--results", "elsewhere").code == 1
    assert len(judge.requests) == 3 * ANSWERS


def test_a_folder_that_lives_on(judged: Workspace, judge: JudgeServer) -> None:
    """`RUBRIC_CACHE` holds its replies too."""
    env = {"RUBRIC_CACHE": "kept", "RUBRIC_JUDGE_API_KEY": "a-key-of-ours"}
    assert calibrate(judged, env=env).code == 0
    assert calibrate(judged, "--results", "elsewhere", env=env).code == 0
    assert len(judge.requests) == ANSWERS
    hosted = calibrate(judged, env={"RUBRIC_CACHE": "kept", "GITHUB_ACTIONS": "true"})
    assert "warning: `RUBRIC_CACHE` is not used" in hosted.err


def test_it_is_written_to_a_file(judged: Workspace) -> None:
    """`--out` takes the text, or the JSON, in place of standard output."""
    done = calibrate(judged, "--out", "told.txt")
    assert (done.code, done.out) == (0, "")
    assert (judged.root / "told.txt").read_text().startswith("CALIBRATION  ")
    done = calibrate(judged, "--json", "--out", "told.json")
    assert (done.code, done.out) == (0, "")
    plain = json.loads((judged.root / "told.json").read_text())
    assert plain["axes"]["tone"]["standing"] == "reached"
    assert calibrate(judged, "--out", "no/such/folder/told.txt").code == 2


def test_people_of_one_mind(judged: Workspace) -> None:
    """Where people passed everything, agreement tells nothing: that is no 0."""
    watch(judged, [graded(2 * n) for n in range(9)])
    done = calibrate(judged)
    assert done.code == 3
    assert "  ERR  tone  kappa unknown, needs 0.6\n" in done.out
    assert "people passed all 9, so that agreement tells nothing" in done.out
    assert axes(calibrate(judged, "--json"))["tone"]["kappa"] is None


def test_an_axis_that_nobody_graded(judged: Workspace) -> None:
    """It is told, and decides nothing; unless it is so with all."""
    watch(judged, [graded(n, tone=n % 2 == 0) for n in range(ANSWERS)])
    done = calibrate(judged)
    assert done.code == 0
    assert "  -    policy\n       people graded no answer on it\n" in done.out
    watch(judged, [graded(0) | {"grades": {}}])
    assert calibrate(judged).code == 3


def test_answers_that_cannot_be_graded(judged: Workspace, judge: JudgeServer) -> None:
    """They are missing, with their cause, and agreement is not known for good."""
    judge.when(lambda prompt: number_of(prompt) == 7, faults.refusal("not this one"))
    done = calibrate(judged)
    assert done.code == 3
    assert "1 answer could not be graded: `g7`: not this one" in " ".join(done.out.split())
    assert f"of {ANSWERS - 1} answers" in done.out


def test_a_judge_that_does_not_work(judged: Workspace, judge: JudgeServer) -> None:
    """That is an error with a mend, and no agreement."""
    judge.always(faults.unauthorized())
    done = calibrate(judged)
    assert (done.code, done.out) == (3, "")
    assert "error: " in done.err


def test_a_limit(judged: Workspace, judge: JudgeServer) -> None:
    """Once the money is gone nothing more is asked; what was paid for is kept."""
    watch(
        judged,
        [graded(n) for n in range(ANSWERS)],
        prices={"input": 1000, "output": 1000},
        concurrency=1,
    )
    done = calibrate(judged, "--max-judge-cost", "1")
    assert done.code == 3
    assert "--max-judge-cost" in done.err
    first = len(judge.requests)
    assert 1 <= first < ANSWERS
    assert calibrate(judged, "--concurrency", "8").code == 0
    assert len(judge.requests) == ANSWERS


@pytest.mark.parametrize(
    ("judge_of", "words"),
    [
        (JUDGED["judge"], "`calibration` is missing"),
        ({**JUDGED["judge"], "calibration": "nowhere.jsonl"}, "nowhere.jsonl"),
        ({**JUDGED["judge"], "calibration": "empty.jsonl"}, "there is no answer in it"),
    ],
)
def test_wrong_input(
    judged: Workspace, judge: JudgeServer, judge_of: Mapping[str, Any], words: str
) -> None:
    """Exit code 2, with what to write, and nothing is asked."""
    judged.write("empty.jsonl", "")
    judged.rubric(JUDGED, judge=judge_of)
    done = calibrate(judged)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert judge.requests == []


def test_no_judge(ruled: Workspace) -> None:
    """A rubric that needs no judge has none to calibrate."""
    done = calibrate(ruled)
    assert done.code == 2
    assert "there is no judge to calibrate" in done.err


def test_what_is_foreign_commands_nothing(judged: Workspace, judge: JudgeServer) -> None:
    """Answers and reasons show, on one line, without their escapes and commands."""
    watch(judged, [graded(n) | {"id": f"g{n}\x1b[31m"} for n in range(4)])
    judge.score = lambda _prompt, _axis: (1.0, "fine\n::error::no\x07 \x1b]0;title\x07")
    done = calibrate(judged, env={"GITHUB_ACTIONS": "true"})
    assert "\x1b" not in done.out
    assert "\n::error::" not in done.out
    assert "::error" in done.out or "error::no" in done.out


def test_the_offline_judge(tmp_path: Path) -> None:
    """It is held against people like any other, at no cost."""
    made = Workspace(tmp_path)
    judge = {"provider": "lexical", "calibration": FILE}
    axis = {"faithfulness": {"ask": "Supported?", "pass": 0.8}}
    slices = {"all": {"select": "all", "gate": "hard"}}
    made.rubric({**JUDGED, "axes": axis}, judge=judge, slices=slices)
    context = ["Returns are open for 30 days after delivery."]
    said = {True: "Returns are open for 30 days.", False: "Refunds take 90 weeks in Paris."}
    answers = [
        {
            "id": f"g{n}",
            "input": "How long?",
            "output": said[n % 2 == 0],
            "context": context,
            "grades": {"faithfulness": float(n % 2 == 0)},
        }
        for n in range(20)
    ]
    made.write(FILE, "".join(f"{json.dumps(one)}\n" for one in answers))
    done = calibrate(made)
    assert done.code == 0, done.out
    assert done.out.startswith("CALIBRATION  lexical against people")
    assert done.out.endswith("0 judge calls and 0 from cache, $0\n")
