"""Whom the agent under test runs as: not as us, who hold the token and the judge's key."""

import os
import pwd
from typing import Final

from rubric_action.github.commands import Annotation

AGENT_USER: Final = "agent"
"""The image's unprivileged user, whom the agent under test runs as."""
SAME_USER: Final = Annotation(
    "warning",
    "The agent is not kept apart",
    "The rubric's agent runs as the same user as the action, which can read the token and the "
    f"judge's key: the action is not root, or there is no user `{AGENT_USER}` as in its image.",
)


def agent_user() -> str | None:
    """The user to run the agent as: the image's own, where we are root and it exists."""
    if os.geteuid() != 0:
        return None
    return next((one.pw_name for one in pwd.getpwall() if one.pw_name == AGENT_USER), None)
