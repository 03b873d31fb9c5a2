"""What a partner who signs in sees of itself: promises both ways, agreements, tables, and ways to its actions."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.partners.models import Promise
from koersvast.partners.queries.agreements import agreement_line
from koersvast.partners.queries.organisations import PartnerDetail, contacts_of, organisation_detail
from koersvast.partners.wording import AGREEMENT_KIND
from koersvast.policy.wording import amounts
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.organisations import words
from koersvast.web.partners.organisations.partner_page import promise_rows, side
from koersvast.web.partners.organisations.words import address, may_edit


@permitted(GET=Permission.PROGRESS_REPORT)
def page(request: TenantRequest, organisation: str = "") -> HttpResponse:
    """The organisation for which somebody works with us; those of others are not there."""
    today, entry = timezone.localdate(), request.entry
    own = {one.organisation.code: str(one.organisation) for one in contacts_of(entry.user, today=today)}
    if organisation and organisation not in own:
        raise Http404
    code = organisation or next(iter(sorted(own, key=lambda one: own[one].casefold())), "")
    detail = organisation_detail(code, today=today, with_contacts=False) if code else None
    if detail is None:
        return render(
            request, "partners/organisations_own.html", {"title": _("Our organisation"), "empty": _nobody(request)}
        )
    return render(request, "partners/organisations_own.html", _context(request, detail, own))


def _nobody(request: TenantRequest) -> c.Empty:
    if may_edit(request.entry):
        return c.Empty(
            title=_("You are not tied to an organisation yet"),
            text=_("Open your own department and add yourself as a contact person who signs in."),
            action=c.Link(label=_("To our own departments"), href=address("own-units", request.entry)),
            symbol="person",
        )
    return c.Empty(
        title=_("You are not tied to an organisation yet"),
        text=_(
            "Ask the policy officer to make you a contact person of your organisation. "
            "What was agreed with it then stands here."
        ),
        symbol="person",
    )  # fmt: skip


def _context(request: TenantRequest, detail: PartnerDetail, own: dict[str, str]) -> dict[str, object]:
    today, entry, one = timezone.localdate(), request.entry, detail.organisation
    agreements = [agreement_line(known, today=today) for known in one.agreements.prefetch_related("parties")]
    return {
        "title": one.name,
        "kicker": _("Our organisation"),
        "lead": _("What we agreed with each other, and where we meet. Something wrong here? Tell the policy officer."),
        "tabs": [
            c.Link(label=name, href=address("own-organisation-one", entry, organisation=code), current=code == one.code)
            for code, name in own.items()
        ],
        "sides": [
            side(
                promise_rows(detail.promised(direction), entry, today=today, own=True),
                title=title.format(town=entry.municipality.name),
            )
            for direction, title in (
                (Promise.Direction.TO_US, _("You promised {town}")),
                (Promise.Direction.BY_US, _("{town} promised you")),
            )
        ],
        "agreements": [
            {
                "title": line.agreement.title,
                "facts": " · ".join((str(AGREEMENT_KIND[line.agreement.kind]), words.term_text(line.agreement))),
                "purpose": line.agreement.purpose,
                "parties": amounts.listing(sorted(str(party) for party in line.parties)),
                "document": line.agreement.document,
                "document_url": line.agreement.document_url,
                "badge": words.term_badge(line.term),
            }
            for line in agreements
        ],
        "tables": [table.name for table in detail.tables if table.is_active],
        "links": [
            c.Link(
                label=_("My actions"), href=address("mine", entry),
                note=_("what you do, and reporting on it in one line"),
            ),
            c.Link(
                label=_("My consultations"), href=address("own-consultations", entry),
                note=_("agendas, decisions and what you still have to do"),
            ),
        ],
    }  # fmt: skip
