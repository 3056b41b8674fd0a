from pathlib import Path

import pytest

from rubric_action.agent.runner_host import default_gateway, runner_host

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
BRIDGE = "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
OWN_NET = "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"


@pytest.mark.parametrize(
    ("routes", "gateway"),
    [
        (HEAD + BRIDGE + OWN_NET, "172.17.0.1"),
        (HEAD + OWN_NET + BRIDGE, "172.17.0.1"),
        (HEAD + BRIDGE.replace("0\t0\t0\t00000000", "0\t0\t100\t00000000") + BRIDGE, "172.17.0.1"),
        (
            HEAD + BRIDGE.replace("\t0\t00000000", "\t9\t00000000") + BRIDGE.replace("AC", "0A"),
            "10.17.0.1",
        ),
        (HEAD + OWN_NET, None),
        (HEAD + BRIDGE.replace("0003", "0001"), None),
        (HEAD + BRIDGE.replace("010011AC", "nonsense"), None),
        (HEAD + BRIDGE.replace("010011AC", "010011AC00"), None),
        (HEAD + "eth0\t00000000\n", None),
        (HEAD, None),
        ("", None),
    ],
)
def test_the_gateway_is_the_default_route_s(routes: str, gateway: str | None) -> None:
    """Of the lines of Linux' table the default route with the lowest metric counts."""
    assert default_gateway(routes) == gateway


@pytest.mark.parametrize(
    ("files", "actions", "host"),
    [
        (("proc/net/route", ".dockerenv"), "true", "172.17.0.1"),
        (("proc/net/route", "run/.containerenv"), "true", "172.17.0.1"),
        (("proc/net/route", ".dockerenv"), "false", None),
        (("proc/net/route",), "true", None),
        ((".dockerenv",), "true", None),
    ],
)
def test_the_runner_is_looked_for_in_its_container_only(
    tmp_path: Path, files: tuple[str, ...], actions: str, host: str | None
) -> None:
    """Outside of a container, or of GitHub, `localhost` is this machine and nothing else."""
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(HEAD + BRIDGE)
    assert runner_host({"GITHUB_ACTIONS": actions}, tmp_path) == host
