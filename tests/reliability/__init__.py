"""What the reference project promises when many work at once, and when servers and workers die."""
