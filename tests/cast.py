"""The fixed cast: two municipalities with the same identifiers inside, and the people who appear in the tests.

Anouk writes Dalfsen's policy. Karim does the same in Raalte and has no business in Dalfsen.
"""

from datetime import date

from koersvast.access import changes
from koersvast.access.audit import Operator
from koersvast.access.models import Municipality, User

OPERATOR = Operator(name="tests")
SINCE = date(2018, 1, 1)


def municipality(name: str) -> Municipality:
    """Return Dalfsen or Raalte, registered."""
    code = {"Dalfsen": "GM0148", "Raalte": "GM0177"}[name]
    return changes.register_municipality(code=code, slug=name.lower(), name=name, by=OPERATOR)


def person(name: str, role: str, place: Municipality) -> User:
    """Return a person with one role in one municipality."""
    email = f"{name.lower().replace(' ', '.')}@{place.slug}.example"
    user = changes.register_user(email=email, name=name, by=OPERATOR)
    changes.grant(user, role, place, since=SINCE, by=OPERATOR)
    return user


def end_all(user: User) -> None:
    """End every role of this person yesterday."""
    for membership in user.memberships.all():
        changes.end_membership(membership, until=date(2018, 1, 2), by=OPERATOR)
