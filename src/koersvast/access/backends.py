"""Signing in with an e-mail address."""

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from koersvast.access.models import User


class EmailBackend(BaseBackend):
    """Checks e-mail and password; what does not match costs the same time, whether there is such a person or not."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 Django's signature
        username: str | None = None,
        password: str | None = None,
        **_: object,
    ) -> User | None:
        user = User.objects.filter(email__iexact=username or "").first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password or "") and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
