"""What was decided about a way in, so that tests can ask every way in what it asks."""

from collections.abc import Mapping
from dataclasses import dataclass

from koersvast.access.permissions import Permission


@dataclass(frozen=True, kw_only=True)
class AccessDecision:
    """What is asked of a visitor: for each method a permission, or `public`, or `signed in`."""

    methods: Mapping[str, Permission | str]
