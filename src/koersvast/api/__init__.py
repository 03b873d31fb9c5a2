"""The interface for other programs: REST under /api/v1, by the Dutch API Design Rules. Decides nothing."""
