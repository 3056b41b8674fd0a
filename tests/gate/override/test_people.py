import pytest

from rubric_action.gate.override.facts import CoAuthor, Person, Role, Standing
from rubric_action.gate.override.people import Approval, approval, contribution, is_co_author
from rubric_action.rubric.model import Approver, OverridePolicy, Permission
from tests.gate.override.scenes import LEADS, LISA, MONA, OLD, policy, scene, standing


@pytest.mark.parametrize(
    ("name", "email", "same"),
    [
        ("Somebody", "2+mona@users.noreply.github.com", True),
        ("Somebody", "2+mona-before@users.noreply.github.com", True),
        ("Somebody", "2+MONA@Users.NoReply.GitHub.com", True),
        ("Somebody", "mona@users.noreply.github.com", True),
        ("Somebody", "MoNa@example.com", True),
        ("mona", "private@example.com", True),
        (" Mona ", "", True),
        ("Somebody", "22+lisa@users.noreply.github.com", False),
        ("Somebody", "9+mona@users.noreply.github.com", False),
        ("Somebody", "2@users.noreply.github.com", False),
        ("Somebody", "2+mona@users.noreply.github.com.example.com", False),
        ("Mona Lisa", "mona.lisa@example.com", False),
        ("", "", False),
    ],
)
def test_who_a_trailer_may_mean(name: str, email: str, same: bool) -> None:
    """By number or name at GitHub's own address, else by the login wherever it stands."""
    assert is_co_author(MONA, CoAuthor(name, email, OLD)) is same


def test_everybody_who_is_not_named_is_no_contributor() -> None:
    """Of the same conversation lisa has no part, mona one."""
    row = scene(co_authors=(CoAuthor("mona", "m@example.com", OLD),))
    assert contribution(MONA, row.asked, row.backing) == "co-authored `9f8e7d6`"
    assert contribution(LISA, row.asked, row.backing) == ""
    assert contribution(MONA, row.asked, None) == ""


@pytest.mark.parametrize("least", ["write", "maintain", "admin"])
@pytest.mark.parametrize("role", ["none", "read", "triage", "write", "maintain", "admin"])
def test_a_permission_takes_the_role_or_a_higher_one(role: Role, least: Permission) -> None:
    """In GitHub's order of roles."""
    order = ("read", "triage", "write", "maintain", "admin")
    enough = role != "none" and order.index(role) >= order.index(least)
    assert approval(MONA, Standing(role), policy(permission=least)).may is enough


@pytest.mark.parametrize(
    ("rule", "here", "expected"),
    [
        (policy(), standing(), Approval(may=True, why="named in the rubric")),
        (policy(permission="write"), standing("admin"),
         Approval(may=True, why="permission `admin`")),
        (LEADS, standing(leads="active"), Approval(may=True, why="member of `acme/leads`")),
        (policy(teams=("ACME/Leads",)), standing(leads="active"),
         Approval(may=True, why="member of `ACME/Leads`")),
        (LEADS, standing("none", leads="active"),
         Approval(may=False, why="they have no access to the repository")),
        (policy(Approver("mona", 9), "MONA"), standing(),
         Approval(may=True, why="named in the rubric")),
        (policy("lisa"), standing(), Approval(may=False, why="the rubric does not name them")),
        (policy("lisa", teams=("acme/a", "acme/b")), standing(a="absent", b="pending"),
         Approval(may=False,
                  why="the rubric does not name them; their membership in `acme/b` is pending")),
    ],
)  # fmt: skip
def test_who_may_sign_and_why(rule: OverridePolicy, here: Standing, expected: Approval) -> None:
    """The reason is told either way."""
    assert approval(MONA, here, rule) == expected


@pytest.mark.parametrize("here", [None, standing(), standing(leads="unreadable")])
def test_what_was_not_read_is_neither_yes_nor_no(here: Standing | None) -> None:
    """Nobody looked up, a team nobody asked about, a team that the token may not see."""
    known = approval(MONA, here, LEADS)
    assert (known.may, known.sure) == (False, False)
    assert known.why.startswith("cannot determine ")


def test_access_outweighs_a_name() -> None:
    """A person who left may not sign, whatever the rubric still says."""
    gone = approval(Person(2, "mona"), Standing("none"), policy("mona", permission="write"))
    assert not gone.may
