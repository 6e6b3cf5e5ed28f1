"""The demo: one real campaign through the public API, cross-checked against the provider's own ledger."""
