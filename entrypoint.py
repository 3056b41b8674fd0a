"""The action's start: GitHub's environment in, an exit code out."""

import os
import sys
from pathlib import Path


def _forget_the_workspace() -> None:
    """Take the working directory off the import path: it is the checkout under test.

    The directory of this file stays, which is where the package lies when it is not installed.
    """
    own = Path(__file__).resolve().parent
    here = Path.cwd().resolve()
    sys.path[:] = [
        entry
        for entry in sys.path
        if entry and (Path(entry).resolve() == own or Path(entry).resolve() != here)
    ]


if __name__ == "__main__":
    _forget_the_workspace()
    from rubric_action.action import main

    sys.exit(main(os.environ, sys.stdout))
