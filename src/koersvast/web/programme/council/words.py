"""Words and badges of the council's pages."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from koersvast.programme.council import PlaceKind, Term
from koersvast.programme.models import CouncilItem
from koersvast.web.components import Badge

Kind = CouncilItem.Kind

KIND: Mapping[str, Promise] = {
    Kind.COMMITMENT: gettext_lazy("Commitment to the council"),
    Kind.MOTION: gettext_lazy("Motion"),
    Kind.AMENDMENT: gettext_lazy("Amendment"),
    Kind.QUESTION: gettext_lazy("Question of the council"),
}
TERM: Mapping[Term, Badge] = {
    Term.LATE: Badge(text=gettext_lazy("Past its term"), symbol="warning", tone="negative"),
    Term.SOON: Badge(text=gettext_lazy("Within a month"), symbol="cannot-tell", tone="warning"),
    Term.OPEN: Badge(text=gettext_lazy("Awaiting an answer"), symbol="info", tone="info"),
    Term.NO_TERM: Badge(text=gettext_lazy("Open, without a term"), symbol="info"),
    Term.SETTLED: Badge(text=gettext_lazy("Answered or done"), symbol="ok", tone="positive"),
    Term.WITHDRAWN: Badge(text=gettext_lazy("No longer stands"), symbol="same"),
}
PLACE: Mapping[PlaceKind, Promise] = {
    "objective": gettext_lazy("Objectives of the plans"),
    "programme": gettext_lazy("Programmes"),
    "action": gettext_lazy("Actions of the programmes"),
    "review": gettext_lazy("Reviews"),
}
