"""Conversation, labels and history of a pull request, through the issues API."""

from datetime import datetime

from tests.fakes.github.bodies import issues as bodies
from tests.fakes.github.bodies.pulls import review as review_body
from tests.fakes.github.bodies.repos import commit as commit_body
from tests.fakes.github.call import Call, created, invalid, not_found, ok
from tests.fakes.github.pull import Pull
from tests.fakes.github.records import Comment
from tests.fakes.github.router import router
from tests.fakes.wire import Response

ISSUES = "/repos/{owner}/{repo}/issues"
ISSUE = ISSUES + "/{number}"
COMMENT = ISSUES + "/comments/{comment_id}"
READ = ("issues:read", "pull-requests:read")
WRITE = ("issues:write", "pull-requests:write")
MAX_BODY = 65_536


@router.route("GET", ISSUE, *READ)
def get_issue(call: Call) -> Response:
    """The pull request as an issue."""
    return ok(bodies.issue(call.api, call.pull))


@router.route("GET", ISSUE + "/comments", *READ)
def list_comments(call: Call) -> Response:
    """Comments, oldest first."""
    pull = call.pull
    return call.page(pull.comments, lambda comment: bodies.comment(call.api, pull, comment))


@router.route("POST", ISSUE + "/comments", *WRITE)
def create_comment(call: Call) -> Response:
    """Comment as the token's owner."""
    comment = call.pull.comment(_comment_text(call), by=call.token.account.login)
    return created(bodies.comment(call.api, call.pull, comment))


@router.route("GET", COMMENT, *READ)
def get_comment(call: Call) -> Response:
    """One comment."""
    pull, comment = _comment(call)
    return ok(bodies.comment(call.api, pull, comment))


@router.route("PATCH", COMMENT, *WRITE)
def update_comment(call: Call) -> Response:
    """Replace a comment's text; its author stays."""
    pull, comment = _comment(call)
    comment.body, comment.updated_at = _comment_text(call), call.world.tick()
    return ok(bodies.comment(call.api, pull, comment))


@router.route("DELETE", COMMENT, *WRITE)
def delete_comment(call: Call) -> Response:
    """Remove a comment."""
    pull, comment = _comment(call)
    pull.comments.remove(comment)
    return Response(204)


@router.route("GET", ISSUE + "/labels", *READ)
def list_labels(call: Call) -> Response:
    """The labels that are on now."""
    return call.page(bodies.labels(call.api, call.repo, call.pull.labels), dict)


@router.route("POST", ISSUE + "/labels", *WRITE)
def add_labels(call: Call) -> Response:
    """Add labels, each with its event; the body is a list of names, bare or under `labels`."""
    body = call.request.json
    for name in body["labels"] if isinstance(body, dict) else body:
        call.pull.label(name, by=call.token.account.login)
    return ok(bodies.labels(call.api, call.repo, call.pull.labels))


@router.route("DELETE", ISSUE + "/labels/{name*}", *WRITE)
def remove_label(call: Call) -> Response:
    """Remove a label, with its event."""
    if call.params["name"] not in call.pull.labels:
        raise not_found()
    call.pull.unlabel(call.params["name"], by=call.token.account.login)
    return ok(bodies.labels(call.api, call.repo, call.pull.labels))


@router.route("GET", ISSUE + "/events", *READ)
def list_events(call: Call) -> Response:
    """What happened to the pull request, oldest first."""
    return call.page(call.pull.events, lambda event: bodies.event(call.api, call.repo, event))


@router.route("GET", ISSUE + "/timeline", *READ)
def list_timeline(call: Call) -> Response:
    """Events, comments, reviews and commits in one row, oldest first."""
    entries = _events(call) + _comments(call) + _reviews(call) + _commits(call)
    ordered = sorted(entries, key=lambda entry: entry[0])
    return call.page(ordered, lambda entry: entry[1])


Entry = tuple[datetime, dict[str, object]]


def _events(call: Call) -> list[Entry]:
    history = call.pull.events
    return [(event.created_at, bodies.event(call.api, call.repo, event)) for event in history]


def _comments(call: Call) -> list[Entry]:
    shown = [(c.created_at, bodies.comment(call.api, call.pull, c)) for c in call.pull.comments]
    return [(at, body | {"event": "commented", "actor": body["user"]}) for at, body in shown]


def _reviews(call: Call) -> list[Entry]:
    shown = [(r.submitted_at, review_body(call.api, call.pull, r)) for r in call.pull.reviews]
    return [(at, body | {"event": "reviewed"}) for at, body in shown]


def _commits(call: Call) -> list[Entry]:
    shown = [(c.date, commit_body(call.api, call.repo, c)) for c in call.pull.commits]
    return [(at, _committed(body)) for at, body in shown]


def _committed(body: dict[str, object]) -> dict[str, object]:
    inner = body["commit"]
    assert isinstance(inner, dict)
    parents = body["parents"]
    assert isinstance(parents, list)
    linked = [parent | {"html_url": parent["url"]} for parent in parents]
    identity = {name: body[name] for name in ("sha", "node_id", "html_url")}
    return inner | identity | {"event": "committed", "parents": linked}


def _comment(call: Call) -> tuple[Pull, Comment]:
    for pull in call.repo.pulls.values():
        for comment in pull.comments:
            if comment.id == call.number("comment_id"):
                return pull, comment
    raise not_found()


def _comment_text(call: Call) -> str:
    text = call.text("body")
    if not text.strip():
        raise invalid("IssueComment", "body", "body cannot be blank")
    if len(text) > MAX_BODY:
        raise invalid(
            "IssueComment", "body", f"body is too long (maximum is {MAX_BODY} characters)"
        )
    return text
