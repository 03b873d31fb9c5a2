"""The words of codes of partners: kinds of organisations and agreements, states of terms and promises, what is due."""

from collections.abc import Mapping

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from koersvast.partners.models import Agreement, Organisation, Promise
from koersvast.partners.queries.agreements import Kind
from koersvast.partners.terms import Term

ORGANISATION_KIND: Mapping[str, LazyText] = {
    Organisation.Kind.UNIT: _("Unit of the municipality"),
    Organisation.Kind.POLICE: _("Police force"),
    Organisation.Kind.PROSECUTION: _("Public prosecution"),
    Organisation.Kind.SAFETY_REGION: _("Safety region"),
    Organisation.Kind.REGIONAL_BODY: _("Regional body"),
    Organisation.Kind.MUNICIPALITY: _("Other municipality"),
    Organisation.Kind.HOUSING: _("Housing association"),
    Organisation.Kind.WELFARE: _("Welfare organisation"),
    Organisation.Kind.CARE: _("Care organisation"),
    Organisation.Kind.HEALTH: _("Public health service"),
    Organisation.Kind.EDUCATION: _("School or education"),
    Organisation.Kind.BUSINESS: _("Business and trade"),
    Organisation.Kind.RESIDENTS: _("Residents and volunteers"),
    Organisation.Kind.OTHER: _("Another kind of partner"),
}
AGREEMENT_KIND: Mapping[str, LazyText] = {
    Agreement.Kind.COVENANT: _("Covenant between partners"),
    Agreement.Kind.PROTOCOL: _("Protocol between partners"),
    Agreement.Kind.DATA_SHARING: _("Agreement on sharing data"),
    Agreement.Kind.WORKING_AGREEMENT: _("Working agreement"),
    Agreement.Kind.GRANT: _("Agreement with a grant"),
}
TERM: Mapping[str, LazyText] = {
    Term.TO_BEGIN: _("Begins later"),
    Term.RUNNING: _("In force"),
    Term.ENDS_WITHIN_A_YEAR: _("Ends within a year"),
    Term.ENDS_WITHIN_A_QUARTER: _("Ends within a quarter"),
    Term.ENDED: _("Has ended"),
    Term.NO_END: _("In force, no last day"),
}
PROMISE_STATE: Mapping[str, LazyText] = {
    Promise.State.OPEN: _("Open promise"),
    Promise.State.KEPT: _("Promise kept"),
    Promise.State.BROKEN: _("Promise not kept"),
    Promise.State.LAPSED: _("Promise lapsed"),
}
DIRECTION: Mapping[str, LazyText] = {
    Promise.Direction.TO_US: _("They promised us"),
    Promise.Direction.BY_US: _("We promised them"),
}
DUE: Mapping[str, LazyText] = {
    Kind.AGREEMENT_ENDS: _("Agreement ends"),
    Kind.AGREEMENT_REVIEW: _("Look at the agreement again"),
    Kind.PROMISED_TO_US: _("Promised to us"),
    Kind.PROMISED_BY_US: _("Promised by us"),
    Kind.PLAN_INPUT: _("Our input for a regional plan"),
    Kind.PLAN_REPORT: _("Report on a regional plan"),
}
