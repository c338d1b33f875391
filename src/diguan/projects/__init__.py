"""线索和项目: what may come to the county, and what did; from the first word somebody heard to full production, with every yuan on a receipt.

Main nouns: Lead (a firm that may invest, held by one officer, on a clock) and Project (what is negotiated, signed, built and produces); two
records, never one row. A project has a stage and, beside it, a status; its agreements, promises, obligations and funds hang on it. What is
counted is worked out from verified rows by the counting rules of :mod:`diguan.projects.engine`. Trips and visits belong to ``outreach``, the
people who know the firm to ``ties``, buildings and land to ``parks``.
"""
