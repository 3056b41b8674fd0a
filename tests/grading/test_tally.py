import json

import pytest

from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.cache import Reply
from rubric_action.grading.embeddings import LONGEST_TEXT
from rubric_action.grading.estimate import Counting
from rubric_action.grading.prices import PriceList
from rubric_action.grading.tally import Asked, Call, Tally, TextTally
from rubric_action.rubric.model import JudgeModel, Prices

OWN = JudgeModel("openai", "our-own", prices=Prices(1.0, 10.0))
UNKNOWN = JudgeModel("openai", "nobody-knows-it")
BODY = json.dumps({"messages": [{"role": "user", "content": "a" * 470}]}).encode()
SENT = 106
"""Tokens of that body: 100 of text, and three each for the message and the reply."""


def tally(model: JudgeModel = OWN, *, reasons: bool = False) -> Tally:
    """A tally of calls to a model on a server of one's own."""
    return Tally(Counting(schema=False), PriceList(model), reasons=reasons)


def call(key: str = "k1") -> Call:
    """A call that usually takes 40 tokens of reply."""
    return Call(key, BODY, 40)


def kept(usage: TokenUsage | None = None) -> Reply:
    """A reply that was paid for."""
    return Reply({}, "our-own", usage)


def counts(asked: Asked) -> tuple[int, int, int, int]:
    """Calls, those that are certain, cached replies, and repeated calls."""
    return asked.calls, asked.least, asked.cached, asked.repeated


def test_nothing_asked() -> None:
    """A model that is not asked costs nothing, whether its price is known or not."""
    for model in (OWN, UNKNOWN):
        asked = tally(model).asked()
        assert (counts(asked), asked.cost) == ((0, 0, 0, 0), Asked().cost)


def test_calls_of_known_sessions() -> None:
    """A call whose reply is there is cached; one with the content of another is made once."""
    found = tally()
    for one, reply in (
        (call("a"), None),
        (call("a"), None),
        (call("b"), kept()),
        (call("c"), None),
    ):
        found.add(one, reply, known=True)
    assert counts(found.asked()) == (2, 2, 1, 1)


def test_a_kept_reply_serves_all_of_its_content() -> None:
    """Two sessions with one kept reply are both cached."""
    found = tally()
    found.add(call(), kept(), known=True)
    found.add(call(), kept(), known=True)
    assert counts(found.asked()) == (0, 0, 2, 0)


def test_calls_of_sessions_yet_to_be_held() -> None:
    """All stand-ins are counted as asked; at least, those of new content without a reply."""
    found = tally()
    for one, reply in ((call("a"), None), (call("a"), None), (call("b"), kept())):
        found.add(one, reply, known=False)
    assert counts(found.asked()) == (3, 1, 0, 0)


def test_calls_that_may_not_come() -> None:
    """What may not be asked at all is no part of the least."""
    found = tally()
    found.add(call(), None, known=False, certain=False)
    assert counts(found.asked()) == (1, 0, 0, 0)


def test_tokens_and_cost() -> None:
    """Tokens are those of the bodies, priced by the rubric's price."""
    found = tally()
    found.add(call("a"), None, known=True)
    found.add(call("b"), None, known=True)
    asked = found.asked()
    assert asked.input.estimate == pytest.approx(2 * SENT)
    assert asked.output.estimate == pytest.approx(80)
    assert asked.price is not None
    assert (asked.price.input, asked.price.output) == pytest.approx((1.0, 10.0))
    assert asked.cost is not None
    assert asked.cost.estimate == pytest.approx((2 * SENT * 1 + 80 * 10) / 1e6)
    assert asked.cost.low < asked.cost.estimate < asked.cost.high


def test_an_unknown_price() -> None:
    """Without a price the cost of calls is unknown, and not 0."""
    found = tally(UNKNOWN)
    found.add(call(), None, known=True)
    assert (found.asked().cost, found.asked().price) == (None, None)


def test_paid_replies_teach() -> None:
    """Each paid reply counts once, wherever it comes from, and sets tokens right."""
    found = tally(reasons=True)
    bill = kept(TokenUsage(2 * SENT, 120))
    found.learn(call("past"), bill)
    found.learn(call("past"), bill)
    found.add(call("past"), bill, known=True)
    found.add(call("other"), bill, known=True)
    found.add(call("new"), None, known=True)
    asked = found.asked()
    assert (asked.learned, asked.hidden) == (2, False)
    assert asked.input.estimate == pytest.approx(2 * SENT)
    assert asked.output.estimate == pytest.approx(120)


def test_a_reply_without_a_bill() -> None:
    """A reply whose tokens are unknown teaches nothing."""
    found = tally(reasons=True)
    found.learn(call("past"), kept())
    found.add(call(), None, known=True)
    assert (found.asked().learned, found.asked().hidden) == (0, True)


def test_the_prompt_cache_s_discount() -> None:
    """What the provider took off before, since it had the prompt's beginning, is taken off."""
    found = Tally(Counting(schema=False), PriceList(JudgeModel("openai", "gpt-4o-mini")))
    found.learn(call("past"), kept(TokenUsage(SENT, 40, cache_read_tokens=SENT)))
    found.add(call(), None, known=True)
    asked = found.asked()
    listed = PriceList(JudgeModel("openai", "gpt-4o-mini")).cost_usd(TokenUsage(SENT, 40))
    assert asked.cost is not None
    assert listed is not None
    assert asked.cost.estimate < listed * 0.9


def test_texts_to_embed() -> None:
    """Texts count once each, share requests, and have a price for what is sent alone."""
    found = TextTally(PriceList(OWN))
    found.add(f"{'a' * 470}{number}" for number in range(25))
    found.add([f"{'a' * 470}0", "a" * (LONGEST_TEXT + 1)])
    asked = found.asked()
    assert (asked.calls, asked.least) == (3, 1)
    assert asked.input.estimate == pytest.approx(2_500, rel=0.02)
    assert asked.output.high == 0
    assert asked.cost is not None
    assert asked.cost.estimate == pytest.approx(asked.input.estimate / 1e6)


def test_texts_at_an_unknown_price() -> None:
    """What it costs to embed them is unknown then, and not 0."""
    found = TextTally(PriceList(UNKNOWN))
    found.add(["Yes."])
    assert (found.asked().cost, found.asked().price) == (None, None)
