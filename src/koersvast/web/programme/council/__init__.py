"""Pages: the council."""
