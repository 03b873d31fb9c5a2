"""What the pages of the self-test show: norms with counts, questions with answer, reason, proof and what is seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.indicators.wording import language_now
from koersvast.indicators.wording.numbers import format_day
from koersvast.programme.auditing import Tally
from koersvast.programme.models import SelfAudit
from koersvast.programme.queries.auditing import AskedNorm, AskedQuestion, AskedSet, Seen
from koersvast.programme.queries.council import bound_place
from koersvast.programme.wording.auditing import counted
from koersvast.web import components as c
from koersvast.web.programme.council.pages import place_link

BADGES = {
    "yes": c.Badge(text=gettext_lazy("In order"), symbol="on-course", tone="positive"),
    "partly": c.Badge(text=gettext_lazy("Partly"), symbol="cannot-tell", tone="warning"),
    "no": c.Badge(text=gettext_lazy("Not in order"), symbol="off-course", tone="negative"),
    "unanswered": c.Badge(text=gettext_lazy("Not answered"), symbol="not-measured"),
}
# Where somebody sees for themselves what the software counted.
PAGES = {
    "indicators": "plans", "measurable": "ledger", "motivated": "plans", "mechanisms": "programme",
    "reviews": "reviews", "heard": "programme", "owners": "programme", "agreements": "agreements",
    "costs": "programme", "evaluated": "programme", "adopted": "ledger", "council": "council", "priorities": "plans",
    "check": "plan-check",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class QuestionCard:
    """A question as the page shows it."""

    code: str
    text: str
    badge: c.Badge
    why: str
    answered: str
    seen: c.Link | None
    proofs: tuple[tuple[str, c.Link | None], ...]


@dataclass(frozen=True, kw_only=True)
class NormCard:
    """A norm as the page shows it."""

    code: str
    name: str
    tally: Tally
    counts: tuple[tuple[c.Badge, int], ...]
    questions: tuple[QuestionCard, ...]
    href: str


def sets(found: Iterable[AskedSet], *, self_audit: SelfAudit, municipality: str) -> list[dict[str, Any]]:
    """The norms by source."""
    language = language_now()
    return [
        {
            "name": one.norm_set.name(language),
            "source": one.norm_set.source,
            "source_url": one.norm_set.source_url,
            "norms": [norm_card(norm, self_audit=self_audit, municipality=municipality) for norm in one.norms],
        }
        for one in found
    ]


def norm_card(found: AskedNorm, *, self_audit: SelfAudit, municipality: str) -> NormCard:
    """One norm with its questions."""
    where = {"municipality": municipality, "self_audit": self_audit.pk, "norm": found.norm.code}
    return NormCard(
        code=found.norm.code, name=found.norm.name(language_now()), tally=found.tally, counts=counts(found.tally),
        questions=tuple(question_card(one, municipality=municipality) for one in found.asked),
        href=reverse("self-audit-norm", kwargs=where),
    )  # fmt: skip


def counts(found: Tally) -> tuple[tuple[c.Badge, int], ...]:
    """How many questions were answered how; what did not occur is left out."""
    return tuple((BADGES[name], getattr(found, name)) for name in BADGES if getattr(found, name))


def question_card(one: AskedQuestion, *, municipality: str) -> QuestionCard:
    """One question with its answer."""
    score = one.score
    day = format_day(score.answered_on) if score else ""
    earlier = _("answered on {day}, in an earlier self-test").format(day=day) if one.is_older else ""
    return QuestionCard(
        code=one.question.code, text=one.question.text(language_now()),
        badge=BADGES[str(score.score) if score else "unanswered"], why=score.text if score else "",
        answered=earlier or (_("answered on {day}").format(day=day) if score else ""),
        seen=_seen(one.seen, municipality),
        proofs=tuple(_proof(proof, municipality) for proof in score.evidence.all()) if score else (),
    )  # fmt: skip


def _proof(proof: Any, municipality: str) -> tuple[str, c.Link | None]:
    inside = place_link(bound_place(proof.place), municipality) if proof.place else None
    if inside:
        return proof.label, inside
    return proof.label, c.Link(label=proof.url, href=proof.url) if proof.url else None


def _seen(found: Seen | None, municipality: str) -> c.Link | None:
    """What the software counted, with the page where it can be seen; None where it counts nothing."""
    if found is None:
        return None
    try:
        href = reverse(PAGES[found.kind], kwargs={"municipality": municipality})
    except NoReverseMatch:
        href = ""  # This installation does not have that page.
    return c.Link(label=counted(found.kind, met=found.met, total=found.total), href=href)
