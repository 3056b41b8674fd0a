"""Rubrics that the tests of this room start from."""

from typing import Any

import yaml

from rubric_action.errors import InputError, Problem
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Rubric
from rubric_action.rubric.source import read_yaml

FILE = "eval/rubric.yaml"

SMALL = """\
version: 1
cases: eval/cases.jsonl
agent: {outputs: eval/outputs.jsonl}
judge: {provider: lexical}
axes:
  tone: {ask: Is the answer kind?}
slices:
  head: {select: all, min: {tone: 0.8}}
"""

FULL = """\
version: 1
cases: [eval/cases/**/*.jsonl, eval/more.yaml]
agent:
  http:
    url: http://localhost:8000/chat
    method: PUT
    headers: {X-Key: "Bearer ${AGENT_KEY}"}
    body: {question: "{{input}}", depth: 3}
    output: choices[0].text
    openai: false
  trials: 3
  timeout: 800ms
  concurrency: 4
  env: [AGENT_KEY]
judge:
  provider: openai
  model: gpt-5-mini
  base_url: https://models.example.org/v1/
  prices: {input: 0.25, output: 2}
  prompt: Be strict.
  temperature: 0.5
  timeout: 30s
  deadline: 5m
  concurrency: 16
  calibration: eval/calibration.jsonl
  min_agreement: 0.8
  canaries: 20
  margin: 0.1
axes:
  faithfulness:
    ask: Is every claim supported?
    anchors: {1: all are, 0.5: a minor one is not, 0: one is contradicted}
    pass: 0.8
    isolate: true
    per: turn
    applies_to: {tags: [rag], not: {stakes: normal}}
    owner: acme/search
    lexical: support
  policy: {ask: Does it obey the policy?, pass: 1}
rules:
  - {id: no-keys, not_matches: '(?i)api[_-]?key'}
  - {contains: sorry, turn: 1}
  - {max_chars: 2000, axis: policy}
slices:
  head:
    select: {tags: [head], all_tags: [a, b], stakes: high, source: trace, ids: [x], min_turns: 2,
             max_turns: 7, min_context_tokens: 8000}
    min: {faithfulness: 0.92, policy: 1}
    min_pass_rate: 0.9
    gate: hard
    max_drop: 0.02
    latency_p95: 2m
    cost_per_session: 0.08
    owner: mona
  rest: {select: all, informational: true}
regression:
  {max_drop: 0.03, confirm: 7, alpha: 0.02, confidence: 0.9, unconfirmed: warn, commit: 0.8}
ceilings: {latency_p95: 4s, cost_per_session: 0.1}
freshness: {max_context_age: 12h, corpus: eval/corpus.jsonl}
findings: {latency: off, cost: warn, "judge-unreliable": fail}
embeddings: {model: embed-1, base_url: http://127.0.0.1:9000}
override:
  label: rubric-override
  approvers: {users: [mona, {login: lisa, id: 7}], teams: [acme/ai-leads], permission: maintain}
  allow: [threshold, bar-lowered]
  reason: optional
  contributors: true
  max_per_quarter: 4
  ledger: rubric/ledger
"""


def plain(text: str = SMALL) -> Any:
    """A sample as plain values, to be changed by a test; its unquoted `off` becomes a text."""
    value = read_yaml(text, FILE, numeric_keys=lambda _: True).value
    severities = value.get("findings", {})
    severities.update({kind: "off" for kind, each in severities.items() if each is False})
    return value


def load_plain(value: object) -> Rubric:
    """Load plain values as a rubric; texts are quoted, so that they stay what they are."""
    return load_rubric(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), FILE)


def problems_of(text: str) -> tuple[Problem, ...]:
    """The mistakes that the loader finds in a text; none when it takes it."""
    try:
        load_rubric(text, FILE)
    except InputError as error:
        return error.problems
    return ()
