"""What we use of django-scopes, which carries no types of its own."""

from contextlib import AbstractContextManager
from typing import Any

from django.db.models import Manager

def ScopedManager(_manager_class: type[Manager[Any]] = ..., **scopes: str) -> Manager[Any]: ...  # noqa: N802 its own name
def scope(**values: object) -> AbstractContextManager[None]: ...
def scopes_disabled() -> AbstractContextManager[None]: ...
