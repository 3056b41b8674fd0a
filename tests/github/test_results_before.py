"""What of a head's results a reviewer could have read."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.github.conftest import Scene
from tests.github.published import Desk, asked, finding, mark, why

pytestmark = pytest.mark.usefixtures("described")

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.fixture
def desk(scene: Scene) -> Desk:
    """The head of a pull request from this repository's own branch."""
    return Desk(scene, scene.repo.push("change", {"agent.py": "2"}))


def test_for_each_time_the_newest_before_it(desk: Desk) -> None:
    """Strictly before; a time that nothing came before has none; none is named or read twice."""
    for hours, observed in ((0, 0.6), (2, 0.7), (4, 0.8)):
        desk.publish(
            desk.run(),
            at=START + timedelta(hours=hours),
            content={"findings": [finding(observed=observed)]},
        )
    results = desk.results()
    times = [START + timedelta(hours=hours) for hours in (0, 1, 2, 2.5, 3)]
    found = results.before(times)
    assert [(one.at, one.findings[0].observed) for one in found] == [
        (START, 0.6),
        (START + timedelta(hours=2), 0.7),
    ]
    assert [one.verdict for one in found] == ["fail", "fail"]
    assert found[0].url is not None
    assert found[0].url.startswith("https://github.com/acme/support/actions/runs/")
    assert len({one.artifact_id for one in found}) == 2
    assert results.before(times) == found
    assert results.before([START]) == ()
    assert asked(desk, "/zip") == 2


def test_the_next_older_trusted_one_stands_in(desk: Desk) -> None:
    """A forgery between the results and the review hides nothing, and is told once."""
    desk.publish(desk.run(), at=START)
    desk.publish(desk.run(), status=False, at=START + timedelta(hours=1))
    results = desk.results()
    review = START + timedelta(hours=2)
    assert [one.at for one in results.before([review, review])] == [START]
    assert mark(results.newest()) == "fail"
    assert why(results) == ["its run has set no status `rubric/gate`"]
