"""Pages: the calendar."""
