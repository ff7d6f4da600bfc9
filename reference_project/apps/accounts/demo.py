"""The moment at which the demo accounts were made: apps add what there is to try out in them."""

from django.dispatch import Signal

#: Sent with ``user``, the ordinary demo user, within the transaction that makes the accounts.
demo_seeded = Signal()
