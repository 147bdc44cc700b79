"""One module per upstream: each returns a tidy table of an edition named by the caller.

Everything here reads the embedded, checked edition and needs no network.
"""
