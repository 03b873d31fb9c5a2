"""Pages: organisations, agreements, promises, regional plans."""
