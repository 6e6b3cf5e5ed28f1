"""One file a use case: load, decide, save, outbox."""
