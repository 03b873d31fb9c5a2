"""Pages of no domain: the way in and out, language, errors, the audit trail, a municipality's settings."""
