"""Publications: what leaves the house.

`blocks` says what a document consists of, `charts` makes chart specifications, `drawing` renders them, `writers`
turns a document into PDF, HTML, DOCX or ODT, `converters` runs the foreign programs behind the writers in
one-shot children. None of these knows Django or the database.

Not for: calculating or judging a number. Every value arrives here already formatted, with its source.
"""
