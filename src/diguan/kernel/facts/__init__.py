"""Facts: typed, dated values about a subject, delivered by a named source in immutable batches.

A fact is ``value``, ``absent`` (known not to exist) or ``unknown`` (nobody has told us).
It is visible if and only if its batch is committed; a correction is a later batch.
"""
