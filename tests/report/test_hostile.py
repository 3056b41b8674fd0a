"""Hostile texts through a whole run: the comment, the log, the output file, the status."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from rubric_action.github import announcement
from rubric_action.github.announcement import Announcement
from rubric_action.github.commands import Log
from rubric_action.github.files import write_outputs
from rubric_action.github.status import status_of
from rubric_action.github.sticky import Marker
from rubric_action.report.comment import MOST_CHARS, render_comment
from rubric_action.report.console import lines
from rubric_action.report.model import Report
from tests.action.stage import parse_outputs
from tests.fakes.judge import JudgeServer
from tests.github.runner import obeyed
from tests.report.hostile import FAMILIES, HOSTILE
from tests.report.rendered import UNSEEN, Shown, render
from tests.report.signing import PULL
from tests.report.spoiled import Spoiled, spoil

MARKER = Marker("rubric/gate", "0123456789abcdef", 42, 1)
OURS = {
    *"h2 h4 p strong em ul li sub code pre br span a b table thead tbody tr th td".split(),
    *"details summary comment".split(),
}
FREE = {"code", "span", "br", "p"}
"""What a text may have more or fewer of: names in it, dollars, and what is empty without it."""
VERDICTS = {
    "signed": "## 🟣 Shipping by override:",
    "refused": "## 🔴 Not ready to ship:",
    "open": "## 🔴 Not ready to ship:",
    "laptop": "## 🔴 Not ready to ship:",
    "unread": "## ⚠️ No verdict:",
    "missing": "## ⚠️ No verdict:",
}
STATES = {"pass": "success", "overridden": "success", "fail": "failure", "error": "error"}


@pytest.fixture(scope="module")
def judge() -> Iterator[JudgeServer]:
    """One judge for all texts; its reason is the text."""
    with JudgeServer() as server:
        yield server


@pytest.fixture(scope="module")
def usual(judge: JudgeServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Spoiled, Spoiled]:
    """The same reports, of a short and of a long text that want nothing."""
    short = spoil("a harmless text", tmp_path_factory.mktemp("short"), judge)
    return short, spoil("many harmless words " * 40, tmp_path_factory.mktemp("long"), judge)


@pytest.fixture(scope="module", params=[*HOSTILE.values()], ids=[*HOSTILE])
def spoiled(
    request: pytest.FixtureRequest, judge: JudgeServer, tmp_path_factory: pytest.TempPathFactory
) -> Spoiled:
    """The reports of one hostile text."""
    return spoil(request.param, tmp_path_factory.mktemp("spoiled"), judge)


def test_the_corpus() -> None:
    """Many routes, each with a name and a text of its own."""
    assert len(HOSTILE) >= 60
    assert len(HOSTILE) == sum(len(family) for family in FAMILIES)
    assert len(set(HOSTILE.values())) == len(HOSTILE)


def test_the_comment(spoiled: Spoiled, usual: tuple[Spoiled, Spoiled]) -> None:
    """It is built as of a harmless text, the verdict first and our marker last; nothing lives."""
    for name, report in spoiled.reports.items():
        body = f"{render_comment(report)}\n{MARKER}"
        assert body.startswith(VERDICTS[name])
        shown = render(body)
        check_inert(shown)
        assert built(shown) in [
            built(render(f"{render_comment(one.reports[name])}\n{MARKER}")) for one in usual
        ]
        assert MARKER.marks(body)
        assert not MARKER.marks(render_comment(report))


@pytest.mark.parametrize("room", [MOST_CHARS - 1536, 3_000])
def test_the_comment_in_any_room(spoiled: Spoiled, room: int) -> None:
    """However much is cut, the verdict stands first and nothing is torn alive."""
    for name, report in spoiled.reports.items():
        text = render_comment(report, room)
        assert len(text) <= room
        assert text.startswith(VERDICTS[name])
        check_inert(render(f"{text}\n{MARKER}"))


def test_the_log(spoiled: Spoiled) -> None:
    """The runner obeys our groups and annotations, and nothing that was quoted in them."""
    for report in spoiled.reports.values():
        out = io.StringIO()
        announced = write_log(report, Log(out))
        found = obeyed(out.getvalue())
        assert found == ["group", "endgroup", *(one.level for one in announced.annotations)]
        assert not UNSEEN.search(out.getvalue())


def test_the_output_file(spoiled: Spoiled, tmp_path: Path) -> None:
    """The runner reads every value back exactly, and no key that isn't ours."""
    for name, report in spoiled.reports.items():
        outputs = {**announced_of(report).outputs, "results": spoiled.text, "last": "x"}
        path = tmp_path / name
        write_outputs(path, outputs)
        with path.open(encoding="utf-8", newline="") as file:
            assert parse_outputs(file.read()) == {
                key: value.encode("utf-8", "backslashreplace").decode()
                for key, value in outputs.items()
            }
    assert announced_of(spoiled.reports["signed"]).outputs["overridden-by"] == spoiled.text


def test_the_status(spoiled: Spoiled) -> None:
    """One visible line, whose state is the verdict's, whatever the signer's words are."""
    for report in spoiled.reports.values():
        announced = announced_of(report)
        status = status_of(announced.verdict, announced.headline, "rubric/gate", "")
        assert status.state == STATES[report.decision.verdict]
        assert len(status.description) <= 140
        assert len(status.description.splitlines()) == 1
        assert not UNSEEN.search(status.description)


def check_inert(shown: Shown) -> None:
    """Nothing is shown but our own elements and links; nothing is found after rendering."""
    assert shown.tags <= OURS
    assert [tag for tag, _ in shown.shape].count("h2") == 1
    comments = [dict(given) for tag, given in shown.shape if tag == "comment"]
    assert comments == [{str(MARKER)[4:-3]: None}]
    assert all(link.startswith(f"{PULL}#pullrequestreview-") for link in shown.links)
    assert shown.found() == {}
    assert not UNSEEN.search(shown.text)


def built(shown: Shown) -> list[object]:
    """The elements in their order, without those that a text may have more or fewer of."""
    return [(tag, given) for tag, given in shown.shape if tag.removeprefix("/") not in FREE]


def write_log(report: Report, log: Log) -> Announcement:
    """What the action writes of a finished run."""
    first, *rest = lines(report)
    log.line(first)
    with log.group("How the verdict was made"):
        log.line("\n".join(rest))
    announced = announced_of(report)
    log.annotate(announced.annotations)
    return announced


def announced_of(report: Report) -> Announcement:
    """What is published of it."""
    return announcement.of_report(report, "rubric-results")
