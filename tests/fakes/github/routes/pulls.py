"""Pull requests, their commits and files, and their reviews."""

from tests.fakes.github.bodies import pulls as bodies
from tests.fakes.github.bodies.repos import commit as commit_body
from tests.fakes.github.bodies.repos import diff_entry
from tests.fakes.github.call import ApiError, Call, not_found, ok
from tests.fakes.github.pull import Pull
from tests.fakes.github.records import Review
from tests.fakes.github.router import router
from tests.fakes.wire import Response

PULLS = "/repos/{owner}/{repo}/pulls"
PULL = PULLS + "/{number}"
READ, WRITE = "pull-requests:read", "pull-requests:write"
# GitHub lists no more than this many commits of a pull request, on however many pages.
MAX_COMMITS = 250
_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


@router.route("GET", PULLS, READ)
def list_pulls(call: Call) -> Response:
    """Pull requests by `state`, `base` and `head` (`owner:branch`), in the order of `sort`."""
    chosen = [pull for pull in call.repo.pulls.values() if _wanted(call, pull)]
    return call.page(_sorted(call, chosen), lambda pull: bodies.pull_simple(call.api, pull))


@router.route("GET", PULL, READ)
def get_pull(call: Call) -> Response:
    """One pull request."""
    return ok(bodies.pull_full(call.api, call.pull))


@router.route("GET", PULL + "/commits", READ)
def list_commits(call: Call) -> Response:
    """What the pull request adds, oldest first."""
    shown = call.pull.commits[:MAX_COMMITS]
    return call.page(shown, lambda commit: commit_body(call.api, call.repo, commit))


@router.route("GET", PULL + "/files", READ)
def list_files(call: Call) -> Response:
    """The files that the pull request changes."""
    pull = call.pull
    return call.page(pull.changes, lambda c: diff_entry(call.api, pull.repo, pull.head_sha, c))


@router.route("GET", PULL + "/reviews", READ)
def list_reviews(call: Call) -> Response:
    """Reviews, oldest first."""
    return call.page(call.pull.reviews, lambda review: bodies.review(call.api, call.pull, review))


@router.route("POST", PULL + "/reviews", WRITE)
def create_review(call: Call) -> Response:
    """Submit a review as the token's owner, who may not approve a pull request of their own."""
    state, author = _STATES.get(call.text("event")), call.token.account
    if state is None:
        raise ApiError(422, "Unprocessable Entity")
    if state != "COMMENTED" and author == call.pull.author:
        raise ApiError(422, "Can not approve your own pull request")
    body, sha = call.json.get("body", ""), call.json.get("commit_id")
    made = call.pull.review(state, by=author.login, body=body, sha=sha)
    return ok(bodies.review(call.api, call.pull, made))


@router.route("PUT", PULL + "/reviews/{review_id}/dismissals", WRITE)
def dismiss_review(call: Call) -> Response:
    """Take a review's weight away; the review itself stays in the list."""
    review = _review(call)
    call.text("message")
    call.pull.dismiss(review, by=call.token.account.login)
    return ok(bodies.review(call.api, call.pull, review))


def _review(call: Call) -> Review:
    for review in call.pull.reviews:
        if review.id == call.number("review_id"):
            return review
    raise not_found()


def _sorted(call: Call, pulls: list[Pull]) -> list[Pull]:
    """By creation unless `sort` is `updated`; newest first by default, as GitHub has it."""
    query = call.request.query
    if query.get("sort") == "updated":
        # GitHub's default is ascending where `sort` is given.
        latest_first = query.get("direction") == "desc"
        return sorted(pulls, key=lambda pull: pull.updated_at, reverse=latest_first)
    return pulls if query.get("direction") == "asc" else pulls[::-1]


def _wanted(call: Call, pull: Pull) -> bool:
    query = call.request.query
    owner = pull.head_repo.owner.login if pull.head_repo else ""
    state, base, head = query.get("state", "open"), query.get("base"), query.get("head")
    right_state = state in ("all", pull.state)
    return (
        right_state and base in (None, pull.base_ref) and head in (None, f"{owner}:{pull.head_ref}")
    )
