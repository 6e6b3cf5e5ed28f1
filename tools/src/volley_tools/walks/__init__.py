"""Random walks: what people may do to campaigns, at random moments, judged by a model and by the ledger."""
