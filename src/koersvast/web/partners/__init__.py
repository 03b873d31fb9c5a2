"""Pages of partners: organisations, agreements, promises, regional plans, consultations and their meetings."""
