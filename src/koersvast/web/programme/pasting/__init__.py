"""Pages: pasting a table, known measures."""
