"""gateway-api: the only door to Volley."""
