"""A stand-in for a judge of any vendor: an endpoint that grades, and misbehaves, to order.

with JudgeServer(score=lambda prompt, axis: 0.0 if "refund" in prompt else 1.0) as judge:
    judge.queue(faults.status(429, retry_after="2"), faults.reset())
    run_the_gate(base_url=judge.base_url)
    assert len(judge.requests) == 3
"""

from tests.fakes.judge import faults, features, vectors
from tests.fakes.judge.asked import Asked
from tests.fakes.judge.server import JudgeServer

__all__ = ["Asked", "JudgeServer", "faults", "features", "vectors"]
