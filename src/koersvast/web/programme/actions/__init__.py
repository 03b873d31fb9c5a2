"""Pages: actions in their views."""
