"""The tutorial is done from the first line to the last in a fresh installation; what it shows must come out."""

import re
import subprocess
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import ROOT, Installation
from tests.docs.blocks import agrees, blocks, steps
from tests.journeys.conftest import serve

TUTORIAL = ROOT / "docs" / "tutorials" / "van-cijfers-naar-oordeel.md"
ANSWER = re.compile(r"beantwoord (?P<rule>P\d\d) met: (?P<text>.+)")
PAGES = ("stand", "cijfers", "toets", "documenten")
ON_SCREEN = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


class Reader:
    """Somebody who does what the tutorial says: saves its files, gives its commands, clicks where it says so."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        # The tutorial is in Dutch, whatever this machine speaks.
        dutch = {**installation.environment, "KOERSVAST_LANG": "nl"}
        self.installation = Installation(home=installation.home, environment=dutch)
        self.folder, self.exit_code = folder, 0

    def give(self, command: str) -> str:
        """Return what a command says, as it stands in a terminal."""
        if command == "echo $?":
            return f"{self.exit_code}\n"
        program, *arguments = command.split()
        assert program == "koersvast", command
        done = subprocess.run(
            self.installation.command(*arguments),
            env=self.installation.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        self.exit_code = done.returncode
        return done.stdout

    def click(self, what: str) -> None:
        answer = ANSWER.fullmatch(what)
        assert answer, what
        for address in serve(self.installation):
            answer_finding(address, rule=answer["rule"], text=answer["text"])


def answer_finding(address: str, *, rule: str, text: str) -> None:
    """Fill in the form that stands under the first finding of `rule` on the page of the plan check."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{address}/dalfsen/plan/ivp-2019-2022/toets/").read().decode()
    form = re.search(
        r'id="regel-' + rule + r'".*?<form[^>]*action="(?P<action>[^"]+)"(?P<fields>.*?)</form>', page, re.DOTALL
    )
    assert form, f"the page has no form under {rule}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form["fields"]))
    data = urllib.parse.urlencode(hidden | {"text": text}).encode()
    browser.open(urllib.request.Request(address + form["action"], data=data, headers={"Referer": address}))  # noqa: S310


@pytest.mark.one_database
def test_tutorial_done_in_a_fresh_installation_says_what_it_shows(installation: Installation, tmp_path: Path) -> None:
    reader, differences = Reader(installation, tmp_path), list[str]()
    for block in blocks(TUTORIAL):
        if block.kind == "csv":
            (tmp_path / block.name).write_text(block.body, encoding="utf-8")
        if block.kind == "klik":
            reader.click(block.body)
        for step in steps(block) if block.kind == "console" else []:
            said = reader.give(step.command)
            if not agrees(step.output, said):
                differences.append(f"line {step.line}: $ {step.command}\nshown:\n{step.output}\nsaid:\n{said}")
    assert not differences, "\n\n".join(differences)
    with ZipFile(tmp_path / "rapport.docx") as report:
        assert "koos er bewust zeven" in report.read("word/document.xml").decode()


@pytest.mark.one_database
def test_words_that_the_tutorial_names_stand_on_the_pages(demo_installation: Installation) -> None:
    named = {" ".join(words.split()) for words in ON_SCREEN.findall(TUTORIAL.read_text(encoding="utf-8"))}
    assert {"Stand", "Overnemen", "Plantoets"} <= named
    for address in serve(demo_installation):
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        pages = [browser.open(f"{address}/dalfsen/{page}/").read().decode() for page in PAGES]
    words = {text.strip() for page in pages for text in re.findall(r">([^<>]+)<", page)}
    assert sorted(named - words) == []


def test_readme_counts_the_findings_that_the_tutorial_shows() -> None:
    told = re.search(r"krijgt (\d+) bevindingen", (ROOT / "README.md").read_text(encoding="utf-8"))
    shown = re.search(r"2019-2022: (\d+) bevindingen", TUTORIAL.read_text(encoding="utf-8"))
    assert told
    assert shown
    assert told[1] == shown[1]


@pytest.mark.parametrize(
    ("shown", "said", "right"),
    [
        ("2022  20  28\n", "2022  20  28\n", True),
        ("2022  20  28\n", "2022  20  29\n", False),
        ("2022  20  28\n", "2022  20  28\nand more\n", False),
        ("2022  20  28 …\n", "2022  20  28 and more\n", True),
        ("2022  20  28 …\n", "2022  20  28 and\nmore\n", False),
        ("kans 13 %\n", "kans 13\N{NO-BREAK SPACE}%\n", True),
        ("first\n…\nlast\n", "first\nlast\n", True),
        ("first\n…\nlast\n", "first\n2\n3\nlast\n\n", True),
        ("first\n…\nlast\n", "first\n2\n3\nlast of all\n", False),
        ("(a.b)\n", "(axb)\n", False),
        ("", "something\n", False),
    ],
)
def test_output_agrees_only_when_every_shown_line_is_there(shown: str, said: str, right: bool) -> None:
    assert agrees(shown, said) is right
