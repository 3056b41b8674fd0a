"""A later run that decided, and whose results are not there: lost, or never uploaded."""

import pytest

from tests.github.conftest import Scene
from tests.github.published import OWN_RUN, Desk, finding, mark, page, why

pytestmark = pytest.mark.usefixtures("described")


@pytest.fixture
def desk(scene: Scene) -> Desk:
    """The head of a pull request from this repository's own branch."""
    return Desk(scene, scene.repo.push("change", {"agent.py": "2"}))


@pytest.mark.parametrize("verdict", ["fail", "error"])
def test_a_pass_does_not_outlive_a_later_failure(desk: Desk, verdict: str) -> None:
    """The results of the red run are lost; the older green ones do not turn its status green."""
    desk.publish(desk.run(), "pass")
    later = desk.run()
    desk.publish(later, verdict, upload=False)
    results = desk.results()
    assert results.newest() is None
    (told,) = why(results)
    assert told == f"a later run decided otherwise and left no results: {page(later)}"


def test_a_failure_does_not_outlive_another_failure(desk: Desk) -> None:
    """The later run may have failed for more than somebody signed for, in the same words."""
    desk.publish(desk.run(), "fail", content={"findings": [finding()]})
    later = {"findings": [finding(), finding("drop")]}
    desk.publish(desk.run(), "fail", upload=False, content=later)
    assert desk.results().newest() is None


def test_a_failure_does_not_outlive_a_deeper_one(desk: Desk) -> None:
    """The same finding with another value may be worse than what somebody signed for."""
    desk.publish(desk.run(), "fail", content={"findings": [finding(observed=0.7)]})
    deeper = {"findings": [finding(observed=0.6)]}
    desk.publish(desk.run(), "fail", upload=False, content=deeper)
    assert desk.results().newest() is None


def test_a_failure_whose_findings_nobody_knows_is_another(desk: Desk) -> None:
    """Its status carries no mark of them, so nothing says that it is only a repetition."""
    desk.publish(desk.run(), "fail")
    desk.publish(desk.run(), "fail", upload=False, vouched=False)
    assert desk.results().newest() is None


def test_a_failure_that_is_only_repeated_is_no_doubt(desk: Desk) -> None:
    """Another measurement that found the very same, in whichever words."""
    desk.publish(desk.run(), "fail", content={"findings": [finding()]})
    same = {"findings": [finding()], "headline": "Not ready at all"}
    desk.publish(desk.run(), "fail", upload=False, content=same)
    assert mark(desk.results().newest()) == "fail"


@pytest.mark.parametrize("verdict", ["fail", "overridden", "error"])
def test_who_decided_again_and_stored_nothing_changes_nothing(desk: Desk, verdict: str) -> None:
    """A failure that is repeated, signed for or could not be weighed is still what was measured."""
    desk.publish(desk.run(), "fail")
    again = {"findings": [finding()]}
    run = desk.run("pull_request_review")
    desk.publish(run, verdict, upload=False, again=True, content=again)
    assert mark(desk.results().newest()) == "fail"


def test_a_failure_does_not_outlive_an_error_that_is_a_verdict(desk: Desk) -> None:
    """What could not be graded may have been worse; an error is never signed for."""
    desk.publish(desk.run(), "fail", content={"findings": [finding()]})
    ungraded = {"findings": [finding(), finding("ungraded") | {"severity": "error"}]}
    later = desk.run()
    desk.publish(later, "error", upload=False, content=ungraded)
    results = desk.results()
    assert results.newest() is None
    assert why(results) == [f"a later run decided otherwise and left no results: {page(later)}"]


def test_a_failure_outlives_an_error_without_a_verdict(desk: Desk) -> None:
    """A cancelled run, or one that could not ask GitHub, has measured nothing."""
    desk.publish(desk.run(), "fail")
    desk.publish(desk.run(), "error", upload=False, vouched=False)
    assert mark(desk.results().newest()) == "fail"


def test_what_was_measured_counts_and_not_what_was_signed(desk: Desk) -> None:
    """Results that were overridden hold a failure; repeated without a signature it is the same."""
    measured = {"verdict": "fail", "headline": "It is fail", "next_step": ""}
    desk.publish(desk.run(), "overridden", content={"measured": measured})
    desk.publish(desk.run(), "fail", upload=False)
    assert mark(desk.results().newest()) == "overridden"


@pytest.mark.parametrize("state", ["success", "pending"])
def test_a_later_run_that_says_nothing_worse_is_no_doubt(desk: Desk, state: str) -> None:
    """A run that is on its way will tell for itself."""
    desk.publish(desk.run(), "pass")
    desk.publish(desk.run(), state=state, upload=False)
    assert mark(desk.results().newest()) == "pass"


def test_an_error_holds_whatever_came_later(desk: Desk) -> None:
    """Deciding again on an error is an error, so nothing can turn green."""
    desk.publish(desk.run(), "error")
    desk.publish(desk.run(), "fail", upload=False)
    assert mark(desk.results().newest()) == "error"


def test_trouble_of_this_very_run_is_made_up_for(desk: Desk) -> None:
    """An attempt that could not ask GitHub is repeated, and decides on what was there."""
    desk.publish(desk.run(), "pass")
    own = desk.run("pull_request_review", status="in_progress")
    desk.publish(own, "error", upload=False, vouched=False)
    assert desk.results(own_run=OWN_RUN).newest() is None
    assert mark(desk.results(own_run=own.id).newest()) == "pass"


def test_an_error_of_this_very_run_that_is_a_verdict_is_not_made_up_for(desk: Desk) -> None:
    """An earlier attempt graded, and something could not be: its results are only lost."""
    desk.publish(desk.run(), "pass")
    own = desk.run(status="in_progress")
    desk.publish(own, "error", upload=False)
    assert desk.results(own_run=own.id).newest() is None


def test_a_failure_of_this_very_run_is_not_made_up_for(desk: Desk) -> None:
    """An earlier attempt that graded and failed has decided; its results are only lost."""
    desk.publish(desk.run(), "pass")
    own = desk.run(status="in_progress")
    desk.publish(own, "fail", upload=False)
    assert desk.results(own_run=own.id).newest() is None


def test_a_strangers_status_is_no_later_decision(desk: Desk) -> None:
    """Who is not believed cannot take results away either."""
    desk.publish(desk.run(), "pass")
    desk.publish(desk.run(), "fail", upload=False, by="mona")
    desk.publish(desk.run(), "fail", upload=False, context="ci/other")
    assert mark(desk.results().newest()) == "pass"
