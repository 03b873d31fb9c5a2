"""Child: Vega-Lite specifications in, pictures or Vega specifications out.

Request: {"fonts": folder, "jobs": [{"kind": "svg" | "png" | "vega" | "raster", "spec": …, "scale": …}]}; the spec
of a raster is SVG text. Answer: a list with per job {"done": base64} or {"failed": words}.
"""

import base64
import json
import sys
from typing import Any

import vl_convert

from koersvast.publications.converters import limit

# The newest Vega-Lite in the renderer; pinned so that a picture does not change with an upgrade unnoticed.
VEGA_LITE = "6.4"


def draw(job: dict[str, Any]) -> bytes:
    spec, scale = job["spec"], job["scale"]
    match job["kind"]:
        case "svg":
            return vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[]).encode()
        case "png":
            return vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[])
        case "raster":
            return vl_convert.svg_to_png(spec, scale=scale)
        case _:
            return json.dumps(vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE), ensure_ascii=False).encode()


def answer(job: dict[str, Any]) -> dict[str, str]:
    try:
        return {"done": base64.b64encode(draw(job)).decode()}
    except ValueError as fault:
        return {"failed": str(fault)[:1000]}


if __name__ == "__main__":
    limit()
    request = json.load(sys.stdin)
    vl_convert.register_font_directory(request["fonts"])
    json.dump([answer(job) for job in request["jobs"]], sys.stdout)
