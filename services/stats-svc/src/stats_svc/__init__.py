"""stats-svc: what became of every campaign, in figures."""
