"""The table of endpoints: which function answers which path, and which permission it takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.github.call import ApiError, Call
from tests.fakes.wire import Response

Handler = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint; any one of the permissions in `needs` opens it."""

    method: str
    template: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...]
    handler: Handler


class Router:
    """The endpoints; of several that match a path the one with the longest template answers."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def route(self, method: str, template: str, *needs: str) -> Callable[[Handler], Handler]:
        """Register an endpoint: `{name}` takes one segment of the path, `{name*}` several."""

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, template, _compile(template), needs, handler))
            return handler

        return register

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a request, with its path parameters."""
        same_method = [route for route in self.routes if route.method == method]
        for route in sorted(same_method, key=lambda route: len(route.template), reverse=True):
            match = route.pattern.fullmatch(path)
            if match is not None:
                return route, match.groupdict()
        return None


def check_permission(route: Route, call: Call) -> None:
    """Refuse, as GitHub does, a token without any of the permissions that open the endpoint."""
    if not any(call.token.allows(permission) for permission in route.needs):
        raise ApiError(403, "Resource not accessible by integration")


def _compile(template: str) -> re.Pattern[str]:
    several = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.*)", template)
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", several))


router = Router()
