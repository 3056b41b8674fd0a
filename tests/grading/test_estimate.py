import pytest

from rubric_action.agent.model import AgentTurn, Session
from rubric_action.cases.model import Case, UserTurn
from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.estimate import (
    Counting,
    Learned,
    Span,
    counting_at,
    input_span,
    line_tokens,
    output_span,
    reasons_first,
    reply_tokens,
    request_tokens,
    text_tokens,
)
from rubric_action.grading.prompt import build_prompt
from rubric_action.grading.providers import provider_for
from rubric_action.rubric.model import Axis

O200K = {
    "Thanks for reaching out! You can return the headphones within thirty days of delivery, as "
    "long as they are undamaged and in their original box. Once our warehouse has checked them, "
    "the refund goes back to the card you paid with, which takes three to five working days.": 55,
    "Order 4417-90213 of 2026-03-31: 3 items at 24.99 USD, 1 item at 149.00 USD, shipping 6.50 "
    "USD, total 230.47 USD, paid with the card ending in 8802.": 60,
    'get_order {"order_id": "A-4417", "fields": ["status", "items", "shipping_address"], '
    '"customer": {"id": 90213, "tier": "gold"}}': 41,
    "def total(prices: list[float], discount: float = 0.0) -> float:\n"
    '    """The sum of the prices, less a discount."""\n'
    "    subtotal = sum(price for price in prices if price > 0)\n"
    "    return round(subtotal * (1 - discount), 2)\n": 62,
    "## Refunds\n\n- **Within 30 days:** the full price, to the card that was used.\n"
    "- **After 30 days:** a voucher, unless the item is *defective*.\n"
    "- See [the policy](https://example.com/refunds) for damaged parcels.\n": 58,
    "Sie können die Kopfhörer innerhalb von dreißig Tagen zurückschicken, solange sie unbeschädigt "
    "und in der Originalverpackung sind. Das Geld erhalten Sie danach auf die Karte zurück, mit "
    "der Sie bezahlt haben.": 47,
    "Słuchawki można zwrócić w ciągu trzydziestu dni od dostawy, pod warunkiem że są nieuszkodzone "
    "i w oryginalnym opakowaniu. Pieniądze wrócą na kartę, którą zapłacono.": 58,
    "Вы можете вернуть наушники в течение тридцати дней после доставки, если они не повреждены и "
    "находятся в оригинальной упаковке. Деньги вернутся на карту, которой вы платили.": 42,
    "Μπορείτε να επιστρέψετε τα ακουστικά μέσα σε τριάντα ημέρες από την παράδοση, εφόσον δεν "  # noqa: RUF001
    "έχουν ζημιά και βρίσκονται στην αρχική τους συσκευασία.": 48,
    "يمكنك إرجاع سماعات الرأس خلال ثلاثين يومًا من التسليم بشرط أن تكون سليمة وفي عبوتها الأصلية، "
    "وسيعود المبلغ إلى البطاقة التي دفعت بها.": 41,
    "आप हेडफ़ोन को डिलीवरी के तीस दिनों के भीतर लौटा सकते हैं, "
    "बशर्ते वे क्षतिग्रस्त न हों और अपने मूल डिब्बे में हों।": 67,
    "ヘッドホンは、破損がなく元の箱に入っていれば、お届けから三十日以内に返品できます。"
    "返金はお支払いに使われたカードに戻ります。": 45,
    "헤드폰은 손상이 없고 원래 상자에 들어 있으면 배송 후 삼십 일 이내에 반품할 수 있습니다. "
    "환불은 결제하신 카드로 처리됩니다.": 42,
    "只要耳机没有损坏并且保留原包装,您可以在收货后三十天内退货。"
    "退款将退回到您付款时使用的银行卡。": 38,
}
"""Texts with the tokens that `o200k_base` makes of them."""

OPENAI = "https://api.openai.com/v1"
AXES = (Axis("tone", "Is it polite?"), Axis("policy", "Does it obey?", per="turn"))


def body(provider: str = "openai", answer: str = "Yes, within thirty days.") -> dict[str, object]:
    """A real request on one turn."""
    case = Case("c", (UserTurn("May I return it?"),))
    prompt = build_prompt("Be strict.", AXES[:1], case, Session("c", 1, (AgentTurn(answer),)))
    return provider_for(provider).body("small", 0.0, prompt)


@pytest.mark.parametrize("text", O200K, ids=lambda text: text[:12])
def test_texts_of_many_scripts(text: str) -> None:
    """A text comes within a fifth of what a real tokenizer makes of it, in any script."""
    assert text_tokens(text) == pytest.approx(O200K[text], rel=0.2)


def test_english_and_what_machines_write() -> None:
    """English, JSON, code, Markdown and numbers together come within 5 %."""
    usual = list(O200K)[:5]
    assert sum(map(text_tokens, usual)) == pytest.approx(sum(O200K[t] for t in usual), rel=0.05)


def test_signs_of_no_script() -> None:
    """A sign that no script has, such as an emoji, counts one token; no text none."""
    assert text_tokens("🙂") == pytest.approx(1.0)
    assert text_tokens("") == 0


def test_every_text_of_a_request_counts() -> None:
    """A longer answer adds its own tokens and nothing else."""
    more = request_tokens(body(answer="Yes. " * 101), Counting(schema=False))
    less = request_tokens(body(answer="Yes. " * 1), Counting(schema=False))
    assert more - less == pytest.approx(text_tokens("Yes. " * 100), abs=6)  # the nonce differs


@pytest.mark.parametrize("provider", ["openai", "anthropic", "github"])
def test_the_same_prompt_of_any_provider(provider: str) -> None:
    """Whatever shape the request has, its texts and its schema are found."""
    texts = request_tokens(body(provider), Counting(schema=False))
    assert texts == pytest.approx(request_tokens(body(), Counting(schema=False)), abs=4)
    schema = request_tokens(body(provider), Counting()) - texts
    assert 30 < schema < 70


def test_a_schema_elsewhere() -> None:
    """The schema counts in whatever key it stands; without one nothing is added."""
    plain = {"messages": [{"role": "user", "content": "Hello"}]}
    schema = {"type": "object", "properties": {"tone": {"type": "number"}}, "required": ["tone"]}
    form = {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    assert request_tokens(plain, Counting()) == request_tokens(plain, Counting(schema=False))
    assert request_tokens(plain | form, Counting()) > request_tokens(plain, Counting()) + 9


@pytest.mark.parametrize(
    ("provider", "base_url", "schema", "dearer"),
    [
        ("openai", OPENAI, True, False),
        ("openai", "https://eu.api.openai.com/v1", True, False),
        ("openai", "https://models.example.com/v1", False, False),
        ("openai", "http://localhost:8000/v1", False, False),
        ("azure", "https://acme.openai.azure.com", True, False),
        ("github", "https://models.github.ai/inference", True, False),
        ("anthropic", "https://api.anthropic.com", True, True),
        ("anthropic", "http://127.0.0.1:8000", False, False),
    ],
)
def test_how_an_endpoint_counts(provider: str, base_url: str, schema: bool, dearer: bool) -> None:
    """A vendor counts the schema, Anthropic more tokens a text; one's own server text alone."""
    counting = counting_at(provider, base_url)
    assert counting.schema is schema
    assert (counting.factor > 1 and counting.extra > 100) is dearer


def test_tokens_of_a_reply() -> None:
    """A reply grows with its axes, and by turn where an axis is graded by turn."""
    one = reply_tokens(AXES[:1], 3, Counting())
    assert one == pytest.approx(45, abs=2)
    assert reply_tokens(AXES, 3, Counting()) == pytest.approx(4 * one, abs=4)
    assert reply_tokens(AXES[:1], 3, Counting(2.0)) == 2 * one
    assert line_tokens(Counting(2.0)) == 2 * line_tokens(Counting())


@pytest.mark.parametrize(
    ("model", "thinks"),
    [
        ("gpt-5-mini", True),
        ("openai/gpt-5-mini", True),
        ("gpt-5-chat-latest", False),
        ("o4-mini", True),
        ("gpt-4o-mini", False),
        ("gpt-4.1", False),
        ("claude-sonnet-4-5", False),
        ("deepseek-reasoner", True),
        ("qwen3-thinking", True),
    ],
)
def test_models_that_think(model: str, thinks: bool) -> None:
    """A model that thinks before it answers is known by its name."""
    assert reasons_first(model) is thinks


def learned(*bills: tuple[float, float, TokenUsage]) -> Learned:
    """What some bills teach."""
    found = Learned()
    for sent, received, usage in bills:
        found.add(sent, received, usage)
    return found


def test_bills_set_the_estimate_right() -> None:
    """What was paid for, against what would have been estimated for it, corrects all estimates."""
    known = learned((100, 40, TokenUsage(120, 30)), (300, 40, TokenUsage(360, 30)))
    assert known.replies == 2
    sent, received = input_span(1000, known), output_span(400, 10, known, reasons=True)
    assert sent.estimate == pytest.approx(1200)
    assert received.estimate == pytest.approx(300)
    assert sent.high / sent.estimate <= 1.1
    assert received.high / received.estimate <= 1.1


def test_bills_of_nothing_teach_nothing() -> None:
    """An endpoint that counts no tokens leaves the estimate as it is."""
    known = learned((100, 40, TokenUsage(0, 0)))
    assert input_span(1000, known).estimate == 1000
    assert output_span(400, 10, known, reasons=False).estimate == 400


def test_unknown_reasoning_widens_the_span() -> None:
    """Unseen reasoning is a guess between none and much, until bills tell."""
    seen = output_span(400, 10, Learned(), reasons=False)
    thought = output_span(400, 10, Learned(), reasons=True)
    assert seen.low < seen.estimate < seen.high
    assert thought.low == seen.low
    assert thought.estimate == seen.estimate + 4_000
    assert thought.high == seen.high + 10_000


def test_spans_add_up() -> None:
    """Spans are added and turned into another unit bound by bound."""
    assert Span(1, 2, 3) + Span(10, 20, 30) == Span(11, 22, 33)
    assert Span(1, 2, 3).times(2) == Span(2, 4, 6)
    assert Span.around(10, 0.5, 2) == Span(5, 10, 20)
