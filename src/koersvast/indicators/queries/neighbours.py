"""The other municipalities of a year, and the groups that one of them belongs to: three queries."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from koersvast.reference.models import Area, Membership

_GROUPS = (Area.Kind.BASISTEAM.value, Area.Kind.POLICE_UNIT.value, Area.Kind.PROVINCE.value)


@dataclass(frozen=True, kw_only=True)
class AreaGroup:
    """A group of municipalities: kind and name of the area that groups them, and all its members."""

    kind: str
    code: str
    name: str
    members: tuple[str, ...]


def names_of_municipalities(year: int) -> dict[str, str]:
    """The municipalities that there were in a year, by code."""
    return dict(_in_year(year).filter(kind=Area.Kind.MUNICIPALITY).values_list("code", "name"))


def area_groups(code: str, *, year: int) -> tuple[AreaGroup, ...]:
    """The police team, the police unit and the province of a municipality in a year, smallest first."""
    memberships = Membership.objects.filter(Q(year_until=None) | Q(year_until__gte=year), year_from__lte=year)
    by_group = memberships.filter(group_code__in=memberships.filter(member_code=code).values("group_code"))
    found: dict[str, set[str]] = {}
    for group, member in by_group.values_list("group_code", "member_code"):
        found.setdefault(group, set()).add(member)
    places = list(_in_year(year).filter(kind=Area.Kind.MUNICIPALITY).values_list("code", "parent_code"))
    own = next((parent for place, parent in places if place == code), "")
    if own:
        found.setdefault(own, set()).update(place for place, parent in places if parent == own)
    areas = {one.code: one for one in _in_year(year).filter(code__in=found, kind__in=_GROUPS)}
    made = [
        AreaGroup(kind=areas[group].kind, code=group, name=areas[group].name, members=tuple(sorted(members)))
        for group, members in found.items()
        if group in areas
    ]
    return tuple(sorted(made, key=lambda one: (_GROUPS.index(one.kind), one.code)))


def _in_year(year: int) -> QuerySet[Area]:
    return Area.objects.filter(Q(valid_until=None) | Q(valid_until__gte=year), valid_from__lte=year)
