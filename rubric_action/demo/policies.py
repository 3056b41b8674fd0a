"""What the documents decide: requests that a passage settles, and limits to compare with.

The tables say where a limit stands and how it is worded; the number itself is read from the
document, so that a changed document changes the answer.
"""

import re
from dataclasses import dataclass

RETURN = r"refund|money back|return|send (?:it|them|this) back"
FAULT = r"fault|broke|defect|stopped working|leak|torn|snapped|came apart|warranty"
YES, NO, TOO_LATE = "Yes.", "No.", "No, not any more."


@dataclass(frozen=True, slots=True)
class Ruling:
    """A request that a passage settles: ``asks`` in the turn, ``about`` in what it refers to."""

    asks: str
    about: str
    source: str
    heading: str
    lead: str = NO


@dataclass(frozen=True, slots=True)
class Limit:
    """A request that a number settles: the user's against the one that ``states`` the limit.

    ``unit`` is hour, day, month or EUR. Past the limit, ``past`` names the passage to quote.
    """

    asks: str
    about: str
    source: str
    heading: str
    states: str
    unit: str = "day"
    past: str = ""
    inside: str = YES
    outside: str = TOO_LATE
    goodwill: bool = False


RULINGS = (
    Ruling(r"another customer|neighbour|ex-|her (?:address|order)|his (?:address|order)|who bought",
           "", "privacy.md", "Other people's orders"),
    Ruling(r"lawyer|liab|\bsue\b|legal advice", "", "contact.md", "Legal letters"),
    Ruling(f"{RETURN}|{FAULT}|recall", r"ember 2|e2-4\d\d\d", "product-safety.md",
           "Recall refunds", YES),
    Ruling(f"{RETURN}|exchange", "final sale", "sale-items.md", "Final sale"),
    Ruling(RETURN, r"paid (?:with|by) (?:a |my )?gift card", "gift-cards.md",
           "Refunds of orders paid by gift card", ""),
    Ruling(f"{RETURN}|cash", "gift card", "gift-cards.md", "No cash"),
    Ruling(RETURN, r"engrav|opened|earplugs|underwear", "returns.md",
           "Items that cannot be returned"),
    Ruling(RETURN, r"\bworn\b|washed|muddy|stain", "returns.md", "Condition"),
    Ruling("cancel", r"shipped|dispatched|on its way|left (?:the|your) warehouse|in transit",
           "cancellations.md", "After dispatch"),
    Ruling(r"change .*address|different address", r"shipped|dispatched|on its way|left",
           "shipping.md", "Changing the address"),
    Ruling(r"\bvat\b", r"already|after|last|forgot", "eu-vat.md", "Business customers"),
    Ruling(r"ship|deliver|send", r"\bus\b|\busa\b|united states|canada|texas", "international.md",
           "Countries"),
    Ruling(r"mark|declare|label", "gift", "international.md", "Customs"),
    Ruling(r"bitcoin|crypto|cash on delivery", "", "payment.md", "Methods"),
)  # fmt: skip

LIMITS = (
    Limit("cancel", "engrav", "cancellations.md", "Engraved items", r"within (\d+) hours", "hour"),
    Limit(r"crushed|smashed|damaged|dented", "", "lost-parcels.md", "Damaged on arrival",
          r"within (\d+) hours", "hour"),
    Limit(FAULT, "tent|backpack", "warranty.md", "Length", r"of (\d+) months\.$", "month",
          "After the warranty"),
    Limit(FAULT, "", "warranty.md", "Length", r"of (\d+) months from", "month",
          "After the warranty"),
    Limit(RETURN, r"\bsale\b|outlet|discounted", "sale-items.md", "Returning sale items",
          r"within (\d+) days"),
    Limit(RETURN, "", "returns.md", "Return window", r"within (\d+) days", past="Late returns",
          goodwill=True),
    Limit(r"exchange|swap|other size|another size|bigger size", "", "exchanges.md",
          "Exchanging for another size", r"within (\d+) days"),
    Limit(r"cheaper|lower price|price match|price (?:fell|dropped)", "", "price-match.md",
          "Lower price elsewhere", r"within (\d+) days"),
    Limit(r"expired|expire|still valid", "gift card", "gift-cards.md", "Validity",
          r"for (\d+) years", "year"),
    Limit(r"instal?lments?|pay later|pay in 3", "", "payment.md", "Pay later", r"from (\d+) EUR",
          "EUR", inside="No, not for that order.", outside=YES),
    Limit(r"free (?:shipping|delivery)|pay for (?:shipping|delivery)|delivery free", "",
          "shipping.md", "Shipping costs", r"over (\d+) EUR", "EUR", inside="No, not yet.",
          outside=YES),
)  # fmt: skip

_COUNT = (
    r"(\d[\d,]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen"
    r"|twenty|thirty|forty)"
)
_SPELLED = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "eighteen": 18, "twenty": 20, "thirty": 30,
    "forty": 40,
}  # fmt: skip
_AGE = re.compile(
    rf"\b{_COUNT} (hour|day|week|month|year)s? (?:ago|old|back|late)\b"
    rf"|\b(?:for|after|been|had (?:it|them|this)) (?:about )?{_COUNT} (hour|day|week|month|year)s?"
    rf"|^(?:it was |about |around )*{_COUNT} (hour|day|week|month|year)s?\W*$",
    re.IGNORECASE,
)
_DAY_NUMBER = re.compile(r"\bday (\d+)\b", re.IGNORECASE)
_PRICE = re.compile(r"(?:€|EUR) ?(\d[\d,]*)|(\d[\d,]*)(?:\.\d+)? ?(?:€|EUR|euros?)", re.IGNORECASE)
_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 730, "year": 8760}


def quantity(text: str, unit: str) -> float | None:
    """The age (in ``unit``) or, for EUR, the price that the user states last; None for neither."""
    if unit == "EUR":
        prices = [a or b for a, b in _PRICE.findall(text)]
        return float(prices[-1].replace(",", "")) if prices else None
    hours = [float(day) * 24 for day in _DAY_NUMBER.findall(text)]
    for found in _AGE.finditer(text):
        count, name = (group for group in found.groups() if group)
        number = _SPELLED.get(count.lower()) or float(count.replace(",", ""))
        hours.append(number * _HOURS[name.lower()])
    return hours[-1] / _HOURS[unit] if hours else None
