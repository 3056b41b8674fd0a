"""What a change may decide about itself, and what not: the one place that says it.

From the commit under evaluation (a pull request's head, a merge group's head, a branch's tip):
  the rubric, the cases, the corpus, the agent and its sessions. What it asks for less than the bar
  that it is held against is a finding.

From the bar that it is held against (`bar_ref`):
  the severities of findings, the override policy with its approvers, and where the judge's key may
  go. It is the rubric at the pull request's base commit, where that is on the default branch, and
  else the rubric at the tip of the default branch. For:

  - a pull request onto another branch: its status is the head commit's, which may be the head of a
    second pull request as well, and any branch can be made a base;
  - a merge group: its parent may be the head of another group, which nobody has passed yet, and a
    queue may merge a group whose last commit alone was green;
  - a push to a branch or a tag, which can be anybody's who may write.

  Where there is no such rubric, the strict defaults count.

From the default branch alone:
  the baseline: results of completed runs of the same workflow there (`github/baseline.py`). A run
  on the default branch is held against nothing but that, and makes the next one.

From the workflow alone:
  the inputs, secrets, permissions. On `pull_request` and on `pull_request_review` the workflow is
  the pull request's own, without secrets and with a token that only reads where it comes from a
  fork or from Dependabot (`secretless`). On `workflow_run` it is the default branch's, with
  secrets, so that nothing of the fork may run under it: no agent is started, the fork's files are
  data, and `github/checkout.py` sees to it that they are those of the commit that is judged.

From the fork's own workflow:
  its sessions. They are read as hostile data, and they are only as honest as the code and the
  workflow that made them: docs/forks.md tells what to do about it.

From GitHub, live, and never from a payload:
  labels, reviews, permissions, the head that a pull request is at, and every time that decides.
"""

from rubric_action.github.api import branch_ref
from rubric_action.github.context import Context
from rubric_action.github.event import Event, PullRequestEvent


def bar_ref(event: Event) -> str:
    """The commit or branch whose rubric the event's commit is held against.

    On `workflow_run` ask with the pull request that was found. `home` has to be complete.
    """
    main = event.home.default_branch or ""
    if isinstance(event, PullRequestEvent) and event.base_ref == main:
        return event.base_sha
    return branch_ref(main)


def secretless(event: Event, context: Context) -> bool:
    """Whether GitHub gives the run no secrets and a token that only reads."""
    fork = isinstance(event, PullRequestEvent) and event.fork
    return context.by_dependabot or (fork and context.event != "workflow_run")
