"""One API call being answered: who asks, about what, and the ways to say yes or no."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.fakes.github.pull import Pull
from tests.fakes.github.records import Commit, Token
from tests.fakes.github.repo import Repo
from tests.fakes.github.world import World
from tests.fakes.wire import Request, Response

DOCS = "https://docs.github.com/rest"
MAX_PER_PAGE = 100
T = TypeVar("T")


class ApiError(Exception):
    """An answer other than success, in GitHub's words."""

    def __init__(self, status: int, message: str, *, errors: Sequence[object] = ()) -> None:
        super().__init__(message)
        body: dict[str, object] = {"message": message, "documentation_url": DOCS}
        if errors:
            body["errors"] = list(errors)
        self.response = Response.of_json(body | {"status": str(status)}, status)


def not_found() -> ApiError:
    """What GitHub says of things that are absent, and of those that one may not know of."""
    return ApiError(404, "Not Found")


def invalid(resource: str, field: str, message: str) -> ApiError:
    """What GitHub says of a field that breaks a rule."""
    error = {"resource": resource, "code": "custom", "field": field, "message": message}
    return ApiError(422, "Validation Failed", errors=[error])


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its token, its path parameters and the state it is about."""

    world: World
    request: Request
    token: Token
    params: Mapping[str, str]
    api: str
    storage: str

    @property
    def repo(self) -> Repo:
        """The repository named by the path."""
        repo = self.world.find_repo(f"{self.params['owner']}/{self.params['repo']}")
        if repo is None:
            raise not_found()
        return repo

    @property
    def pull(self) -> Pull:
        """The pull request named by the path."""
        pull = self.repo.pulls.get(self.number("number"))
        if pull is None:
            raise not_found()
        return pull

    @property
    def json(self) -> Mapping[str, Any]:
        """The body, which has to be a JSON object."""
        try:
            body = self.request.json
        except ValueError as error:
            raise ApiError(400, "Problems parsing JSON") from error
        if not isinstance(body, dict):
            raise ApiError(422, "Invalid request. Expected an object.")
        return body

    def number(self, name: str) -> int:
        """A path parameter that has to be a number."""
        if not self.params[name].isdecimal():
            raise not_found()
        return int(self.params[name])

    def commit(self, name: str) -> Commit:
        """The commit that a path parameter names, by SHA, branch or ref."""
        commit = self.repo.resolve(self.params[name])
        if commit is None:
            raise ApiError(422, f"No commit found for SHA: {self.params[name]}")
        return commit

    def text(self, field: str) -> str:
        """A field of the body that is required and has to be a string."""
        value = self.json.get(field)
        if not isinstance(value, str):
            message = f"Invalid request. For 'properties/{field}', {value!r} is not a string."
            raise ApiError(422, message)
        return value

    def page(
        self,
        items: Sequence[T],
        render: Callable[[T], object],
        *,
        key: str | None = None,
    ) -> Response:
        """Answer the page asked for, bare or under `key` with a total, with its `Link` header."""
        size = min(_positive(self.request.query.get("per_page"), 30), MAX_PER_PAGE)
        page = _positive(self.request.query.get("page"), 1)
        shown = [render(item) for item in items[(page - 1) * size : page * size]]
        body = shown if key is None else {"total_count": len(items), key: shown}
        last = max(1, -(-len(items) // size))
        link = ", ".join(f'<{self._url(n)}>; rel="{rel}"' for rel, n in _neighbours(page, last))
        return Response.of_json(body, headers={"Link": link} if link else {})

    def _url(self, page: int) -> str:
        query = urlencode({**self.request.query, "page": page})
        return f"{self.api}{self.request.target.partition('?')[0]}?{query}"


def ok(body: object) -> Response:
    """Answer 200 with a JSON body."""
    return Response.of_json(body)


def created(body: object) -> Response:
    """Answer 201 with a JSON body."""
    return Response.of_json(body, 201)


def _positive(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() and int(text) > 0 else default


def _neighbours(page: int, last: int) -> list[tuple[str, int]]:
    back = [("prev", page - 1), ("first", 1)] if page > 1 else []
    forth = [("next", page + 1), ("last", last)] if page < last else []
    return back + forth
