"""Applications that come in by a token: what they may do, where, until when, and that nothing of the token is kept."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from koersvast.access.changes import LONGEST_TERM, NEVER_FOR_APPLICATIONS, make_token, note_use, revoke_token
from koersvast.access.models import ApplicationToken, AuditRecord, Municipality, RowChange, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import Denied, application_of, authorise
from tests import cast

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def made(town: Municipality, *scopes: Permission, until: date | None = None) -> str:
    return make_token(
        municipality=town, name="Begroting", purpose="Haalt de 3W-tabel op.", scopes=scopes,
        expires_on=until or TODAY + timedelta(days=30), by=cast.OPERATOR,
    ).text  # fmt: skip


def test_application_may_do_what_its_scopes_say_in_its_own_municipality(
    dalfsen: Municipality, raalte: Municipality
) -> None:
    found = application_of(made(dalfsen, Permission.PROGRAMME_VIEW), on=TODAY)
    assert found is not None
    application, town = found
    assert town == dalfsen
    authorise(application, Permission.PROGRAMME_VIEW, dalfsen, on=TODAY)
    for action, place in ((Permission.PROGRAMME_EDIT, dalfsen), (Permission.PROGRAMME_VIEW, raalte)):
        with pytest.raises(Denied):
            authorise(application, action, place, on=TODAY)


def test_token_counts_until_its_day_and_not_after_it_was_withdrawn(dalfsen: Municipality) -> None:
    token = made(dalfsen, Permission.PLAN_VIEW)
    assert application_of(token, on=TODAY + timedelta(days=30)) is not None
    assert application_of(token, on=TODAY + timedelta(days=31)) is None
    revoke_token(ApplicationToken.objects.get(), by=cast.OPERATOR)
    assert application_of(token, on=TODAY) is None


@pytest.mark.parametrize("scope", sorted(NEVER_FOR_APPLICATIONS))
def test_application_is_never_given_decisions_answers_audit_or_settings(
    dalfsen: Municipality, scope: Permission
) -> None:
    with pytest.raises(ValidationError):
        made(dalfsen, Permission.PLAN_VIEW, scope)


@pytest.mark.parametrize("days", [0, LONGEST_TERM.days + 1])
def test_token_without_an_end_within_reach_is_refused(dalfsen: Municipality, days: int) -> None:
    with pytest.raises(ValidationError):
        made(dalfsen, Permission.PLAN_VIEW, until=TODAY + timedelta(days=days))


def test_text_of_a_token_is_kept_nowhere(dalfsen: Municipality) -> None:
    token = made(dalfsen, Permission.PLAN_VIEW)
    kept = [str(vars(row)) for row in (*ApplicationToken.objects.all(), *AuditRecord.objects.all())]
    kept += [f"{row.before}{row.after}" for row in RowChange.objects.all()]
    assert not any(token in text or token[8:] in text for text in kept)


def test_use_is_noted_once_a_day(dalfsen: Municipality) -> None:
    found = application_of(made(dalfsen, Permission.PLAN_VIEW), on=TODAY)
    assert found is not None
    for _time in range(3):
        note_use(found[0], on=TODAY)
    assert AuditRecord.objects.filter(event="token.used").count() == 1


def test_who_may_not_change_settings_makes_no_token(dalfsen: Municipality, anouk: User) -> None:
    with pytest.raises(Denied):
        make_token(
            municipality=dalfsen, name="x", purpose="y", scopes={Permission.PLAN_VIEW},
            expires_on=TODAY + timedelta(days=1), by=anouk,
        )  # fmt: skip
