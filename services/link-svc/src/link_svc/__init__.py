"""link-svc: domains, pools and their limits; short and opt-out URLs; the public redirect and the opt-out page."""
