"""Capture one table, or a part of it, as it was at one moment: every byte kept, and a manifest of which bytes they are.

A capture exists when its manifest does. Until then there is only a journal, from which a process that was killed goes
on. Nothing above reads the network: all figures come from captures, so they can be made again years later.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from koersvast.connectors import statline
from koersvast.connectors.fetching import Fetched, Fetcher
from koersvast.connectors.journals import Journal, Page
from koersvast.connectors.odata_json import read_list, read_object
from koersvast.connectors.pages import FULL_PART_ROWS, Walk
from koersvast.connectors.problems import FetchProblem, problem
from koersvast.connectors.snapshot import LARGEST_BYTES, DamagedSnapshot, NoSuchSnapshot, Snapshot, SnapshotStore
from koersvast.connectors.statline import Protocol, Slice, TableAddress, TableDescription

MANIFEST_KIND = "application/vnd.koersvast.capture+json"
MANIFEST_VERSION = 1
MOST_PAGES = 100_000
ACCEPT_TABLE = "application/json, application/atom+xml;q=0.5"
ACCEPT_FEATURES = "application/geo+json, application/json;q=0.9"
MOST_LIST_PAGES = 100
_WORTHLESS = frozenset(
    {"changed_meanwhile", "page_repeated", "pages_in_a_circle", "rows_disagree", "part_is_full", "no_rows"}
)
_ANNOUNCED = re.compile(rb'(?:"@?odata\.count"\s*:\s*"?|<m:count>)(\d{1,12})\b')


@dataclass(frozen=True, kw_only=True)
class Part:
    """One piece of a capture: `role` is the metadata's own name ("TableInfos"), "page", "features" or "file".

    `url` is where it came from; for a file given by hand, its name.
    """

    role: str
    url: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What was taken from a source, part by part in a fixed order; `sha256` is that of its manifest.

    `modified` is what the source said of itself, and the same at the end as at the beginning.
    """

    sha256: str
    table: str
    address: TableAddress | None
    slice: Slice
    started_at: datetime
    finished_at: datetime
    modified: datetime | None
    parts: tuple[Part, ...]
    licence: str
    holder: str
    title: str

    def of_role(self, *roles: str) -> tuple[Part, ...]:
        """Return the parts with one of these roles, in order."""
        return tuple(part for part in self.parts if part.role in roles)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a capture is: pages done, pages in all where that is known, bytes so far, and what is going on.

    `text_code` is "metadata", "pages", "checking" or "done".
    """

    done: int
    total: int | None
    bytes: int
    text_code: str


type Report = Callable[[Progress], None]


def _silent(progress: Progress) -> None:
    """Report to nobody."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class _Keeping:
    """What every part of one capture has in common."""

    fetcher: Fetcher
    snapshots: SnapshotStore
    table: str
    licence: str

    def is_kept(self, sha256: str) -> bool:
        """Whether a page that a journal names is still there, unharmed."""
        try:
            self.snapshots.read(sha256)
        except (NoSuchSnapshot, DamagedSnapshot):
            return False
        return sha256 in self.snapshots

    def keep(self, fetched: Fetched) -> Snapshot:
        return self.snapshots.keep(
            fetched.data,
            taken_from=fetched.url,
            file_name=self.table,
            fetched_at=fetched.fetched_at,
            licence=self.licence,
            media_type=fetched.media_type,
        )


def capture_table(
    address: TableAddress,
    wanted: Slice,
    *,
    fetcher: Fetcher,
    snapshots: SnapshotStore,
    journal: Path,
    licence: str,
    holder: str,
    progress: Report = _silent,
    now: Callable[[], datetime] = _now,
) -> Capture:
    """Fetch a slice of a table, or go on with it from the journal. `progress` is called in the calling thread.

    Raises FetchProblem; then nothing counts as captured. The journal stays for another attempt, unless the pages
    contradict one another or the table changed meanwhile: then the next attempt begins anew.
    """
    started_at = now()
    keeping = _Keeping(fetcher=fetcher, snapshots=snapshots, table=address.table, licence=licence)
    progress(Progress(done=0, total=None, bytes=0, text_code="metadata"))
    metadata = _fetch_metadata(address, fetcher)
    description = statline.describe(_contents(metadata), address)
    first_urls = statline.page_urls(address, description, wanted)
    with Journal(journal, _about(address, wanted, metadata)) as written, _worthless_forgotten(written):
        walk = _walk_of(keeping, address, description, written, progress)
        pages = walk.visit(first_urls)
        progress(Progress(done=walk.done, total=walk.done, bytes=walk.size_bytes, text_code="checking"))
        _check_unchanged(address, metadata, description, fetcher)
        parts = [_part(role, keeping.keep(fetched)) for role, those in metadata.items() for fetched in those]
        parts += [Part(role="page", url=p.url, sha256=p.sha256, size_bytes=p.size_bytes) for p in pages]
        capture = _write_manifest(
            snapshots,
            table=address.table,
            address=address,
            slice=wanted,
            started_at=started_at,
            finished_at=now(),
            modified=description.modified,
            parts=tuple(parts),
            licence=licence,
            holder=holder,
            title=description.title,
        )
        written.forget()
    progress(Progress(done=walk.done, total=walk.done, bytes=walk.size_bytes, text_code="done"))
    return capture


def capture_files(
    files: Sequence[tuple[str, bytes]],
    *,
    snapshots: SnapshotStore,
    taken_from: str,
    fetched_at: datetime,
    licence: str,
    holder: str,
    title: str,
    table: str,
) -> Capture:
    """Capture files that somebody gives by hand, in the order of their names.

    Raises FetchProblem for no file, an empty one, or one that is too large to be read back.
    """
    if not files or any(not data for _, data in files):
        raise FetchProblem(problem("no_rows", table=table))
    if (largest := max(len(data) for _, data in files)) > LARGEST_BYTES:
        raise FetchProblem(problem("file_too_large", limit=LARGEST_BYTES, found=largest))
    parts = []
    for name, data in sorted(files):
        kept = snapshots.keep(
            data,
            taken_from=taken_from,
            file_name=name,
            fetched_at=fetched_at,
            licence=licence,
            media_type="application/octet-stream",
        )
        parts.append(Part(role="file", url=name, sha256=kept.sha256, size_bytes=kept.size_bytes))
    return _write_manifest(
        snapshots,
        table=table,
        address=None,
        slice=Slice(),
        started_at=fetched_at,
        finished_at=fetched_at,
        modified=None,
        parts=tuple(parts),
        licence=licence,
        holder=holder,
        title=title,
    )


def capture_features(
    urls: Sequence[str],
    *,
    fetcher: Fetcher,
    snapshots: SnapshotStore,
    journal: Path,
    licence: str,
    holder: str,
    title: str,
    table: str,
    progress: Report = _silent,
    now: Callable[[], datetime] = _now,
) -> Capture:
    """Capture collections of features (GeoJSON) with the pages that their "next" links lead to. Raises FetchProblem."""
    started_at = now()
    keeping = _Keeping(fetcher=fetcher, snapshots=snapshots, table=table, licence=licence)

    def fetch_page(url: str, is_wanted: Callable[[], bool]) -> Page:
        fetched = fetcher.get(url, accept=ACCEPT_FEATURES, is_wanted=is_wanted)
        return _feature_page(url, fetched.data, table, keeping.keep(fetched))

    with (
        Journal(journal, {"version": MANIFEST_VERSION, "table": table, "urls": list(urls)}) as written,
        _worthless_forgotten(written),
    ):
        walk = Walk(
            table=table,
            fetch_page=fetch_page,
            is_kept=keeping.is_kept,
            journal=written,
            report=lambda walk: progress(_progress(walk)),
            parallel=fetcher.limits.parallel,
            most_pages=MOST_PAGES,
        )
        pages = walk.visit(urls)
        capture = _write_manifest(
            snapshots,
            table=table,
            address=None,
            slice=Slice(),
            started_at=started_at,
            finished_at=now(),
            modified=None,
            parts=tuple(Part(role="features", url=p.url, sha256=p.sha256, size_bytes=p.size_bytes) for p in pages),
            licence=licence,
            holder=holder,
            title=title,
        )
        written.forget()
    progress(Progress(done=walk.done, total=walk.done, bytes=walk.size_bytes, text_code="done"))
    return capture


def load_capture(snapshots: SnapshotStore, sha256: str) -> Capture:
    """Read a capture back by the digest of its manifest.

    Raises NoSuchSnapshot for an unknown one, and FetchProblem when it is no manifest or a part of it is gone.
    """
    try:
        capture = _capture(json.loads(snapshots.read(sha256)), sha256)
        is_whole = all(part.sha256 in snapshots for part in capture.parts)
    except NoSuchSnapshot as error:
        if error.args == (sha256,):
            raise
        is_whole = False
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FetchProblem(problem("damaged_capture", capture=sha256)) from error
    if not is_whole:
        raise FetchProblem(problem("damaged_capture", capture=sha256))
    return capture


def metadata_of(capture: Capture, snapshots: SnapshotStore) -> dict[str, bytes]:
    """Return the metadata of a captured table by role, as `statline.describe` takes them. Raises as `read` does."""
    found: dict[str, list[bytes]] = {}
    for part in capture.parts:
        if part.role not in {"page", "features", "file"}:
            found.setdefault(part.role, []).append(snapshots.read(part.sha256))
    return {role: _joined(pages) for role, pages in found.items()}


# --- a table


type Metadata = Mapping[str, Sequence[Fetched]]


def _fetch_metadata(address: TableAddress, fetcher: Fetcher) -> dict[str, list[Fetched]]:
    found: dict[str, list[Fetched]] = {}
    while wanted := statline.metadata_urls(address, _contents(found)):
        for role, url in wanted.items():
            found[role] = _fetch_list(url, address, fetcher)
    return found


def _fetch_list(url: str, address: TableAddress, fetcher: Fetcher) -> list[Fetched]:
    """Fetch one part of the metadata. A list of places is longer than the API gives; the feed gives it in pages."""
    try:
        pages = [fetcher.get(url, accept=ACCEPT_TABLE)]
    except FetchProblem as refused:
        if refused.problem.name != "too_many_records" or "/ODataApi/" not in url:
            raise
        pages = [fetcher.get(url.replace("/ODataApi/", "/ODataFeed/"), accept=ACCEPT_TABLE)]
    seen, most_bytes = {pages[0].url}, fetcher.limits.max_bytes
    while following := statline.next_url(pages[-1].data, address):
        if sum(len(page.data) for page in pages) > most_bytes:
            raise FetchProblem(problem("answer_too_large", host=address.host, limit=most_bytes))
        if following in seen or len(seen) > MOST_LIST_PAGES:
            raise FetchProblem(problem("pages_in_a_circle", table=address.table))
        seen.add(following)
        pages.append(fetcher.get(following, accept=ACCEPT_TABLE))
    return pages


def _contents(metadata: Metadata) -> dict[str, bytes]:
    return {role: _joined([fetched.data for fetched in those]) for role, those in metadata.items()}


def _joined(pages: Sequence[bytes]) -> bytes:
    """One list of several pages; a single page stays as it is, to the byte."""
    if len(pages) == 1:
        return pages[0]
    values = [value for page in pages for value in read_list(page, table="")]
    return json.dumps({"value": values}, ensure_ascii=False).encode()


def _about(address: TableAddress, wanted: Slice, metadata: Metadata) -> dict[str, Any]:
    """What a journal must be about for its pages to count: the same question to the same state of the table."""
    return {
        "version": MANIFEST_VERSION,
        "address": asdict(address),
        "slice": asdict(wanted),
        "metadata": {role: hashlib.sha256(data).hexdigest() for role, data in _contents(metadata).items()},
    }


@contextmanager
def _worthless_forgotten(written: Journal) -> Iterator[None]:
    """Pages that contradict one another must not be met again at the next attempt."""
    try:
        yield
    except FetchProblem as refused:
        if refused.problem.name in _WORTHLESS:
            written.forget()
        raise


def _walk_of(
    keeping: _Keeping, address: TableAddress, description: TableDescription, written: Journal, progress: Report
) -> Walk:
    def fetch_page(url: str, is_wanted: Callable[[], bool]) -> Page:
        fetched = keeping.fetcher.get(url, accept=ACCEPT_TABLE, is_wanted=is_wanted)
        rows = statline.read_page(fetched.data, description).height
        following = statline.next_url(fetched.data, address)
        # What version 4 counts are observations; those are rows here only where the table has one measure.
        is_counted = address.protocol is Protocol.V3 or len(description.measures) == 1
        announced = _announced(fetched.data) if is_counted else None
        return _page(url, keeping.keep(fetched), rows, announced, following)

    return Walk(
        table=address.table,
        fetch_page=fetch_page,
        is_kept=keeping.is_kept,
        journal=written,
        report=lambda walk: progress(_progress(walk)),
        parallel=keeping.fetcher.limits.parallel,
        most_pages=MOST_PAGES,
        full_rows=FULL_PART_ROWS if address.protocol is Protocol.V3 else None,
    )


def _page(url: str, kept: Snapshot, rows: int, announced: int | None, following: str | None) -> Page:
    return Page(
        url=url, sha256=kept.sha256, size_bytes=kept.size_bytes, rows=rows, announced=announced, next_url=following
    )


def _announced(page: bytes) -> int | None:
    """The number of rows in all, where the source says it: it stands before the rows."""
    found = _ANNOUNCED.search(page[:2000])
    return int(found.group(1)) if found else None


def _check_unchanged(address: TableAddress, metadata: Metadata, before: TableDescription, fetcher: Fetcher) -> None:
    """Ask the table again what it is: pages of two editions, put together, are of neither."""
    again = _contents(metadata)
    for role, url in statline.metadata_urls(address).items():
        again[role] = _joined([fetched.data for fetched in _fetch_list(url, address, fetcher)])
    after = statline.describe(again, address)
    if after != before:
        raise FetchProblem(
            problem("changed_meanwhile", table=address.table, before=_moment(before), after=_moment(after))
        )


def _moment(description: TableDescription) -> str:
    return description.modified.isoformat(" ", "minutes") if description.modified else ""


def _progress(walk: Walk) -> Progress:
    return Progress(done=walk.done, total=walk.total, bytes=walk.size_bytes, text_code="pages")


# --- features


def _feature_page(url: str, data: bytes, table: str, kept: Snapshot) -> Page:
    collection = read_object(data, table=table)
    features = collection.get("features")
    if collection.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise FetchProblem(problem("unreadable_page", table=table, reason="no_features"))
    returned, matched = collection.get("numberReturned"), collection.get("numberMatched")
    if isinstance(returned, int) and returned != len(features):
        raise FetchProblem(problem("rows_disagree", table=table, announced=returned, found=len(features)))
    following = _next_feature_page(url, collection.get("links"), table)
    return _page(url, kept, len(features), matched if isinstance(matched, int) else None, following)


def _next_feature_page(url: str, links: object, table: str) -> str | None:
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next":
            try:
                following = urljoin(url, str(link.get("href", "")))
                here, there = urlsplit(url), urlsplit(following)
            except ValueError:
                raise FetchProblem(problem("next_page_elsewhere", table=table)) from None
            if (here.scheme, here.netloc, here.path) != (there.scheme, there.netloc, there.path):
                raise FetchProblem(problem("next_page_elsewhere", table=table))
            return following
    return None


# --- the manifest


def _part(role: str, kept: Snapshot) -> Part:
    return Part(role=role, url=kept.taken_from, sha256=kept.sha256, size_bytes=kept.size_bytes)


def _write_manifest(snapshots: SnapshotStore, **content: Any) -> Capture:
    """Keep the manifest as a snapshot of its own, and return the capture that it describes."""
    capture = Capture(sha256="", **content)
    manifest = asdict(capture) | {"version": MANIFEST_VERSION}
    del manifest["sha256"]
    kept = snapshots.keep(
        json.dumps(manifest, ensure_ascii=False, indent=1, default=datetime.isoformat).encode(),
        taken_from=capture.address.root if capture.address else capture.parts[0].url,
        file_name=f"{capture.table}.capture.json",
        fetched_at=capture.finished_at,
        licence=capture.licence,
        media_type=MANIFEST_KIND,
    )
    return Capture(sha256=kept.sha256, **content)


def _capture(found: Mapping[str, Any], sha256: str) -> Capture:
    if found["version"] != MANIFEST_VERSION:
        raise ValueError("Another version of the manifest.")
    address, modified = found["address"], found["modified"]
    return Capture(
        sha256=sha256,
        table=found["table"],
        address=TableAddress(**(address | {"protocol": Protocol(address["protocol"])})) if address else None,
        slice=Slice(**{name: tuple(values) for name, values in found["slice"].items()}),
        started_at=datetime.fromisoformat(found["started_at"]),
        finished_at=datetime.fromisoformat(found["finished_at"]),
        modified=datetime.fromisoformat(modified) if modified else None,
        parts=tuple(Part(**part) for part in found["parts"]),
        licence=found["licence"],
        holder=found["holder"],
        title=found["title"],
    )
