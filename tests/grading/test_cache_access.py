from pathlib import Path

import pytest

from rubric_action.grading.cache_access import CacheAccess, cache_access
from rubric_action.rubric.model import JudgeModel, Provider
from tests.grading.samples import KEY

NAMED = {"RUBRIC_CACHE": "kept"}
NO_KEY = (
    "`RUBRIC_CACHE` is not used: without a judge's key, the graded change could have written what "
    "is kept."
)
NO_LASTING_KEY = (
    "`RUBRIC_CACHE` is not used: the job's token signs what is kept, and the next job has another "
    "one."
)


def access(
    keys: dict[Provider, str | None], *, hosted: bool, environ: dict[str, str] = NAMED
) -> CacheAccess:
    """What may be used with judges of these providers, and their keys."""
    models = [JudgeModel(provider, "m") for provider in keys]
    return cache_access(environ, Path("/work"), models, list(keys.values()), hosted=hosted)


@pytest.mark.parametrize("environ", [{}, {"RUBRIC_CACHE": ""}, {"RUBRIC_CACHE": " "}])
@pytest.mark.parametrize("hosted", [True, False])
def test_a_folder_that_is_not_named(environ: dict[str, str], hosted: bool) -> None:
    """Nothing is used, and nothing said about it."""
    found = access({"openai": KEY}, hosted=hosted, environ=environ)
    assert found == CacheAccess()
    assert found.open("grades") is None


@pytest.mark.parametrize("hosted", [True, False])
def test_the_lexical_judge_needs_no_folder(hosted: bool) -> None:
    """It costs nothing: a folder for other rubrics of the repository is passed over in silence."""
    assert access({"lexical": None}, hosted=hosted) == CacheAccess()


@pytest.mark.parametrize(
    ("keys", "hosted", "secret"),
    [
        ({"openai": KEY}, True, KEY),
        ({"openai": KEY}, False, KEY),
        ({"openai": None, "anthropic": KEY}, True, KEY),
        ({"github": "ghs_token", "openai": KEY}, True, KEY),
        ({"github": "ghp_mine"}, False, "ghp_mine"),
        ({"openai": None}, False, ""),
        ({}, False, ""),
    ],
)
def test_what_signs(keys: dict[Provider, str | None], hosted: bool, secret: str) -> None:
    """The first key that lasts; on a laptop none is needed."""
    assert access(keys, hosted=hosted) == CacheAccess(Path("/work/kept"), secret)


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ({"openai": None}, NO_KEY),
        ({"openai": ""}, NO_KEY),
        ({}, NO_KEY),
        ({"github": "ghs_token"}, NO_LASTING_KEY),
    ],
)
def test_a_job_without_a_key_that_lasts(keys: dict[Provider, str | None], note: str) -> None:
    """What anybody could have written is not used, and the user is told why."""
    assert access(keys, hosted=True) == CacheAccess(note=note)


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    """A folder anywhere can be named; it is opened with the secret, which no `repr` shows."""
    found = access({"openai": KEY}, hosted=True, environ={"RUBRIC_CACHE": str(tmp_path)})
    assert KEY not in repr(found)
    cache = found.open("grades")
    assert cache is not None
    with cache:
        cache.put("k", b'{"key":"k"}\n')
    assert len(list(tmp_path.glob("grades-*.jsonl"))) == 1
