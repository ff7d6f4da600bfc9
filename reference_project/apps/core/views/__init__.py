"""The views of the core application, one module for each subject."""
