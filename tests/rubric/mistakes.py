"""Rubrics with one mistake each: the text, its place, its key, and words of the message."""

from tests.rubric.samples import FULL, SMALL


def edited(old: str, new: str, text: str = FULL) -> str:
    """The full sample with one edit."""
    assert text.count(old) == 1
    return text.replace(old, new)


ONE_MISTAKE = [
    # typos and unknown keys
    (
        edited("    min: {fa", "    minn: {fa"),
        "48:5",
        "slices.head.minn",
        "Did you mean `min`? Known keys here: `select`, `min`,",
    ),
    (edited("regression:\n", "regresion:\n"), "56:1", "regresion", "Did you mean `regression`?"),
    (FULL + "zebra: 1\n", "70:1", "zebra", "unknown key. Known keys here: `version`, `cases`"),
    (
        edited("latency: off", "latancy: off"),
        "60:12",
        "findings.latancy",
        "Did you mean `latency`?",
    ),
    (
        edited("latency: off", "missing: off"),
        "60:12",
        "findings.missing",
        "Known keys here: `judge-unreliable`",
    ),
    (edited("latency: off", "latency: no"), "60:21", "findings.latency", "found the boolean `no`"),
    # wrong types
    (
        edited("trials: 3", "trials: three"),
        "11:11",
        "agent.trials",
        "a whole number from 1 to 100, found the text `three`",
    ),
    (edited("trials: 3", "trials: yes"), "11:11", "agent.trials", "found the boolean `yes`"),
    (edited("owner: mona", "owner: no"), "54:12", "slices.head.owner", 'Put it in quotes: "no".'),
    (
        edited("tags: [head]", "tags: head"),
        "46:20",
        "slices.head.select.tags",
        "Write a list: `[head]`.",
    ),
    (
        edited("isolate: true", "isolate: 'true'"),
        "34:14",
        "axes.faithfulness.isolate",
        "expected true or false",
    ),
    (edited("version: 1", "version: 2"), "1:10", "version", "This release reads version 1."),
    (edited("version: 1", "version: '1'"), "1:10", "version", "found the text `1`"),
    # bounds, durations, money
    (
        edited("faithfulness: 0.92", "faithfulness: 92"),
        "48:25",
        "slices.head.min.faithfulness",
        "a number from 0 to 1",
    ),
    (edited("pass: 1}", "pass: 1.01}"), "39:49", "axes.policy.pass", "a number from 0 to 1"),
    (
        edited("latency_p95: 4s", "latency_p95: 4"),
        "58:25",
        "ceilings.latency_p95",
        "Write a number and its unit: `800ms`",
    ),
    (
        edited("latency_p95: 4s", "latency_p95: 4 sec"),
        "58:25",
        "ceilings.latency_p95",
        "found the text `4 sec`",
    ),
    (
        edited("max_context_age: 12h", "max_context_age: 0d"),
        "59:30",
        "freshness.max_context_age",
        "a duration",
    ),
    (
        edited("cost_per_session: 0.1}", "cost_per_session: $0.1}"),
        "58:47",
        "ceilings.cost_per_session",
        "a number from 0, in USD",
    ),
    (edited("alpha: 0.02", "alpha: 0"), "57:39", "regression.alpha", "a number above 0 below 1"),
    # names and references
    (
        edited("policy: 1}", "polcy: 1}"),
        "48:31",
        "slices.head.min.polcy",
        "unknown axis. Did you mean `policy`? Known axes: `faithfulness`, `policy`.",
    ),
    (edited("axis: policy", "axis: polite"), "43:29", "rules[2].axis", "Did you mean `policy`?"),
    (edited("  rest:", "  the rest:"), "55:3", "slices.the rest", "A name is up to 64 letters"),
    # slices and bars
    (
        edited("informational: true", "owner: mona"),
        "55:3",
        "slices.rest",
        "Add `min`, `min_pass_rate` or `gate: hard`, or say",
    ),
    (
        edited("gate: hard", "gate: soft"),
        "50:11",
        "slices.head.gate",
        "Write `gate: hard`, or leave it out.",
    ),
    (
        edited("min_turns: 2", "min_turns: 8"),
        "46:5",
        "slices.head.select",
        "`min_turns` 8 is more than `max_turns` 7",
    ),
    (
        edited("select: all,", "select: everything,"),
        "55:18",
        "slices.rest.select",
        "Write `all`, or a selector",
    ),
    # agent
    (
        edited("  trials: 3", "  outputs: o.jsonl\n  trials: 3"),
        "11:3",
        "agent.outputs",
        "found `http` as well. Keep one of them.",
    ),
    (
        edited("http://localhost", "ftp://localhost"),
        "5:10",
        "agent.http.url",
        "expected an http or https address",
    ),
    (
        edited("http://localhost", "http://me:pw@localhost"),
        "5:10",
        "agent.http.url",
        "user name or password",
    ),
    (
        edited("${AGENT_KEY}", "${OTHER}"),
        "7:22",
        "agent.http.headers.X-Key",
        "Add it: `env: [OTHER]`.",
    ),
    (
        edited("env: [AGENT_KEY]", "env: [AGENT_KEY, GITHUB_TOKEN]"),
        "14:20",
        "agent.env[1]",
        "such as `AGENT_API_KEY`",
    ),
    (edited("outputs: eval", "outputs: /eval", SMALL), "3:18", "agent.outputs", "without `..`"),
    (edited("outputs: eval", "outputs: x/../../y", SMALL), "3:18", "agent.outputs", "without `..`"),
    # judge
    (
        edited("{provider: lexical}", "{provider: opnai, model: x}", SMALL),
        "4:19",
        "judge.provider",
        "Did you mean `openai`?",
    ),
    (
        edited("{provider: lexical}", "{provider: openai}", SMALL),
        "4:1",
        "judge",
        "`model` is missing",
    ),
    (
        edited("{provider: lexical}", "{provider: azure, model: x}", SMALL),
        "4:1",
        "judge",
        "`base_url` is missing",
    ),
    (
        edited("{provider: lexical}", "{provider: lexical, model: x}", SMALL),
        "4:28",
        "judge.model",
        "`lexical` has no such thing",
    ),
    (
        edited("judge: {provider: lexical}\n", "", SMALL),
        "4:1",
        "axes",
        "`judge` is missing: no rule settles `tone`",
    ),
    (edited("https://models", "http://models"), "18:13", "judge.base_url", "Write `https://...`."),
    (
        edited("https://models.example.org", "https://evil@models.example.org"),
        "18:13",
        "judge.base_url",
        "user name",
    ),
    (
        edited("{1: all are,", "{1: all are, 1.0: some are,"),
        "32:5",
        "axes.faithfulness.anchors",
        "two anchors for the score 1",
    ),
    (
        edited("{1: all are,", "{2: all are,"),
        "32:15",
        "axes.faithfulness.anchors.2",
        "A name is a score from 0 to 1.",
    ),
    # rules
    (
        edited("(?i)api[_-]?key", "(?i)api[_-?key"),
        "41:32",
        "rules[0].not_matches",
        "not a regular expression",
    ),
    (
        edited("contains: sorry", "contain: sorry"),
        "42:6",
        "rules[1].contain",
        "Did you mean `contains`?",
    ),
    # override
    (
        edited("allow: [threshold,", "allow: [missing,"),
        "65:11",
        "override.allow[0]",
        "expected `hard-gate` or",
    ),
    (
        edited("users: [mona,", "users: [no,"),
        "64:23",
        "override.approvers.users[0]",
        'Put it in quotes: "no".',
    ),
    (
        edited("users: [mona,", "users: [null,"),
        "64:23",
        "override.approvers.users[0]",
        "found nothing (`null`)",
    ),
    (
        edited("users: [mona,", "users: [123,"),
        "64:23",
        "override.approvers.users[0]",
        "found the number `123`",
    ),
    (
        edited("users: [mona,", "users: ['@mona',"),
        "64:23",
        "override.approvers.users[0]",
        "without `@`",
    ),
    (
        edited("acme/ai-leads", "ai-leads"),
        "64:60",
        "override.approvers.teams[0]",
        "a team as `org/slug`",
    ),
    (edited("  label: rubric-override\n", ""), "62:1", "override", "`label` is missing"),
    (
        edited("permission: maintain", "permission: owner"),
        "64:88",
        "override.approvers.permission",
        "`write` or `maintain` or `admin`",
    ),
    # the file
    (
        edited("eval/cases.jsonl", "*.jsonl", SMALL),
        "2:9",
        None,
        "starts with `*` has to stand in quotes",
    ),
    ("just a text\n", "1:1", None, "expected a rubric, found the text `just a text`"),
    ("", "1:1", None, "expected a rubric, found nothing"),
    ("- version: 1\n", "1:1", None, "expected a rubric, found a list"),
    (edited("tone: {ask", "tone: &x {ask", SMALL), "6:9", "axes.tone", "an anchor"),
    (edited("version: 1\n", "version: 1\nversion: 1\n", SMALL), "2:1", "version", "a second time"),
]
