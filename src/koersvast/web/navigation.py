"""The main menu: a few parts, each with its pages. One table says which; what somebody may not see is left out.

The second row of the menu holds the pages of the part that the visitor is in, so it works without scripts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission

type Text = str | Promise
type Page = tuple[str, Text, Permission]

# For each part its pages: the name of the address (all take the municipality's slug), the label, and the permission
# without which the link is not shown. A page that is not installed is left out, and a part without pages too.
NAVIGATION: tuple[tuple[Text, tuple[Page, ...]], ...] = (
    (gettext_lazy("Standing"), (("standing", gettext_lazy("Standing"), Permission.PLAN_VIEW),)),
    (
        gettext_lazy("Figures"),
        (
            ("analysis", gettext_lazy("Safety picture"), Permission.FIGURES_VIEW),
            ("surveys", gettext_lazy("Surveys"), Permission.SURVEY_VIEW),
            ("open-figures", gettext_lazy("Open figures"), Permission.FIGURES_VIEW),
            ("figures", gettext_lazy("Enter figures"), Permission.FIGURES_IMPORT),
        ),
    ),
    (
        gettext_lazy("Plan"),
        (
            ("plans", gettext_lazy("Policy plan"), Permission.PLAN_VIEW),
            ("plan-check", gettext_lazy("Plan check"), Permission.PLAN_VIEW),
            ("prioritisings", gettext_lazy("Priorities"), Permission.PLAN_VIEW),
            ("plan-steps", gettext_lazy("Steps of the plan"), Permission.PROGRAMME_VIEW),
            ("self-audits", gettext_lazy("Self-test"), Permission.PROGRAMME_VIEW),
        ),
    ),
    (
        gettext_lazy("Carrying out"),
        (
            ("programme", gettext_lazy("The programme"), Permission.PROGRAMME_VIEW),
            ("mine", gettext_lazy("My actions"), Permission.PROGRESS_REPORT),
            ("reviews", gettext_lazy("Looking back"), Permission.REVIEW_VIEW),
            ("calendar", gettext_lazy("Calendar of the cycle"), Permission.PROGRAMME_VIEW),
            ("reporting-people", gettext_lazy("Reporting on actions"), Permission.PARTNERS_EDIT),
            ("council", gettext_lazy("The council"), Permission.COUNCIL_VIEW),
        ),
    ),
    (
        gettext_lazy("Working together"),
        (
            ("partners", gettext_lazy("Partners"), Permission.PARTNERS_VIEW),
            ("consultations", gettext_lazy("Consultations"), Permission.PARTNERS_VIEW),
            ("own-organisation", gettext_lazy("My organisation"), Permission.PROGRESS_REPORT),
            ("own-consultations", gettext_lazy("My consultations"), Permission.PROGRESS_REPORT),
        ),
    ),
    (gettext_lazy("Documents"), (("documents", gettext_lazy("Documents"), Permission.DOCUMENT_MAKE),)),
    (
        gettext_lazy("Management"),
        (
            ("audit-trail", gettext_lazy("Audit trail"), Permission.AUDIT_VIEW),
            ("settings", gettext_lazy("Settings"), Permission.SETTINGS_EDIT),
        ),
    ),
)


# What begins so, below the municipality, belongs under a page of the menu that has another address.
ALSO_UNDER = {
    "programme": ("acties/",),
    "partners": ("convenanten/", "toezeggingen/", "regio/", "onze-organisatie/"),
}


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """A page in the menu; `current` marks the one that is shown, or that the shown page belongs under."""

    name: str
    label: Text
    href: str
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the menu with its pages. It leads to its first page."""

    label: Text
    pages: tuple[PageLink, ...]

    @property
    def href(self) -> str:
        return self.pages[0].href

    @property
    def here(self) -> PageLink | None:
        return next((page for page in self.pages if page.current), None)

    @property
    def current(self) -> bool:
        return self.here is not None


def menu(request: HttpRequest, municipality: Municipality, permissions: frozenset[Permission]) -> list[Part]:
    """Return the parts that hold something for somebody with these permissions."""
    found = [(label, list(_links(pages, municipality, permissions))) for label, pages in NAVIGATION]
    here = _here(request, [link for _label, links in found for link in links])
    return [Part(label=label, pages=tuple(_marked(link, here) for link in links)) for label, links in found if links]


def _links(pages: Sequence[Page], municipality: Municipality, permissions: frozenset[Permission]) -> Iterator[PageLink]:
    for name, label, permission in pages:
        if permission not in permissions:
            continue
        try:
            href = reverse(name, kwargs={"municipality": municipality.slug})
        except NoReverseMatch:
            continue  # This installation does not have that page.
        yield PageLink(name=name, label=label, href=href)


def _marked(link: PageLink, here: str) -> PageLink:
    return PageLink(name=link.name, label=link.label, href=link.href, current=link.name == here)


def _here(request: HttpRequest, links: Sequence[PageLink]) -> str:
    """Name the link that the page belongs under: by its own name (the check of an older plan), else by its address."""
    own = request.resolver_match.url_name if request.resolver_match else ""
    if any(link.name == own for link in links):
        return str(own)
    above = [(start, link.name) for link in links for start in _starts(link) if _leads_to(start, request.path)]
    return max(above, key=lambda one: len(one[0]), default=("", ""))[1]


def _starts(link: PageLink) -> list[str]:
    """The beginnings of addresses that belong under a link."""
    municipality = "/".join(link.href.split("/")[:2])
    return [link.href, *(f"{municipality}/{start}" for start in ALSO_UNDER.get(link.name, ()))]


def _leads_to(href: str, path: str) -> bool:
    """Say whether a page belongs under a link. The municipality's own root covers itself only."""
    return path == href or (href.strip("/").count("/") > 0 and path.startswith(href))
