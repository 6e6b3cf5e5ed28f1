"""What Volley is developed and tried with: the local stack, the provider simulator, load and fault drivers."""
