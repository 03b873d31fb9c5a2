"""Charts as pictures, and as Vega for the browser. Rendered in a one-shot child and kept by content."""

import base64
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from koersvast.publications.converters import ConversionFailed, convert

MOST_KEPT = 256


class Kind(StrEnum):
    SVG = "svg"
    PNG = "png"
    VEGA = "vega"
    RASTER = "raster"  # an SVG text to PNG


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One picture to make. `name` is for the error message; `scale` counts for PNG only."""

    name: str
    kind: Kind
    spec: Mapping[str, Any] | str
    scale: float = 1.0


class _Kept:
    """The last drawings, by hash of all that determines them. Safe between threads."""

    def __init__(self) -> None:
        self._lock, self._drawings = threading.Lock(), OrderedDict[str, bytes]()

    def get(self, key: str, folder: Path | None) -> bytes | None:
        with self._lock:
            if (known := self._drawings.get(key)) is not None:
                self._drawings.move_to_end(key)
                return known
        try:
            return (folder / key).read_bytes() if folder else None
        except FileNotFoundError:
            return None

    def put(self, key: str, drawing: bytes, folder: Path | None) -> None:
        with self._lock:
            self._drawings[key] = drawing
            while len(self._drawings) > MOST_KEPT:
                self._drawings.popitem(last=False)
        if folder:
            part = folder / f"{key}.{threading.get_ident()}.part"
            part.write_bytes(drawing)
            part.replace(folder / key)


_kept = _Kept()


def draw(drawings: Sequence[Drawing], *, fonts: Path, keep_in: Path | None = None) -> list[bytes]:
    """Make all pictures, in order, in at most one child. Raise ConversionFailed with the name of the one that failed.

    `fonts` holds the TTF files; `keep_in` is an existing folder that keeps the results between processes.
    """
    keys = [_key(drawing, fonts) for drawing in drawings]
    done = {key: _kept.get(key, keep_in) for key in keys}
    todo = {key: drawing for key, drawing in zip(keys, drawings, strict=True) if done[key] is None}
    for key, result in _render(todo, fonts).items():
        done[key] = result
        _kept.put(key, result, keep_in)
    return [done[key] or b"" for key in keys]


def _render(todo: Mapping[str, Drawing], fonts: Path) -> dict[str, bytes]:
    if not todo:
        return {}
    jobs = [{"kind": d.kind.value, "spec": d.spec, "scale": d.scale} for d in todo.values()]
    request = {"fonts": str(fonts.resolve()), "jobs": jobs}
    answers = json.loads(convert("vega", json.dumps(request).encode()))
    results = {}
    for (key, drawing), answer in zip(todo.items(), answers, strict=True):
        if "failed" in answer:
            raise ConversionFailed(answer["failed"], block=drawing.name)
        results[key] = base64.b64decode(answer["done"])
    return results


def _key(drawing: Drawing, fonts: Path) -> str:
    faces = sorted((face.name, face.stat().st_size) for face in fonts.glob("*.[to]tf"))
    parts = [version("vl-convert-python"), drawing.kind, drawing.scale, drawing.spec, faces]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def render_svg(spec: Mapping[str, Any], *, fonts: Path, keep_in: Path | None = None) -> str:
    """Return the chart as SVG text; its description is not inside: give it as alternative text."""
    return draw([Drawing(name="chart", kind=Kind.SVG, spec=spec)], fonts=fonts, keep_in=keep_in)[0].decode()


def render_png(spec: Mapping[str, Any], *, fonts: Path, scale: float = 2.0, keep_in: Path | None = None) -> bytes:
    return draw([Drawing(name="chart", kind=Kind.PNG, spec=spec, scale=scale)], fonts=fonts, keep_in=keep_in)[0]


def compile_vega(spec: Mapping[str, Any], *, fonts: Path, keep_in: Path | None = None) -> dict[str, Any]:
    """Return the Vega 6 specification for the browser, which needs no Vega-Lite then."""
    compiled = draw([Drawing(name="chart", kind=Kind.VEGA, spec=spec)], fonts=fonts, keep_in=keep_in)[0]
    return dict(json.loads(compiled))
