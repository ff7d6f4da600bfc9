"""What CI runs against the reference project, and what a newcomer types."""
