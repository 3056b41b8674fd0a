"""A repository: branches, commits, pull requests, and what is recorded about commits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.fakes.github.history import Network
from tests.fakes.github.pull import Pull
from tests.fakes.github.records import GITHUB_ACTIONS_BOT, Account, CheckRun, Commit, Status, sha1
from tests.fakes.github.runs import DEFAULT_WORKFLOW, Artifact, WorkflowRun

if TYPE_CHECKING:
    from tests.fakes.github.world import World


@dataclass(slots=True)
class Repo:
    """One repository; a fork shares its parent's network of commits, as at GitHub."""

    world: "World" = field(repr=False)
    owner: Account
    name: str
    id: int
    default_branch: str = "main"
    private: bool = False
    parent: "Repo | None" = None
    network: Network = field(default_factory=Network, repr=False)
    branches: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict, repr=False)
    statuses: list[Status] = field(default_factory=list)
    check_runs: list[CheckRun] = field(default_factory=list)
    runs: dict[int, WorkflowRun] = field(default_factory=dict, repr=False)
    permissions: dict[str, str] = field(default_factory=dict)
    custom_roles: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"

    def fork(self, owner: str) -> "Repo":
        """Copy the repository to another owner; commits are shared."""
        copy = Repo(self.world, self.world.account(owner), self.name, self.world.next_id())
        copy.default_branch, copy.parent, copy.network = self.default_branch, self, self.network
        copy.branches = dict(self.branches)
        return self.world.add_repo(copy)

    def permit(self, login: str, role: str, *, basis: str | None = None) -> None:
        """Give an account a role: none, read, triage, write, maintain or admin.

        Any other is one that the organization made up on the `basis` of one of these.
        """
        self.permissions[self.world.account(login).login] = role
        if basis is not None:
            self.custom_roles[role] = basis

    def push(
        self,
        branch: str,
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        message: str = "Change",
        author: str | None = "dana",
        committer: str | None = None,
        parents: Iterable[str] | None = None,
    ) -> str:
        """Commit on a branch and return the SHA; open pull requests of the branch move along.

        A new branch starts at the default branch's tip. `files` holds what changes; None deletes.
        """
        tip = self.branches.get(branch) or self.branches.get(self.default_branch)
        above = tuple(parents) if parents is not None else ((tip,) if tip else ())
        before = self.network.tree(above)
        sha = self.commit(message, above, _changed(before, files or {}), author, committer)
        self.move(branch, sha)
        return sha

    def force_push(self, branch: str, sha: str, *, by: str = "dana") -> None:
        """Point a branch at any commit; open pull requests record who did it."""
        self.move(branch, sha)
        for pull in self.pulls_from(branch):
            pull.record("head_ref_force_pushed", by=by, commit_id=sha)

    def move(self, branch: str, sha: str) -> None:
        """Point a branch at a commit; open pull requests from it follow."""
        self.branches[branch] = sha
        for pull in self.pulls_from(branch):
            pull.head_sha = sha

    def pulls_from(self, branch: str) -> list[Pull]:
        """The open pull requests, here or in the parent, whose head is this branch."""
        everywhere = [pull for repo in self.world.repos.values() for pull in repo.pulls.values()]
        return [
            pull
            for pull in everywhere
            if pull.state == "open" and pull.head_repo is self and pull.head_ref == branch
        ]

    def pull(
        self,
        head: str,
        base: str | None = None,
        *,
        author: str = "dana",
        head_repo: "Repo | None" = None,
        title: str = "Change the agent",
        draft: bool = False,
    ) -> Pull:
        """Open a pull request from a branch of this repository, or of `head_repo`."""
        source, target = head_repo or self, base or self.default_branch
        pull = Pull(
            repo=self,
            number=len(self.pulls) + 1,
            id=self.world.next_id(),
            author=self.world.account(author),
            head_repo=source,
            head_ref=head,
            head_sha=source.branches[head],
            base_ref=target,
            base_sha=self.branches[target],
            created_at=self.world.tick(),
            title=title,
            draft=draft,
        )
        self.pulls[pull.number] = pull
        return pull

    def resolve(self, ref: str) -> Commit | None:
        """The commit that a SHA, branch or ref names."""
        short = ref.removeprefix("refs/").removeprefix("heads/")
        return self.network.commits.get(self.branches.get(short, short))

    def run(
        self,
        sha: str,
        *,
        event: str = "push",
        branch: str | None = None,
        workflow: tuple[int, str] = DEFAULT_WORKFLOW,
        status: str = "completed",
        conclusion: str | None = "success",
        head_repo: "Repo | None" = None,
        attempt: int = 1,
        at: datetime | None = None,
    ) -> WorkflowRun:
        """Record a workflow run; `workflow` is its id and its file's path."""
        run = WorkflowRun(
            repo=self,
            id=self.world.next_id(),
            workflow_id=workflow[0],
            path=workflow[1],
            event=event,
            head_branch=branch or self.default_branch,
            head_sha=sha,
            head_repo=head_repo or self,
            status=status,
            conclusion=conclusion,
            run_attempt=attempt,
            created_at=at or self.world.tick(),
        )
        self.runs[run.id] = run
        return run

    @property
    def artifacts(self) -> list[Artifact]:
        """Every run's artifacts, newest first, as GitHub lists them."""
        found = [artifact for run in self.runs.values() for artifact in run.artifacts]
        return sorted(found, key=lambda artifact: artifact.created_at, reverse=True)

    def status(
        self,
        sha: str,
        context: str,
        state: str,
        description: str | None = None,
        *,
        target_url: str | None = None,
        by: str = GITHUB_ACTIONS_BOT,
        at: datetime | None = None,
    ) -> Status:
        """Set a commit status."""
        creator, number = self.world.account(by), self.world.next_id()
        moment = at or self.world.tick()
        made = Status(number, sha, context, state, description, target_url, creator, moment)
        self.statuses.append(made)
        return made

    def current_status(self, sha: str, context: str) -> Status | None:
        """The status that counts for a commit and context: the newest."""
        matching = [s for s in self.statuses if (s.sha, s.context) == (sha, context)]
        return matching[-1] if matching else None

    def commit(
        self,
        message: str,
        parents: tuple[str, ...],
        files: Mapping[str, bytes],
        author: str | None,
        committer: str | None,
    ) -> str:
        """Make a commit that no branch holds yet, and return its SHA."""
        world = self.world
        writer = None if author is None else world.account(author)
        keeper = writer if committer is None else world.account(committer)
        sha = sha1(f"{world.next_id()} {message}".encode())
        self.network.add(Commit(sha, message, parents, files, writer, keeper, world.tick()))
        return sha


def _changed(
    before: Mapping[str, bytes], changes: Mapping[str, str | bytes | None]
) -> dict[str, bytes]:
    after = dict(before)
    for path, content in changes.items():
        if content is None:
            del after[path]
        else:
            after[path] = content.encode() if isinstance(content, str) else content
    return after
