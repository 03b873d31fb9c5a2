"""Pages: the self-test and the steps of a plan."""
