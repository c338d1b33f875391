"""惠企政策: which policies there are, which enterprises they reach, why, and what is missing.

Nouns: the policy (a YAML document of a pack), the match (a run over all enterprises), the
entitlement (one enterprise, one policy). It judges; it neither allocates nor pays: who gets the
money when there is not enough of it is another, later step.
"""
