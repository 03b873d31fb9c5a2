"""No municipality can take an address that the installation itself uses."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import get_resolver

from koersvast.access.changes import RESERVED_SLUGS, register_municipality
from koersvast.access.models import Municipality
from tests import cast


def test_every_address_of_the_installation_is_reserved() -> None:
    outside = [one for one in get_resolver().url_patterns if str(one.pattern) == ""]
    words = {word for one in outside for word in _words(one) if word}
    assert len(words) >= 6
    assert words <= RESERVED_SLUGS


def _words(resolver: object) -> set[str]:
    patterns = getattr(resolver, "url_patterns", ())
    return {str(one.pattern).split("/")[0] for one in patterns if not str(one.pattern).startswith("<")}


@pytest.mark.django_db
def test_municipality_with_such_an_address_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        register_municipality(code="GM0148", slug="melden", name="Melden", by=cast.OPERATOR)
    assert refused.value.error_dict["slug"][0].code == "slug_reserved"
    assert not Municipality.objects.exists()
