"""The HTTP views of documents."""
