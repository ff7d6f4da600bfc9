"""Models that exist only for the tests of the abstract ones; installed by the test settings."""
