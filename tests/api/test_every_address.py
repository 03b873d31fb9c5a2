"""Every address of the interface, with every scope, of both municipalities; and the document that describes them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from django_scopes import scope
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from koersvast.access.changes import NEVER_FOR_APPLICATIONS, make_token
from koersvast.access.models import Municipality, SignInAttempt
from koersvast.access.permissions import Permission
from koersvast.api.interface import api, document
from koersvast.api.urls import urlpatterns
from koersvast.indicators.models import Indicator
from koersvast.partners.changes.organisations import write_contact
from koersvast.partners.models import Consultation, Organisation
from koersvast.policy.models import Plan
from koersvast.programme.changes import packages as programmes
from koersvast.programme.models import CouncilItem, Programme
from tests import cast
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db
DOCUMENT = ROOT / "docs" / "reference" / "openapi.json"
EVERYTHING = frozenset(Permission) - NEVER_FOR_APPLICATIONS
CANARY = "Kanarievogel-Zwartsluis"
PUBLIC = {"openapi-json", "unknown"}


@pytest.fixture(scope="module")
def town(demo_rows: None) -> Municipality:
    found = Municipality.objects.get(slug="dalfsen")
    programmes.import_programme(programmes.files_of(ROOT / "demo" / "uitvoering"), municipality=found, by=cast.OPERATOR)
    with scope(municipality=found):
        police = Organisation.objects.get(code="politie-vechtdal")
        write_contact(organisation=police, name=CANARY, email="kanarie@politie.example", by=cast.OPERATOR)
        CouncilItem.objects.update(asked_by=CANARY)
    return found


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests through WSGI close connections when they end, and with it the transaction of the test; not here."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def client_of(town: Municipality, scopes: frozenset[Permission]) -> Client:
    until = timezone.localdate() + timedelta(days=30)
    made = make_token(municipality=town, name="app", purpose="test", scopes=scopes, expires_on=until, by=cast.OPERATOR)
    return Client(headers={"Authorization": f"Bearer {made.text}"})


def addresses(town: Municipality) -> Iterator[tuple[str, dict[str, Permission]]]:
    """Every address with values that exist, and what each of its methods asks."""
    with scope(municipality=town):
        values = {
            "<programme>": Programme.objects.get().code, "<int:number>": "1", "<plan>": Plan.objects.get().code,
            "<indicator>": Indicator.objects.order_by("position")[0].code,
            "<consultation>": Consultation.objects.order_by("code")[0].code,
        }  # fmt: skip
    for route in urlpatterns:
        if route.name in PUBLIC:
            continue
        address = str(route.pattern)
        for part, value in values.items():
            address = address.replace(part, value)
        assert "<" not in address, address
        yield f"/api/v1/{address}", dict(route.callback.access_decision.methods)  # type: ignore[attr-defined] # as pages


def test_every_address_asks_its_scope_and_no_other(town: Municipality) -> None:
    clients = {one: client_of(town, frozenset({one})) for one in EVERYTHING}
    wrong = []
    for address, needed in addresses(town):
        for method, asked in needed.items():
            for held, client in clients.items():
                status = client.generic(method, address, "{}", content_type="application/json").status_code
                if (status == 403) != (held != asked) or (held == asked and status in {401, 404, 500}):
                    wrong.append((method, address, held.value, status))
            if Client().generic(method, address).status_code != 401:
                wrong.append((method, address, "nobody", 0))
    assert wrong == []


def test_other_municipality_and_people_stay_out_of_every_answer(town: Municipality) -> None:
    own, other = client_of(town, EVERYTHING), client_of(cast.municipality("Raalte"), EVERYTHING)
    for address, needed in addresses(town):
        if "GET" not in needed:
            continue
        answer, theirs = own.get(address), other.get(address)
        assert answer.status_code == 200, address
        for told in (CANARY, "kanarie@politie.example"):
            assert told not in answer.content.decode(), address
        if "<" in address or theirs.status_code == 404 or address.endswith("calendar-moments"):
            continue
        assert theirs.json() == [], address


def test_lists_say_where_the_next_part_is_and_what_is_counted(town: Municipality) -> None:
    client = client_of(town, EVERYTHING)
    first = client.get("/api/v1/indicators?pageSize=2")
    assert len(first.json()) == 2
    assert 'rel="next"' in first["Link"]
    assert int(first["X-Total-Count"]) > 2
    assert client.get("/api/v1/indicators?pageSize=101").status_code == 422


def test_figures_carry_source_vintage_margin_and_reason(town: Municipality) -> None:
    client = client_of(town, EVERYTHING)
    with scope(municipality=town):
        codes = list(Indicator.objects.values_list("code", flat=True))
    values = []
    for code in codes[:12]:
        for series in client.get(f"/api/v1/indicators/{code}/series").json():
            assert series["sourceLabel"]
            values += series["values"]
    assert values
    for one in values:
        assert (one["amount"] is None) == (one["missing"] is not None)
        assert one["asOf"]
        assert (one["low"] is None) == (one["high"] is None)
    assert any(one["low"] is not None for one in values)


def test_unknown_address_and_method_are_problems_that_repeat_nothing(town: Municipality) -> None:
    client = client_of(town, EVERYTHING)
    for answer, status in ((client.get("/api/v1/niets/<b>"), 404), (client.delete("/api/v1/plans"), 405)):
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert "<b>" not in answer.content.decode()
        assert answer["API-Version"]


def test_lists_take_as_many_queries_for_much_as_for_little(
    town: Municipality, django_assert_max_num_queries: Any
) -> None:
    client = client_of(town, EVERYTHING)
    client.get("/api/v1/plans")  # the first use of a day is a line in the audit
    for address, needed in addresses(town):
        if "GET" in needed:
            with django_assert_max_num_queries(75 if "verdicts" in address else 30):
                client.get(address)


def test_document_is_the_one_that_is_committed() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "make it anew: koersvast's guide to the interface says how"
    )


def test_document_is_given_to_everybody(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.content)["openapi"].startswith("3.")


def test_answers_are_what_the_document_promises(town: Municipality, one_connection: None) -> None:
    """Schemathesis makes requests from the document, also hostile ones, and holds every answer against it."""
    headers = {"Authorization": client_of(town, EVERYTHING).defaults["HTTP_AUTHORIZATION"]}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    quick = settings(
        max_examples=4, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(operations) == sum(
        len(view.operations) for _prefix, router in api._routers for view in router.path_operations.values()
    )
    for operation in operations:

        @quick
        @given(case=operation.as_strategy())
        def hold(case: Any) -> None:
            SignInAttempt.objects.all().delete()  # it tries wrong tokens too, more than the brake lets by
            # Some refusals no schema can say: a stuck action needs a line.
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        hold()
