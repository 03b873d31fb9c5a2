"""Visit pages that lead to one another: several chains at once, each page kept and written down before it counts.

Pages are fetched in threads; everything else (the journal, the checks, the reports of progress) happens in the thread
that calls, in the order in which pages come in. What is returned is in the order of the chains.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from koersvast.connectors.journals import Journal, Page
from koersvast.connectors.problems import FetchProblem, problem

# Version 3 refuses a question with more lines than this; an answer with just as many may have been cut off.
FULL_PART_ROWS = 10_000


@dataclass(kw_only=True)
class Walk:
    """One visit to all chains of a table. `fetch_page` fetches, reads and keeps one page (in a thread); its second
    argument says whether the page is still wanted.

    `is_kept` says whether a page of the journal is still there; `report` is told after each page; a chain that ends
    with a page of `full_rows` rows is refused, for it may have been cut off there.
    """

    table: str
    fetch_page: Callable[[str, Callable[[], bool]], Page]
    is_kept: Callable[[str], bool]
    journal: Journal
    report: Callable[["Walk"], None]
    parallel: int
    most_pages: int
    full_rows: int | None = None
    chains: list[list[Page]] = field(default_factory=list)
    size_bytes: int = 0
    _urls: set[str] = field(default_factory=set)
    _digests: set[str] = field(default_factory=set)
    _is_over: bool = False

    @property
    def done(self) -> int:
        return sum(len(chain) for chain in self.chains)

    @property
    def total(self) -> int | None:
        """How many pages there are in all; None as soon as one page turned out to lead to another."""
        leads_on = any(page.next_url for chain in self.chains for page in chain[:1])
        return None if leads_on else len(self.chains)

    def visit(self, first_urls: Sequence[str]) -> tuple[Page, ...]:
        """Visit every chain to its end; return all pages, chain after chain. Raises FetchProblem."""
        self.chains = [[] for _ in first_urls]
        waiting = deque(enumerate(first_urls))
        with ThreadPoolExecutor(self.parallel, thread_name_prefix="fetch") as threads:
            running: dict[Future[Page], tuple[int, str]] = {}
            try:
                while waiting or running:
                    self._start(waiting, running, threads)
                    for chain, page in self._come_in(running):
                        if following := self._take(chain, page):
                            waiting.appendleft((chain, following))
            finally:
                self._is_over = True
                self._save(running)
        pages = tuple(page for chain in self.chains for page in chain)
        if not any(page.rows for page in pages):
            raise FetchProblem(problem("no_rows", table=self.table))
        return pages

    def _goes_on(self) -> bool:
        return not self._is_over

    def _start(
        self, waiting: deque[tuple[int, str]], running: dict[Future[Page], tuple[int, str]], threads: ThreadPoolExecutor
    ) -> None:
        while waiting and len(running) < self.parallel:
            chain, url = waiting.popleft()
            if url in self._urls:
                raise FetchProblem(problem("pages_in_a_circle", table=self.table))
            if len(self._urls) >= self.most_pages:
                raise FetchProblem(problem("too_many_pages", table=self.table, limit=self.most_pages))
            self._urls.add(url)
            known = self.journal.pages.get(url)
            if known is None or not self.is_kept(known.sha256):
                running[threads.submit(self.fetch_page, url, self._goes_on)] = chain, url
            elif following := self._take(chain, known):
                waiting.appendleft((chain, following))

    def _come_in(self, running: dict[Future[Page], tuple[int, str]]) -> Iterator[tuple[int, Page]]:
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            page = future.result()
            chain, _ = running.pop(future)
            self.journal.note(page)
            yield chain, page

    def _save(self, running: dict[Future[Page], tuple[int, str]]) -> None:
        """After a failure: let what is under way end, and write down what came whole, for the next attempt."""
        wait(running)
        for future in running:
            if not future.cancelled() and future.exception() is None:
                self.journal.note(future.result())

    def _take(self, chain: int, page: Page) -> str | None:
        """Add a page to its chain after holding it against the others; return the address that follows it."""
        if page.rows and page.sha256 in self._digests:
            raise FetchProblem(problem("page_repeated", table=self.table))
        self._digests.add(page.sha256)
        self.chains[chain].append(page)
        self.size_bytes += page.size_bytes
        if page.next_url is None:
            self._check_whole(self.chains[chain])
        self.report(self)
        return page.next_url

    def _check_whole(self, chain: Sequence[Page]) -> None:
        found, announced = sum(page.rows for page in chain), chain[0].announced
        if announced is not None:
            if announced != found:
                raise FetchProblem(problem("rows_disagree", table=self.table, announced=announced, found=found))
        elif self.full_rows is not None and chain[-1].rows >= self.full_rows:
            raise FetchProblem(problem("part_is_full", table=self.table, limit=self.full_rows))
