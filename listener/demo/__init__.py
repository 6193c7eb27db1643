"""A small invented town on loopback, and the clock played through it: the whole way of a post in a minute."""
