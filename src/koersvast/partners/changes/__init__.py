"""Every write of partners that has a name."""
