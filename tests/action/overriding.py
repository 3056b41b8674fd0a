"""What happens to a pull request that fails, as steps that a table can name.

The run that opens it is made once for each setting; every test plays on with a copy of its own.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any, Final

from tests.action.stage import GOOD, RUBRIC, Stage, Step, outputs
from tests.fakes.github import JOB_PERMISSIONS, GithubServer, Pull
from tests.fakes.github.world import World

LABEL: Final = "rubric-override"
WHY: Final = "override: the parser is fixed in #12"
READS_TEAMS: Final = {**JOB_PERMISSIONS, "members": "read"}
KEEPS_LEDGER: Final = {**JOB_PERMISSIONS, "contents": "write"}
MEASURED: Final = RUBRIC.replace("min_pass_rate: 0.7", "min_pass_rate: 0.9")
WEAK: Final = {"eval/outputs.jsonl": outputs(hours="No idea.")}

Happening = Callable[["Scene"], object]


def signable(**changes: str) -> str:
    """A rubric whose findings may be signed for; `changes` replace lines of the policy."""
    policy = {
        "label": LABEL,
        "approvers": "{users: [mona], permission: maintain}",
        "allow": "[threshold, regression]",
    }
    lines = (f"  {name}: {value}\n" for name, value in (policy | changes).items())
    return f"{MEASURED}override:\n{''.join(lines)}"


def weak(stage: Stage) -> Pull:
    """One case of five fails, and nine of ten have to pass."""
    return stage.change(WEAK)


@dataclass(frozen=True, slots=True)
class Setting:
    """The rubric at the base, and who opens what; `exit_code` is that of the first run."""

    rubric: str = signable()
    opens: Callable[[Stage], Pull] = weak
    exit_code: int = 1


@dataclass(slots=True)
class Scene:
    """A pull request after its first run."""

    stage: Stage
    pull: Pull

    def happen(self, *steps: Happening) -> None:
        """Let things happen, in order."""
        for step in steps:
            step(self)

    @property
    def comment(self) -> str:
        """The one comment of the gate, as it reads."""
        (comment,) = self.pull.comments
        text = re.sub(r"</?code>", "`", comment.body).replace("**", "")
        return unescape(text).replace("\u200b", "")

    @property
    def status(self) -> tuple[str, str | None]:
        """State and description of the head's status."""
        found = self.stage.status(self.pull.head_sha)
        assert found is not None
        return found

    def again(self, action: str = "labeled", **given: Any) -> Step:
        """Decide again."""
        return self.stage.again(self.pull, action, **given)


@dataclass(frozen=True, slots=True)
class _Opened:
    world: World
    number: int


_OPENED: dict[Setting, _Opened] = {}


def opened(github: GithubServer, folder: Path, setting: Setting = Setting()) -> Scene:
    """A pull request that was opened and graded, in a world of its own."""
    stage = Stage(github, folder)
    if setting not in _OPENED:
        stage.push({**GOOD, "eval/rubric.yaml": setting.rubric})
        stage.repo.permit("mona", "write")
        pull = setting.opens(stage)
        step = stage.gate(pull, action="opened")
        assert step.exit_code == setting.exit_code, step.log
        _OPENED[setting] = _Opened(deepcopy(github.world), pull.number)
        github.requests.clear()
    known = _OPENED[setting]
    github.world = deepcopy(known.world)
    repo = github.world.find_repo(stage.repo.full_name)
    assert repo is not None
    stage.repo, stage.token = repo, next(iter(github.world.tokens.values()))
    return Scene(stage, repo.pulls[known.number])


def label(by: str | None = "dana", *, name: str = LABEL, app: str | None = None) -> Happening:
    """Somebody sets the label."""
    return lambda scene: scene.pull.label(name, by=by, app=app)


def unlabel(by: str = "dana", *, name: str = LABEL) -> Happening:
    """Somebody takes the label off."""
    return lambda scene: scene.pull.unlabel(name, by=by)


def review(
    state: str,
    by: str | None = "mona",
    *,
    body: str = WHY,
    of: Callable[[Scene], str | None] = lambda _scene: None,
) -> Happening:
    """Somebody reviews, the head unless `of` says otherwise."""
    return lambda scene: scene.pull.review(state, by=by, body=body, sha=of(scene))


def approve(by: str | None = "mona", **how: Any) -> Happening:
    """Somebody approves and says why."""
    return review("APPROVED", by, **how)


def first_commit(scene: Scene) -> str:
    """The pull request's first commit."""
    return scene.pull.commits[0].sha


def dismiss(by: str = "dana") -> Happening:
    """Somebody dismisses the latest review."""
    return lambda scene: scene.pull.dismiss(scene.pull.reviews[-1], by=by)


def role(login: str, name: str) -> Happening:
    """An account gets a role in the repository."""
    return lambda scene: scene.stage.repo.permit(login, name)


def team(members: Mapping[str, str], *, secret: bool = False) -> Happening:
    """The team `acme/leads`, by login `active` or `pending`."""
    return lambda scene: scene.stage.github.world.team("acme/leads", members, secret=secret)


def account(login: str, number: int) -> Happening:
    """An account with this id."""
    return lambda scene: scene.stage.github.world.account(login, id=number)


def rewrite_and_return(scene: Scene) -> None:
    """The branch is forced to another commit, and back to the head."""
    repo, head = scene.stage.repo, scene.pull.head_sha
    repo.force_push("change", repo.push("elsewhere", {"note.txt": "x"}))
    repo.force_push("change", head)


def retarget(scene: Scene) -> None:
    """The pull request gets another base branch, with the same rubric."""
    scene.stage.push({"release.txt": "2"}, "release")
    scene.pull.retarget("release", by="dana")


SIGNED: Final = (label(), approve())


@dataclass(frozen=True, slots=True)
class Row:
    """A case, what happens in it, whether it counts, and what the comment has to say.

    `row` is its number in the table of promises, or that of the promise that it bears on.
    """

    row: int
    case: str
    happens: tuple[Happening, ...]
    counts: bool
    tells: str
    setting: Setting = Setting()
    permissions: Mapping[str, str] | None = None
    action: str = "submitted"
    by: str = "mona"
    payload: Mapping[str, Any] = field(default_factory=dict)

    def check(self, scene: Scene) -> Step:
        """Play it, and hold the outcome against what is promised."""
        assert scene.status[0] == "failure"
        scene.happen(*self.happens)
        world = scene.stage.github.world
        token = world.token(self.permissions) if self.permissions else None
        step = scene.again(self.action, token=token, payload=self.payload)
        expected = (0, "overridden", self.by) if self.counts else (1, "fail", "")
        told = step.outputs["verdict"], step.outputs["overridden-by"]
        assert (step.exit_code, *told) == expected, step.log
        state, words = scene.status
        assert state == ("success" if self.counts else "failure")
        assert (words or "").startswith(f"overridden by @{self.by}") == self.counts
        assert self.tells in scene.comment, scene.comment
        assert "no session is run, no judge is asked" in step.log
        assert step.outputs["judge-calls"] == "0"
        return step
