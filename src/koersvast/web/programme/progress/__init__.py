"""Pages: progress by page, phone and mail link."""
