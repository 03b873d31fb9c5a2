"""Child: a Typst template and its data in, a PDF out.

Request: {"template": text, "data": …, "fonts": folder, "dated": seconds since 1970}. The data reach Typst as a JSON
text and are never read as markup. The PDF is PDF/UA-1 and PDF/A-2a in one, or there is none.
"""

import json
import sys
from pathlib import Path

import typst

from koersvast.publications.converters import limit

if __name__ == "__main__":
    limit()
    request = json.load(sys.stdin)
    try:
        pdf = typst.compile(
            request["template"].encode(),
            format="pdf",
            root=Path.cwd(),
            font_paths=[request["fonts"]],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(request["data"])},
            pdf_standards=["ua-1", "a-2a"],
            package_path=Path.cwd(),
            package_cache_path=Path.cwd(),
            timestamp=request["dated"],
        )
    except typst.TypstError as fault:
        sys.exit(fault.diagnostic or fault.message)
    sys.stdout.buffer.write(bytes(pdf))
