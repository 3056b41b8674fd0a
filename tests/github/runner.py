"""What GitHub's runner makes of a step's log and of its output file."""

import re

LINE_ENDS = re.compile(r"\r\n|\r|\n")
OLD_COMMAND = re.compile(r"##\w*\[")


def obeyed(log: str) -> list[str]:
    """The names of the commands in a log: after white space at a line's start, or the old way."""
    names: list[str] = []
    for line in LINE_ENDS.split(log):
        command = re.match(r"::([^:\s]*)", line.strip())
        if command:
            names.append(command[1])
        elif old := OLD_COMMAND.search(line):
            names.append(old[0])
    return names
