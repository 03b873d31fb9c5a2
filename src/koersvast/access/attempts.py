"""How often somebody may try to sign in: a brake on guessing, and no way to shut somebody else out.

Counted per account and address together, so that an attacker elsewhere never uses up the attempts of the person, and
per address, so that one address cannot try every account. Kept for a quarter of an hour, as keyed digests: from the
table nobody can read who tried. Not a named change, so not in the audit.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from koersvast.access.models import SignInAttempt

WINDOW = timedelta(minutes=15)
AT_MOST = 5
# A town hall often has one address for everybody in it.
AT_MOST_FROM_ONE_ADDRESS = 50


def address_of(request: HttpRequest) -> str:
    """The network address of the visitor; behind the proxy of a public installation the one that the proxy saw."""
    passed_on = "" if settings.ON_LOOPBACK else request.headers.get("X-Forwarded-For", "")
    return passed_on.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def attempt(*, account: str, address: str) -> bool:
    """Count an attempt to sign in; False when it may not be made, whether the password is right or wrong."""
    known, now = _kept(account, address), timezone.now()
    with transaction.atomic():
        SignInAttempt.objects.filter(at__lte=now - WINDOW).delete()
        from_there = SignInAttempt.objects.filter(address=known["address"])
        if from_there.count() >= AT_MOST_FROM_ONE_ADDRESS or from_there.filter(**known).count() >= AT_MOST:
            return False
        SignInAttempt.objects.create(at=now, **known)
    return True


def forget(*, account: str, address: str) -> None:
    """Forget the attempts of somebody who turned out to know the password."""
    SignInAttempt.objects.filter(**_kept(account, address)).delete()


def _kept(account: str, address: str) -> dict[str, str]:
    return {"account": _digest(account.strip().lower()), "address": _digest(address)}


def _digest(text: str) -> str:
    return salted_hmac("koersvast.sign-in", text, algorithm="sha256").hexdigest()
