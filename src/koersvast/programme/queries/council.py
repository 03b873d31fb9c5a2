"""What the council asked and was promised: the list with its terms, what belongs to one place, and what a place is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from koersvast.policy.models import Objective, Plan
from koersvast.programme.council import ORDER, STILL_OPEN, Place, PlaceKind, Term, read_place, term
from koersvast.programme.models import Action, CheckMoment, CouncilItem, Programme


@dataclass(frozen=True, kw_only=True)
class CouncilFilter:
    """What is looked for. `term` is a `Term`, "running" for all that is still open, or empty for everything."""

    kind: str = ""
    term: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class CouncilLine:
    """One item and how it stands today."""

    item: CouncilItem
    term: Term

    @property
    def is_open(self) -> bool:
        return self.term in STILL_OPEN


@dataclass(frozen=True, kw_only=True)
class BoundPlace:
    """A place that exists: what it is called now, and the rows behind it."""

    place: Place
    label: str
    objective: Objective | None = None
    action: Action | None = None
    plan: Plan | None = None


def council_lines(*, today: date) -> list[CouncilLine]:
    """All items, the most urgent first; one query."""
    rows = CouncilItem.objects.select_related("objective__plan", "action")
    return sorted((line_of(row, today=today) for row in rows), key=_urgency)


def line_of(row: CouncilItem, *, today: date) -> CouncilLine:
    """An item and how it stands today."""
    return CouncilLine(item=row, term=term(row.state, row.due_on, today=today))


def _urgency(line: CouncilLine) -> tuple[int, int, int]:
    """Open: by term and its day; behind us: the newest first."""
    day = line.item.due_on if line.is_open else line.item.settled_on or line.item.raised_on
    number = day.toordinal() if day else line.item.raised_on.toordinal()
    return ORDER.index(line.term), number if line.is_open else -number, -line.item.number


def chosen_lines(lines: Iterable[CouncilLine], chosen: CouncilFilter) -> list[CouncilLine]:
    """Those that fit what is looked for."""
    words = chosen.text.casefold().split()
    return [line for line in lines if _fits(line, chosen) and all(word in _text(line.item) for word in words)]


def _fits(line: CouncilLine, chosen: CouncilFilter) -> bool:
    wanted = {"": True, "running": line.is_open}.get(chosen.term, line.term == chosen.term)
    return wanted and chosen.kind in ("", line.item.kind)


def _text(item: CouncilItem) -> str:
    parts = (item.title, item.text, item.answer, item.group, item.portfolio, item.place_label, f"#{item.number}")
    return " ".join(parts).casefold()


def counts(lines: Iterable[CouncilLine]) -> Counter[Term]:
    """How many items stand how."""
    return Counter(line.term for line in lines)


def council_at(place: Place, *, today: date) -> list[CouncilLine]:
    """What the council asked or was promised about one place; one query."""
    rows = CouncilItem.objects.filter(place=str(place)).select_related("objective__plan", "action")
    return sorted((line_of(row, today=today) for row in rows), key=_urgency)


def bound_place(text: str) -> BoundPlace | None:
    """The place that a text names, when it exists in this municipality; the newest plan goes before older ones."""
    place = read_place(text)
    if place is None:
        return None
    return {"objective": _objective, "action": _action, "programme": _programme, "review": _review}[place.kind](place)


def _objective(place: Place) -> BoundPlace | None:
    found = Objective.objects.filter(code=place.code).select_related("plan").order_by("-plan__first_year").first()
    return BoundPlace(place=place, label=found.title, objective=found, plan=found.plan) if found else None


def _action(place: Place) -> BoundPlace | None:
    found = Action.objects.filter(number=int(place.code)).select_related("programme__plan").first()
    return BoundPlace(place=place, label=found.title, action=found, plan=found.programme.plan) if found else None


def _programme(place: Place) -> BoundPlace | None:
    found = Programme.objects.filter(code=place.code).select_related("plan").first()
    return BoundPlace(place=place, label=found.title, plan=found.plan) if found else None


def _review(place: Place) -> BoundPlace | None:
    found = CheckMoment.objects.filter(pk=int(place.code)).select_related("plan").first()
    return BoundPlace(place=place, label=found.title, plan=found.plan) if found else None


def places_to_choose() -> list[tuple[PlaceKind, list[tuple[str, str]]]]:
    """The places that an item can be bound to, by kind: the text of the place and what it is called. Four queries."""
    objectives = Objective.objects.order_by("-plan__first_year", "position").values_list("code", "title")
    actions = Action.objects.order_by("-programme__first_day", "number").values_list("number", "title")
    return [
        ("objective", list({f"objective:{code}": title for code, title in objectives}.items())),
        ("programme", [(f"programme:{one.code}", one.title) for one in Programme.objects.all()]),
        ("action", [(f"action:{number}", f"{number}. {title}") for number, title in actions]),
        ("review", [(f"review:{one.pk}", one.title) for one in CheckMoment.objects.order_by("-planned_on")]),
    ]
