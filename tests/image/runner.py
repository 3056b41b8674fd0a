"""How GitHub's runner starts a container action: mounts, environment, working directory."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDERS = ("workspace", "home", "workflow", "file_commands")
FILE_COMMANDS = ("output", "step_summary", "env", "path", "state")
TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Image:
    """A built image and the engine that runs it."""

    engine: str
    name: str

    def run(
        self, *arguments: str, entrypoint: str | None = None, flags: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a throw-away container on the host's network and wait for its end."""
        replaced = () if entrypoint is None else ("--entrypoint", entrypoint)
        command = [self.engine, "run", "--rm", "--network", "host", *flags, *replaced]
        return subprocess.run(
            [*command, self.name, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )

    def python(self, code: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run code in the action's own interpreter, as isolated as the action is."""
        return self.run("-I", *options, "-c", code, entrypoint="/opt/venv/bin/python")


@dataclass(frozen=True, slots=True)
class Step:
    """What one step left behind; `outputs` as later steps of the job would see them."""

    exit_code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job on the runner: its folders on the host, and the steps it starts in the image."""

    image: Image
    root: Path

    def __post_init__(self) -> None:
        """Make the folders that the runner mounts."""
        for name in FOLDERS:
            (self.root / name).mkdir()

    @property
    def workspace(self) -> Path:
        """The checkout, as the host sees it."""
        return self.root / "workspace"

    def write(self, path: str, text: str) -> None:
        """Put a file into the checkout."""
        target = self.workspace / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def step(
        self,
        inputs: Mapping[str, str],
        env: Mapping[str, str] | None = None,
        event: Mapping[str, Any] | None = None,
    ) -> Step:
        """Run the action once, with inputs by their names in action.yml."""
        (self.root / "workflow/event.json").write_text(json.dumps(event or {}), encoding="utf-8")
        for name in FILE_COMMANDS:
            (self.root / "file_commands" / name).write_text("", encoding="utf-8")
        variables = self._environment() | {_input_name(name): inputs[name] for name in inputs}
        variables |= env or {}
        flags = [f"--env={name}={value}" for name, value in variables.items()]
        done = self.image.run(flags=(*flags, *self._mounts(), "--workdir", "/github/workspace"))
        return Step(
            exit_code=done.returncode,
            log=done.stdout + done.stderr,
            outputs=parse_outputs(self._file_command("output")),
            summary=self._file_command("step_summary"),
        )

    def _file_command(self, name: str) -> str:
        return (self.root / "file_commands" / name).read_text(encoding="utf-8")

    def _mounts(self) -> list[str]:
        return [f"--volume={self.root / name}:/github/{name}" for name in FOLDERS]

    def _environment(self) -> dict[str, str]:
        commands = {f"GITHUB_{n.upper()}": f"/github/file_commands/{n}" for n in FILE_COMMANDS}
        return commands | {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_WORKSPACE": "/github/workspace",
            "HOME": "/github/home",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": "/github/runner_temp",
        }


def image_under_test() -> Image:
    """The image that `make image-test` built; fails the test where there is none."""
    try:
        return Image(engine=os.environ["CONTAINER_ENGINE"], name=os.environ["RUBRIC_IMAGE"])
    except KeyError as missing:
        message = f"{missing} is not set; run these tests with `make image-test`"
        raise AssertionError(message) from missing


def parse_outputs(text: str) -> dict[str, str]:
    """Read an outputs file of `name<<delimiter` blocks; any other line is an error."""
    outputs: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, separator, delimiter = line.partition("<<")
        assert separator, f"not a delimited output: {line!r}"
        value: list[str] = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        else:
            message = f"output {name!r} does not end with its delimiter"
            raise AssertionError(message)
        outputs[name] = "\n".join(value)
    return outputs


def _input_name(name: str) -> str:
    return "INPUT_" + name.replace(" ", "_").upper()
