"""What the generated reference is made of."""
