"""What is known of pasted tables: the table itself, what its texts may mean here, and what is still asked."""

from django.db.models import QuerySet
from django.utils import timezone

from koersvast.partners.models import Contact
from koersvast.partners.queries.organisations import organisations
from koersvast.policy.models import Objective, Priority
from koersvast.programme.models import Action, Programme, StagedTable
from koersvast.programme.pasted_questions import Named
from koersvast.programme.pasted_text import Table
from koersvast.programme.pasting import Known, Reading, examine


def staged_tables(programme: Programme) -> QuerySet[StagedTable]:
    """Return the tables that wait, newest first."""
    return StagedTable.objects.filter(programme=programme).select_related("made_by", "programme__municipality")


def table_of_staged(staged: StagedTable) -> Table:
    """The table as it was pasted, with or without its row of headings."""
    return Table(
        rows=tuple(tuple(row) for row in staged.cells),
        has_header=bool(staged.columns.get("has_header")),
        notes=tuple(staged.columns.get("notes", ())),
    )


def known_to(programme: Programme) -> Known:
    """What exists in this municipality and in the plan of the programme; five queries."""
    today = timezone.localdate()
    people = Contact.objects.filter(organisation__is_active=True).select_related("organisation")
    return Known(
        organisations=tuple(
            Named(key=f"organisation:{one.pk}", names=_names(one.name, one.short_name)) for one in organisations()
        ),
        contacts=tuple(
            Named(key=f"contact:{one.pk}", names=(one.name,)) for one in people if not one.until or one.until >= today
        ),
        objectives=(
            *(_part("objective", one) for one in Objective.objects.filter(plan=programme.plan_id)),
            *(_part("priority", one) for one in Priority.objects.filter(plan=programme.plan_id)),
        ),
        titles=tuple(Action.objects.filter(programme=programme).values_list("title", flat=True)),
        first_day=programme.first_day,
        last_day=programme.last_day,
    )


def reading_of(staged: StagedTable) -> Reading:
    """Read the table with the columns and answers that were given so far."""
    return examine(
        table_of_staged(staged), columns=staged.columns["kinds"], answers=staged.choices,
        known=known_to(staged.programme),
    )  # fmt: skip


def _part(kind: str, one: Objective | Priority) -> Named:
    return Named(key=f"{kind}:{one.pk}", names=_names(one.title, one.code))


def _names(*names: str) -> tuple[str, ...]:
    return tuple(name for name in names if name)
