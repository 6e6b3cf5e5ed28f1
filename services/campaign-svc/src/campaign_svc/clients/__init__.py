"""Outbound calls to the internal APIs of other services, made when a campaign is prepared or resumed."""
