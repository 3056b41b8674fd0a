"""What a judge is, as a digest: two runs with the same one can be compared."""

import hashlib
import json

from rubric_action.rubric.model import Rubric


def judge_fingerprint(rubric: Rubric) -> str:
    """Changes with whatever can change a grade: models, prompt, and what each axis asks."""
    judge = rubric.judge
    models = [(m.provider, m.model) for m in judge.models] if judge else []
    asked = {
        name: [axis.ask, axis.anchors, axis.isolate, axis.per, axis.lexical]
        for name, axis in rubric.axes.items()
    }
    prompt = [judge.prompt, judge.temperature, judge.vote] if judge else []
    text = json.dumps([models, prompt, asked], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
