"""Where the answers of respondents lie, encrypted, and by what a file is known again. Nothing of an answer is told."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from koersvast.connectors.microdata import Microdata, from_bytes
from koersvast.connectors.sealed import SealedStore
from koersvast.surveys.models import MicrodataFile, Wave


def sealed_store() -> SealedStore:
    """The store of this installation."""
    return SealedStore(
        Path(settings.MICRODATA), settings.MICRODATA_KEY, earlier_keys=tuple(settings.MICRODATA_EARLIER_KEYS)
    )


def context_of(wave: Wave) -> str:
    """What a sealed file belongs to; moved to another wave or municipality it does not open."""
    return f"{wave.municipality.code}/{wave.pk}"


def fingerprint_of(data: bytes, *, codebook: bytes | None, dropped: Iterable[str]) -> str:
    """Return a keyed digest: who lacks the key cannot test whether a file in hand is the one that was received."""
    digest = hmac.new(settings.MICRODATA_KEY, b"survey file", hashlib.sha256)
    digest.update(hashlib.sha256(data).digest())
    digest.update(hashlib.sha256(codebook or b"").digest())
    digest.update(json.dumps(sorted(dropped)).encode())
    return digest.hexdigest()


def read_answers(file: MicrodataFile) -> Microdata:
    """Open the answers of a file in memory; raises Destroyed or SealBroken."""
    return from_bytes(sealed_store().open(file.sealed_name, context=context_of(file.wave)))


def orphans(known: Iterable[str], *, before: datetime) -> list[str]:
    """Names of sealed files that no row knows and that are older than a moment: left by a process that died."""
    store, folder = sealed_store(), Path(settings.MICRODATA)
    strange = set(store.names()) - set(known)
    return sorted(name for name in strange if _is_older(folder / f"{name}.sealed", before))


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
