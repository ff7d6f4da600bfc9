"""README and CONTRIBUTING, followed to the letter in a clean clone."""
