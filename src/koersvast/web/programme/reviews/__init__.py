"""Pages: check moments."""
