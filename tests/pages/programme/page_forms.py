"""What a browser without scripts would send: the fields of a form on a page as they stand there."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    """Collects the fields of the form that posts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.inside, self.select, self.text, self.option = False, "", "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            own = "action" not in given or "kv-form" in given.get("class", "")
            self.inside = given.get("method", "").lower() == "post" and own
        elif self.inside and tag == "input":
            self._input(name, given)
        elif self.inside and tag == "textarea":
            self.text = name
            self.found.setdefault(name, []).append("")
        elif self.inside and tag == "select":
            self.select, self.option = name, False
        elif self.select and tag == "option" and ("selected" in given or not self.option):
            self.found[self.select] = [given.get("value", "")]
            self.option = True

    def _input(self, name: str, given: dict[str, str]) -> None:
        ticked = given.get("type") in {"checkbox", "radio"}
        if not ticked or "checked" in given:
            self.found.setdefault(name, []).append(given.get("value", "on" if ticked else ""))

    def handle_data(self, data: str) -> None:
        if self.text:
            self.found[self.text][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select
        self.inside = False if tag == "form" else self.inside
        if tag == "textarea" and self.text:
            self.found[self.text][-1] = self.found[self.text][-1].removeprefix("\n")
            self.text = ""


def fields_of(page: bytes) -> dict[str, list[str]]:
    """Return the values of the form on this page, by the names of its fields."""
    reader = _Fields()
    reader.feed(page.decode())
    return {name: values for name, values in reader.found.items() if name and name != "csrfmiddlewaretoken"}
