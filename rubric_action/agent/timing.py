"""How long answers took, where whoever gave them does not tell."""

from dataclasses import replace

from rubric_action.agent.sessions import SessionLine


def timed(line: SessionLine, seconds: float) -> SessionLine:
    """Where the agent tells no latency, share out what was measured: only the sum is meant."""
    if not line.turns or any(turn.latency_s is not None for turn in line.turns):
        return line
    share = seconds / len(line.turns)
    return replace(line, turns=tuple(replace(turn, latency_s=share) for turn in line.turns))
