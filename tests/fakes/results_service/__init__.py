"""A stateful stand-in for the runner's results service and the blob storage behind it.

GitHub documents neither; what this one does is what `actions/upload-artifact` relies on, and what
its users have reported:

with ResultsServer() as results:
    environ = results.environ()
    ...
    (artifact,) = results.artifacts
"""

from tests.fakes.faults import FOREVER
from tests.fakes.results_service.server import Artifact, ResultsServer
from tests.fakes.results_service.tokens import runtime_token

__all__ = ["FOREVER", "Artifact", "ResultsServer", "runtime_token"]
