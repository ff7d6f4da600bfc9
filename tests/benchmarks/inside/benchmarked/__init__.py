"""The same row five times: plain, and under each way of keeping its history."""
