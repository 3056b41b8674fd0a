"""One shard of a run: its cases run and graded, and nothing decided."""

from dataclasses import replace

from rubric_action.cases.shard import Shard
from rubric_action.errors import EXIT_ERROR, EXIT_PASS
from rubric_action.pipeline import Request, Results, graded
from rubric_action.report.redact import redacted
from rubric_action.report.shard import ShardReport, shard_summary
from rubric_action.report.stored import CASES, SESSIONS, SUMMARY


async def run_shard(request: Request, shard: Shard) -> ShardReport:
    """Run and grade a shard's cases, and write its folder. Raises like `pipeline.run`.

    All cases and sessions are checked, as in a whole run. `request.max_judge_cost` is the whole
    suite's: the shard may spend its part of it.
    """
    started = request.clock()
    most = request.max_judge_cost
    own = replace(request, max_judge_cost=None if most is None else most / shard.of)
    results = await graded(own, shard)
    kept, folder = results.keeper.kept, results.folder
    report = _report(request, shard, results, request.clock() - started)
    folder.write_lines(CASES, kept.case_lines())
    folder.write_lines(SESSIONS, kept.session_lines())
    folder.write_json(SUMMARY, shard_summary(report))
    return report


def shard_exit_code(report: ShardReport) -> int:
    """0 for a shard that did its part, whatever came out; its cases are weighed by the merge."""
    return EXIT_ERROR if report.stopped else EXIT_PASS


def _report(request: Request, shard: Shard, results: Results, seconds: float) -> ShardReport:
    from rubric_action.assemble import judge_info

    redact = results.folder.redact
    passed = [case.passed for case in results.keeper.kept.results]
    return ShardReport(
        shard=shard,
        run=replace(request.run, seconds=seconds),
        digest=results.rubric.digest,
        suite=results.cases.digest,
        cases=len(passed),
        total=len(results.cases),
        failed=passed.count(False),
        undecided=passed.count(None),
        judge=judge_info(results.rubric),
        judge_model=request.judge_model,
        outputs=request.outputs,
        spend=results.spend,
        stopped=redacted(results.stopped, redact),
        warnings=redacted((*results.cases.warnings, *results.warnings), redact),
    )
