"""Pages that belong to no domain: the way in and out, language, errors, the audit trail, the municipality's settings."""
