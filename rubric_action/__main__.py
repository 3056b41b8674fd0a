"""`python -m rubric_action` is the command line."""

from rubric_action.cli import main

main(prog_name="rubric-action")
