"""What a judge is, as a digest: two runs with the same one can be compared."""

import hashlib
import json

from rubric_action.rubric.model import JudgeModel, Rubric


def judge_fingerprint(rubric: Rubric) -> str:
    """Changes with whatever can change a grade: models, prompt, and what each axis asks.

    Among the models is the one of embeddings where it is named: rules that compare settle axes too.
    """
    judge = rubric.judge
    models = [_named(model) for model in judge.models] if judge else []
    asked = {
        name: [axis.ask, axis.anchors, axis.isolate, axis.per, axis.lexical]
        for name, axis in rubric.axes.items()
    }
    prompt = [judge.prompt, judge.temperature, judge.vote] if judge else []
    embedded = [rubric.embeddings.model] if rubric.embeddings.model else []
    text = json.dumps([models, prompt, asked, *embedded], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _named(model: JudgeModel) -> tuple[str | None, ...]:
    """What says which model it is; on Azure the deployment may stand in the address alone."""
    where = (model.base_url,) if model.provider == "azure" else ()
    return (model.provider, model.model, *where)
