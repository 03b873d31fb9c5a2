"""The table book of a survey: every question by every background, in the forms in which researchers read it.

`book` holds the values, `words` the words of the reader, `workbook` writes XLSX, `lines` CSV with one figure a line,
`page` HTML with a search. All stream: one table at a time is in memory. Pure: what may not be shown never comes in.
"""
