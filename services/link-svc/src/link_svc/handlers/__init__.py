"""Use cases, one a file: load, decide, save and outbox in one transaction."""
