"""`make chaos`: campaigns under faults, seed by seed, judged by the provider's ledger."""
