"""Make the pictures of README.md again: a fresh demo, served and photographed. Needs Chromium on the machine.

`.venv/bin/python ops/make_screenshots.py [NAME …]` writes docs/images; without names it makes them all.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "images"
LARGEST_BYTES = 300_000
WIDTH = 1280
PLAN = "/dalfsen/plan/ivp-2019-2022"
# As in the tutorial: invented, for practice.
FIGURES = b"indicator;periode;waarde;eenheid\nwoninginbraken;2022;34;aantal\nwoninginbraken;2023;29;aantal\n"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@contextmanager
def served_demo() -> Iterator[str]:
    """Load the demo into a folder that goes away afterwards, and serve it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "KOERSVAST_HOME": home}
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "koersvast.cli.main"]
        subprocess.run([*command, "demo", "--no-serve"], env=environment, check=True)
        server = subprocess.Popen([*command, "serve", "--port", port], env=environment)
        try:
            wait_for(f"http://127.0.0.1:{port}/health/")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(address: str, *, seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310 our own server on loopback
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


def opened(path: str, *, at: str = "") -> Callable[[Page, str], None]:
    """Come to a page, and with `at` down to what has that heading.

    Date fields stay out of sight: Chromium writes them in its own language, and Debian's speaks English only.
    """

    def open_page(page: Page, address: str) -> None:
        page.goto(address + path, wait_until="networkidle")
        if at:
            page.get_by_text(at).first.evaluate("one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 46)")

    return open_page


def draft_of_speeding(page: Page, address: str) -> None:
    """The form of target values, with what it says while somebody types a fall of six percentage points."""
    page.goto(f"{address}{PLAN}/doelen/te-hard-rijden/doelwaarden/", wait_until="networkidle")


def preview_of_figures(page: Page, address: str) -> None:
    """A file with two figures, before it is taken over."""
    page.goto(f"{address}/dalfsen/cijfers/", wait_until="networkidle")
    page.set_input_files("input[type=file]", {"name": "inbraken.csv", "mimeType": "text/csv", "buffer": FIGURES})
    page.fill("input[type=date]", "2026-03-01")
    labels = page.locator("select[name=source] option").all_inner_texts()
    page.select_option("select[name=source]", label=next(label for label in labels if "47018NED" in label))
    for _ in ("the file", "its columns"):
        page.locator("main button.nl-button--primary").first.click()
        page.wait_for_load_state("networkidle")


# Name of the picture: how tall it is, and how to come to what it shows.
PICTURES: dict[str, tuple[int, Callable[[Page, str], None]]] = {
    "stand": (930, opened("/dalfsen/stand/")),
    "veiligheidsbeeld": (788, opened("/dalfsen/veiligheidsbeeld/1/", at="Tabel 2: Veilige woon")),
    "indicator": (560, opened("/dalfsen/indicatoren/woninginbraken/", at="Woninginbraken door de jaren")),
    "doelwaarden": (1100, draft_of_speeding),
    "plantoets": (1000, opened("/dalfsen/toets/")),
    "cijfers": (1100, preview_of_figures),
    "vergelijken": (640, opened("/lindelo/indicatoren/woninginbraken/vergelijken/", at="tussen de anderen")),
    "kaart": (1010, opened("/lindelo/indicatoren/misdrijven-totaal/kaart/", at="Geregistreerde misdrijven in Lindelo")),
    "enquete": (760, opened("/dalfsen-oefening/enquetes/2/uitkomsten/hard_rijden_komt_voor/", at="Toon naar")),
    "metingen": (640, opened("/dalfsen-oefening/enquetes/2/metingen-naast-elkaar/", at="2017 – 2021")),
}


def small(png: bytes) -> bytes:
    """Return the picture with a palette of 256 colours, which flat pages do not show."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    packed = io.BytesIO()
    picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def main(names: list[str]) -> None:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise SystemExit("No Chromium found.")
    IMAGES.mkdir(exist_ok=True)
    with served_demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        for name in names or PICTURES:
            height, come_to = PICTURES[name]
            size = {"width": WIDTH, "height": height}
            page = browser.new_page(locale="nl-NL", viewport=size, device_scale_factor=1)  # type: ignore[arg-type] # a size
            come_to(page, address)
            picture = small(page.screenshot())
            if len(picture) > LARGEST_BYTES:
                raise SystemExit(f"{name} is {len(picture)} bytes; at most {LARGEST_BYTES}.")
            (IMAGES / f"{name}.png").write_bytes(picture)
            print(f"{name}: {len(picture) // 1000} kB")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
