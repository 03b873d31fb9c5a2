"""Every write of the programme that has a name."""
