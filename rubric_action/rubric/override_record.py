"""The `override` section as it is written."""

from typing import Any, Final

from rubric_action.rubric.decode import Choice, Decoder, Flag, Text, Whole
from rubric_action.rubric.kinds import OVERRIDABLE
from rubric_action.rubric.model import Approver, Approvers, OverridePolicy
from rubric_action.rubric.record import AtLeastOne, Key, Record
from rubric_action.rubric.shapes import Either, ListOf, Parsed

LOGIN: Final = Text(
    "a login",
    pattern="[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})",
    mend="Write the person's GitHub login, without `@`.",
)

APPROVER_KEYS: Final = (
    Key("login", LOGIN, "the person's login", required=True),
    Key("id", Whole(1), "the account's number, which no renaming changes"),
)

_APPROVER: Final[Decoder[Approver]] = Either(
    Parsed(LOGIN, Approver, "a login"),
    Record(Approver, APPROVER_KEYS, expected="a mapping `{login, id}`"),
)

_TEAM = Text(
    "a team as `org/slug`",
    pattern="[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_.-]{1,100}",
)

APPROVERS_KEYS: Final = (
    Key(
        "users",
        ListOf(_APPROVER, "a list of logins", at_least=1),
        "people: a login or `{login, id}`",
    ),
    Key("teams", ListOf(_TEAM, "a list of teams", at_least=1), "teams as `org/slug`"),
    Key(
        "permission",
        Choice("write", "maintain", "admin"),
        "everyone with this permission on the repository, or a higher one",
    ),
)

_APPROVERS = Record(
    Approvers,
    APPROVERS_KEYS,
    expected="a mapping with `users`, `teams` or `permission`",
    constraints=(AtLeastOne("users", "teams", "permission", mend="Say who may sign."),),
)

_BRANCH = Text(
    "the name of a branch",
    pattern=r"(?!.*(\.\.|//|@\{|\.lock$))[A-Za-z0-9_][A-Za-z0-9._/@+-]{0,199}",
)

OVERRIDE_KEYS: Final = (
    Key("label", Text("a label", longest=50), "the label that asks for an override", required=True),
    Key("approvers", _APPROVERS, "who may sign", required=True),
    Key(
        "allow",
        ListOf(Choice(*OVERRIDABLE), "a list of kinds of findings"),
        "the kinds of findings that may be signed away",
        default=[],
    ),
    Key(
        "reason",
        Choice("required", "optional"),
        "whether the review has to say why",
        default="required",
        field="reason_required",
    ),
    Key(
        "contributors",
        Flag(),
        "whether those who contributed to the pull request may sign it",
        default=False,
    ),
    Key("max_per_quarter", Whole(1), "overrides in a quarter, beyond which the report warns"),
    Key("ledger", _BRANCH, "a branch that keeps every record for good"),
)


def _policy(*, reason_required: str, **fields: Any) -> OverridePolicy:
    return OverridePolicy(reason_required=reason_required == "required", **fields)


OVERRIDE: Final = Record(_policy, OVERRIDE_KEYS, expected="a mapping with `label` and `approvers`")
