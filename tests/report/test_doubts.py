"""The cases in doubt, as the comment and the terminal tell them."""

import re
from dataclasses import replace

import pytest

from rubric_action.gate.conviction import Tally
from rubric_action.gate.doubt import Doubt, Flip, Outcome
from rubric_action.gate.model import CaseResult
from rubric_action.report.comment import MOST_CHARS, render_comment
from rubric_action.report.console import lines
from rubric_action.report.model import BrokenCase, Report
from rubric_action.report.view_doubts import CONFIRM, became, trials_told
from tests.gate.builders import PLACE, result
from tests.report.rendered import render
from tests.report.states import (
    DEAD,
    HARD_ONE,
    HUNG,
    JUDGED,
    LUCKY,
    ONCE,
    WEAK,
    again,
    doubting,
    granted,
    report_with,
)

SECTION = re.compile(
    r"<details><summary>(?P<light>\S+) <b>(?P<told>[\d,]+ cases? in doubt</b>: .*?)</summary>"
    r"(?P<text>.*?)</details>",
    re.DOTALL,
)


def shown(report: Report) -> str:
    """The comment, its blanks plain ones."""
    return render_comment(report).replace("\u00a0", " ")


def section(report: Report) -> re.Match[str]:
    """What is folded away of the cases in doubt."""
    found = SECTION.search(shown(report))
    assert found
    return found


def rows(report: Report) -> list[str]:
    """The rows of its table."""
    _, _, *found = [line for line in section(report)["text"].splitlines() if line.startswith("|")]
    return found


@pytest.mark.parametrize(
    ("case", "row"),
    [
        (DEAD, "| 🔴 | dead | 20 of 20 | 0 of 6 | once in 296,010 times | broken: it fails every"),
        (WEAK, "| 🔴 | weak | 20 of 20 | 2 of 6 | once in 1,170 times | worse than before: it"),
        (
            JUDGED,
            "| ⚪ | judged | 20 of 20 | 4 of 5 | 19% of the time | the judge's noise: the same",
        ),
        (LUCKY, "| ⚪ | lucky | 20 of 20 | 4 of 6 | once in 23 times | bad luck: the agent passed"),
        (HUNG, "| ⚠️ | hung | 20 of 20 | 0 of 2 |  | undecided: it could not be run again |"),
        (
            again("both", "00000", regrade=True),
            (
                "| 🔴 | both | 20 of 20 | 0 of 6 | once in 296,010 times | "
                "broken: it fails every time; the same answer passed when graded again |"
            ),
        ),
        (
            replace(LUCKY, fingerprint="edited"),
            "| ⚪ | lucky | starts anew | 4 of 6 |  | bad luck: the agent passed",
        ),
    ],
    ids=lambda one: one.id if isinstance(one, CaseResult) else "",
)
def test_a_case_that_was_run_again(case: CaseResult, row: str) -> None:
    """Its trials then and now, how likely they are, and in plain words what they came to."""
    [told] = rows(doubting(case))
    assert re.sub(r"</?code>", "", told).startswith(row)


def test_the_weightiest_first() -> None:
    """With a line that counts them; a case that gets no benefit of the doubt is in none."""
    report = doubting(LUCKY, JUDGED, HARD_ONE, WEAK, DEAD)
    found = section(report)
    assert found["light"] == "🔴"
    assert found["told"] == (
        "4 cases in doubt</b>: 1 broken, 1 worse than before, 1 bad luck, 1 judge's noise"
    )
    names = [re.findall("<code>(.*?)</code>", row)[0] for row in rows(report)]
    assert names == ["dead", "weak", "lucky", "judged"]
    assert "A case is held against this change if" in found["text"]


@pytest.mark.parametrize("cases", [(), (HARD_ONE,)])
def test_no_doubt(cases: tuple[CaseResult, ...]) -> None:
    """Nothing is told of it, in the comment or on a terminal."""
    report = doubting(*cases)
    assert "in doubt" not in render_comment(report)
    assert not [line for line in lines(report) if "in doubt" in line]


def test_luck_alone() -> None:
    """It blocks nothing, and is told all the same."""
    report = doubting(LUCKY)
    assert report.decision.verdict == "pass"
    assert section(report)["light"] == "⚪"


@pytest.mark.parametrize(("unconfirmed", "light"), [("fail", "🔴"), ("warn", "🟡")])
def test_a_single_recorded_trial(unconfirmed: str, light: str) -> None:
    """It says what it takes to tell a broken case from bad luck."""
    report = doubting(ONCE, rerunnable=False, unconfirmed=unconfirmed)
    found = section(report)
    assert (found["light"], found["told"]) == (light, "1 case in doubt</b>: 1 not confirmed")
    assert "several trials of each case into the sessions file" in found["text"]
    assert "<code>agent.command</code>" in found["text"]
    assert "is held against" not in found["text"]
    assert f"  {CONFIRM}" in list(lines(report))


def test_a_signature() -> None:
    """A case that somebody signed for wears the signature's colour."""
    report = doubting(WEAK)
    signed = tuple(
        replace(step, findings=tuple(replace(one, overridden=True) for one in step.findings))
        for step in report.decision.steps
    )
    report = replace(report, decision=replace(report.decision, steps=signed))
    assert section(report)["light"] == "🟣"


def test_without_the_finding() -> None:
    """Where the rubric turns regressions off, it is only told."""
    report = doubting(DEAD)
    report = replace(report, decision=replace(report.decision, steps=()))
    assert section(report)["light"] == "⚪"


def test_on_a_terminal() -> None:
    """Two short lines: the counts, and what was cleared; the rest stands in the steps."""
    many = [again(f"lucky-{number}", "01111") for number in range(5)]
    told = list(lines(doubting(DEAD, *many)))
    at = told.index("  in doubt: 1 broken, 5 bad luck")
    assert told[at + 1] == (
        "  not held against this change: lucky-0 (4 of 6 pass), lucky-1 (4 of 6 pass), "
        "lucky-2 (4 of 6 pass), 2 more"
    )
    assert told[at + 2] == ""


def test_many_cases_with_long_names() -> None:
    """The comment holds as many as have room, says how many it left out, and stays in its size."""
    doubts = tuple(
        Doubt(f"{number} {'|<b>' * 2000}", Tally(20, 20), Tally(1, 6), "surprise")
        for number in range(10_000)
    )
    report = report_with(granted())
    text = render_comment(replace(report, decision=replace(report.decision, doubts=doubts)))
    assert len(text) < MOST_CHARS
    assert "<b>10,000 cases in doubt</b>: 10,000 worse than before" in text
    assert "No room here for 9,950 cases in doubt:" in text
    assert render(text).found() == {}


@pytest.mark.parametrize(
    ("outcome", "now", "flipped", "told"),
    [
        ("strict", Tally(0, 1), None, "broken: it fails, and was not run again"),
        ("broken", Tally(0, 1), None, "broken: it fails, and was not run again"),
        ("luck", Tally(2, 6), None, "bad luck: other trials passed; not held against this change"),
    ],
)
def test_what_it_came_to(outcome: Outcome, now: Tally, flipped: Flip | None, told: str) -> None:
    """Words of the outcomes that re-runs had no part in."""
    assert became(Doubt("a", Tally(9, 9), now, outcome, flipped)) == told


@pytest.mark.parametrize(
    ("doubt", "told"),
    [
        (
            Doubt("a", Tally(20, 20), Tally(0, 6), "broken"),
            (
                "passed 20 of 20 trials on the baseline, 0 of 6 here; "
                "by bad luck once in 296,010 times"
            ),
        ),
        (
            Doubt("a", Tally(1, 1), Tally(0, 1), "unconfirmed"),
            "passed 1 of 1 trial on the baseline, 0 of 1 here; by bad luck 33% of the time",
        ),
        (
            Doubt("a", Tally(), Tally(0, 6), "broken"),
            "its history starts anew, 0 of 6 here",
        ),
        (
            Doubt("a", Tally(20, 20), Tally(2, 3), "strict"),
            (
                "passed 20 of 20 trials on the baseline, 2 of 3 here; one failure is enough, "
                "since it is of a hard slice or promoted"
            ),
        ),
    ],
)
def test_the_line_of_a_broken_case(doubt: Doubt, told: str) -> None:
    """History, trials here, and what they are worth."""
    assert trials_told(doubt).replace("\u00a0", " ") == told


def test_a_broken_case_is_told_with_its_trials() -> None:
    """The block of a broken case has its line; the finding is not told twice."""
    report = doubting(DEAD)
    case = BrokenCase("dead", PLACE, ("regression",), ("all",), "Hi?", None, "No.", (), (), 20, 20)
    text = shown(replace(report, broken=(case,)))
    assert "**regression** in all · passed 20 of 20 trials on the baseline, 0 of 6 here;" in text
    assert text.count("it passed 20 of 20 trials on the baseline") == 1


def test_what_has_no_verdict_stands_first() -> None:
    """Before the failures, whichever step found it."""
    text = shown(doubting(HARD_ONE, DEAD, WEAK, HUNG))
    assert text.index("- **ungraded** <code>hung</code>") < text.index("- **hard-gate**")


def test_another_case_s_finding() -> None:
    """What is said of one case says nothing of another."""
    report = doubting(WEAK, LUCKY, result("fine"))
    assert [row[2] for row in rows(report)] == ["🔴", "⚪"]
