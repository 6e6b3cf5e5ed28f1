"""Pure decisions: no IO, no clock."""
