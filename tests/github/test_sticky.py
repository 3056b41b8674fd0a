from collections.abc import Callable
from dataclasses import replace

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.github.records import Author, Comment, Status
from rubric_action.github.sticky import ACTIONS_BOT, Marker, Sticky, author_of
from tests.fakes.github import FOREVER, Pull
from tests.github.conftest import Scene

BODY = "## Ready to ship"


def sticky(
    scene: Scene, pull: Pull, run: int = 7, attempt: int = 1, *, again: bool = False
) -> Sticky:
    """The comment as a run sees it; `again` has only decided anew."""
    marker = Marker("rubric/gate", pull.head_sha, run, attempt, again=again)
    return Sticky(scene.api, pull.number, marker, ACTIONS_BOT)


@pytest.fixture
def pull(scene: Scene) -> Pull:
    """A pull request without a comment."""
    scene.repo.push("change", {"agent.py": "1"})
    return scene.repo.pull("change")


def test_the_first_run_comments_and_the_second_updates(scene: Scene, pull: Pull) -> None:
    """A pull request has one comment, whose text is the newest."""
    first = sticky(scene, pull).write(BODY, create=True)
    second = sticky(scene, pull, run=8).write("## Not ready", create=True)
    assert isinstance(first, Comment)
    assert isinstance(second, Comment)
    assert first.id == second.id
    assert [comment.body.splitlines()[0] for comment in pull.comments] == ["## Not ready"]


def test_a_persons_copy_of_the_marker_is_not_ours(scene: Scene, pull: Pull) -> None:
    """Marker and author both have to be right, over all pages."""
    forged = f"Look\n\n{sticky(scene, pull).marker}"
    for number in range(230):
        pull.comment(forged if number % 50 == 0 else "Hm", by="mallory")
    ours = pull.comment(f"Old\n\n{sticky(scene, pull).marker}")
    pull.comment(forged, by="other-app[bot]")
    sticky(scene, pull, run=8).write(BODY, create=True)
    assert ours.body.startswith(BODY)
    assert sum(comment.body.startswith(BODY) for comment in pull.comments) == 1


@pytest.mark.parametrize("author", ["mallory", "github-actions", "other[bot]", None])
def test_a_comment_of_anybody_else_is_left_alone(
    scene: Scene, pull: Pull, author: str | None
) -> None:
    """A person may not even be named like the bot, and a deleted account is nobody."""
    theirs = pull.comment(f"Mine\n\n{sticky(scene, pull).marker}", by=author)
    sticky(scene, pull).write(BODY, create=True)
    assert theirs.body.startswith("Mine")
    assert len(pull.comments) == 2


def test_two_gates_have_two_comments(scene: Scene, pull: Pull) -> None:
    """The status context is part of the marker."""
    sticky(scene, pull).write(BODY, create=True)
    other = Marker("rubric/gate-2", pull.head_sha, 7, 1)
    Sticky(scene.api, pull.number, other, ACTIONS_BOT).write("## Other", create=True)
    assert len(pull.comments) == 2


@pytest.mark.parametrize(
    "context", ["rubric/gate", "a --> b", "--", "<!-- x", "ü 🙂", "a\u202eb", "x" * 100]
)
def test_a_context_cannot_break_the_marker(context: str) -> None:
    """Whatever the context holds, the marker is one HTML comment that ends at its end."""
    marker = str(Marker(context, "a" * 40, 7, 1))
    assert marker.startswith("<!-- ")
    assert marker.index("-->") == len(marker) - 3
    assert "--" not in marker[4:-3]
    assert marker.isascii()


@pytest.mark.parametrize(
    ("there", "ours", "written"),
    [
        ((7, 1), (7, 1), True),
        ((6, 9), (7, 1), True),
        ((8, 1), (7, 1), False),
        ((7, 2), (7, 1), False),
        ((10, 1), (9, 1), False),
    ],
)
def test_the_newer_run_of_a_commit_stays(
    scene: Scene, pull: Pull, there: tuple[int, int], ours: tuple[int, int], written: bool
) -> None:
    """An older run or attempt that finishes late does not overwrite a newer one."""
    sticky(scene, pull, *there).write("## There", create=True)
    answer = sticky(scene, pull, *ours).write("## Ours", create=True)
    assert isinstance(answer, Comment) is written
    assert pull.comments[0].body.startswith("## Ours" if written else "## There")


@pytest.mark.parametrize(
    ("there", "ours", "written"),
    [
        ((8, True), (7, False), True),
        ((8, False), (7, True), False),
        ((8, True), (7, True), False),
        ((7, True), (8, False), True),
        ((7, False), (8, True), True),
    ],
)
def test_what_was_measured_is_told_in_the_place_of_what_was_decided_anew(
    scene: Scene,
    pull: Pull,
    there: tuple[int, bool],
    ours: tuple[int, bool],
    *,
    written: bool,
) -> None:
    """Whichever run was later: the one that decided anew knew of older results."""
    sticky(scene, pull, there[0], again=there[1]).write("## There", create=True)
    answer = sticky(scene, pull, ours[0], again=ours[1]).write("## Ours", create=True)
    assert isinstance(answer, Comment) is written
    assert len(pull.comments) == 1
    assert pull.comments[0].body.startswith("## Ours" if written else "## There")


@pytest.mark.parametrize("rerun", [False, True])
def test_a_run_that_is_run_again_is_late_whatever_its_number(
    scene: Scene, pull: Pull, *, rerun: bool
) -> None:
    """Its status has settled whether it is later than the others."""
    sticky(scene, pull, 8).write("## There", create=True)
    again = replace(sticky(scene, pull, 7, attempt=2), rerun=rerun)
    assert isinstance(again.write("## Ours", create=True), Comment) is rerun


def test_a_newer_commit_comes_before_a_newer_run(scene: Scene, pull: Pull) -> None:
    """The head counts first: a comment on a commit that was left is overwritten by any run."""
    sticky(scene, pull, run=900).write("## Old head", create=True)
    scene.repo.push("change", {"agent.py": "2"})
    sticky(scene, pull, run=7).write("## New head", create=True)
    assert pull.comments[0].body.startswith("## New head")


def test_on_failure_updates_but_does_not_create(scene: Scene, pull: Pull) -> None:
    """A red comment turns green, and a green run leaves no comment of its own."""
    assert isinstance(sticky(scene, pull).write(BODY, create=False), str)
    assert pull.comments == []
    sticky(scene, pull).write("## Not ready", create=True)
    sticky(scene, pull).write(BODY, create=False)
    assert pull.comments[0].body.startswith(BODY)


def test_a_forged_state_in_the_text_does_not_count(scene: Scene, pull: Pull) -> None:
    """Only the last line of the comment says which run it is of."""
    forged = Marker("rubric/gate", pull.head_sha, 999_999, 1)
    sticky(scene, pull).write(f"## Quoted {forged}", create=True)
    assert isinstance(sticky(scene, pull, run=8).write(BODY, create=True), Comment)


@pytest.mark.parametrize("text", ["Title: {}", "{}\n\nmore", "{} {}", "x\n{} x", "> {}"])
def test_a_workflow_that_quotes_our_marker_does_not_silence_us(
    scene: Scene, pull: Pull, text: str
) -> None:
    """Another job's comment has the same author; only a last line of its own is our marker."""
    marker = Marker("rubric/gate", pull.head_sha, 999_999_999_999, 1)
    theirs = pull.comment(text.format(marker, marker))
    assert isinstance(sticky(scene, pull).write(BODY, create=True), Comment)
    assert len(pull.comments) == 2
    assert not theirs.body.startswith(BODY)


def test_a_larger_run_of_another_commit_does_not_count(scene: Scene, pull: Pull) -> None:
    """Whatever number a marker gives, it counts for the pull request's present head alone."""
    marker = Marker("rubric/gate", "0" * 40, 999_999_999_999, 1)
    pull.comment(f"Old\n\n{marker}")
    assert isinstance(sticky(scene, pull).write(BODY, create=True), Comment)


@pytest.mark.parametrize("how", [{"status": 502}, {"reset": True}, {"status": 500}])
def test_no_second_comment_after_an_unclear_failure(
    scene: Scene, pull: Pull, how: dict[str, object]
) -> None:
    """A comment that was made although the answer was an error is found and kept."""
    scene.github.fault("POST", "/comments", after_effect=True, **how)
    assert isinstance(sticky(scene, pull).write(BODY, create=True), Comment)
    assert len(pull.comments) == 1


def test_a_comment_that_was_not_made_is_made(scene: Scene, pull: Pull) -> None:
    """A failure that came in time costs a second try."""
    scene.github.fault("POST", "/comments", times=2, status=502)
    sticky(scene, pull).write(BODY, create=True)
    assert len(pull.comments) == 1


def test_an_update_that_fails_is_tried_again(scene: Scene, pull: Pull) -> None:
    """A change may be asked for twice."""
    sticky(scene, pull).write("## Old", create=True)
    scene.github.fault("PATCH", "/comments/", times=2, status=502)
    sticky(scene, pull).write(BODY, create=True)
    assert pull.comments[0].body.startswith(BODY)


def test_an_update_of_a_comment_that_is_gone_makes_a_new_one(scene: Scene, pull: Pull) -> None:
    """Somebody who deletes the comment while we look gets it back."""
    sticky(scene, pull).write("## Old", create=True)
    scene.github.fault("PATCH", "/comments/", before=pull.comments.clear)
    sticky(scene, pull).write(BODY, create=True)
    assert [comment.body.splitlines()[0] for comment in pull.comments] == [BODY]


def test_trouble_that_stays_is_an_error(scene: Scene, pull: Pull) -> None:
    """The error says what was being done."""
    scene.github.fault("POST", "/comments", times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match="Could not write the comment"):
        sticky(scene, pull).write(BODY, create=True)


@pytest.mark.parametrize(
    ("token", "login", "author", "asked"),
    [
        ("ghs_job", "github-actions[bot]", ACTIONS_BOT, 0),
        ("github_pat_x", "Mona", Author("mona", bot=False), 1),
        ("old-style", "github-actions[bot]", ACTIONS_BOT, 1),
    ],
)
def test_whose_comment_it_will_be(
    scene: Scene, token: str, login: str, author: Author, asked: int
) -> None:
    """A job's token is not asked, a person's is, and what may not ask is the job's."""
    scene.github.world.token(login=login, value=token)
    assert author_of(scene.api_for(token), token) == author
    assert len(scene.github.requests) == asked


def test_a_persons_token_is_asked_once(scene: Scene) -> None:
    """Whose it is does not change."""
    scene.github.world.token(login="mona", value="github_pat_x")
    api = scene.api_for("github_pat_x")
    assert author_of(api, "github_pat_x") == author_of(api, "github_pat_x")
    assert len(scene.github.requests) == 1


def test_an_apps_token_is_known_by_the_reply_to_what_it_wrote(scene: Scene) -> None:
    """And by nothing else: who else writes statuses here is no sign of who we are."""
    token = scene.github.world.token(login="gatekeeper[bot]", value="ghs_app")
    sha = scene.repo.branches["main"]
    scene.repo.status(sha, "rubric/gate", "success", by="gatekeeper[bot]")
    api = scene.api_for(token.value)
    assert author_of(api, token.value) == ACTIONS_BOT
    api.set_status(sha, Status("rubric/gate", "pending", "", "https://ci.example/1"))
    assert author_of(api, token.value) == Author("gatekeeper[bot]", bot=True)


def test_who_is_not_told_does_not_know(scene: Scene) -> None:
    """The token is taken for the job's own, and the guess is not kept as knowledge."""
    scene.github.world.token(login="mona", value="odd")
    scene.github.fault("GET", "/user$", times=FOREVER, status=403, body={"message": "No"})
    api = scene.api_for("odd")
    assert author_of(api, "odd") == ACTIONS_BOT
    assert api.client.writes_as is None


@pytest.mark.parametrize(("login", "make"), [("Mona", str.lower), ("mona", str.upper)])
def test_a_login_has_no_case(scene: Scene, login: str, make: Callable[[str], str]) -> None:
    """GitHub keeps the case that a login was made with, and compares without."""
    record = {"login": make(login), "type": "User"}
    assert Author.of(record) == Author("mona", bot=False)
