"""The edge of the world, inwards: files and services become plain values here.

What is fetched is kept (`snapshot`), opened (`tabular`) and read by a mapping (`figures`); tables leave through
`tables_out`. No Django, no database and no sentences: a problem is a code with values (`problems`), and the floor
above words it.
"""
