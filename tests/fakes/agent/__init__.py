"""A stand-in for an agent behind an address, which answers, and misbehaves, to order.

with AgentServer(lambda asked: {"answer": asked.body["input"].upper()}) as agent:
    agent.queue(faults.status(503), faults.reset())
    run_the_gate(url=agent.url)
    assert len(agent.requests) == 3

Its faults are those of the judge's stand-in: what goes wrong on a wire does so for both.
"""

from tests.fakes.agent.server import AgentServer
from tests.fakes.judge import faults
from tests.fakes.judge.asked import Asked

__all__ = ["AgentServer", "Asked", "faults"]
