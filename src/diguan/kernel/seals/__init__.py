"""Seals 封存: once a day the heads of all event chains are put under one signed root, so that nobody rewrites what was done unseen.

A chain of events shows an edit in its middle. That its end was cut off, or that all of it was written anew, a *seal* shows: a Merkle
tree over the heads of the chains, its root signed with a key that is not in the database. A case file carries its chain, its place in
the tree and the signature, and is checked with nothing but the public key.
"""
