"""Where uploaded files lie. ``backend`` has the storages that ``STORAGES`` names."""
