"""Pure decisions: which domain serves which messages, what a slug means, who visits."""
