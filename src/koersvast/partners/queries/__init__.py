"""What the partners know: organisations, agreements, promises, consultations."""
