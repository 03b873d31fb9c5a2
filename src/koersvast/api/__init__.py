"""The interface for other programs: REST under /api/v1. A face: it decides nothing and writes no rows."""
