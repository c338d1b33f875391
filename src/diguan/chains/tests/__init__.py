"""Tests of the chains room.

Which holds what was promised of the numbers (published answers need the tables beside the project and are skipped without them):

1. Scotland 2016, types I and II, household income as a required input: ``test_published`` (three tests of Scotland), ``test_models`` (closures refused).
2. United Kingdom 2019, inverse, effects and multipliers: ``test_published``; a sector without output: ``test_models``.
3. China 2020, balances, GDP, mean multiplier before and after imports are taken out: ``test_published``.
4. A larger table used as it is warns, the band of δ stands beside a multiplier: ``test_models``; what either is worth against a region's own table: ``test_regionalised``.
5. Properties: L ≥ I, m ≥ 1, linear shocks, RAS, in ``test_models``; quotients, HHI, shift-share, complexity by the textbook, in any order, in blocks, in ``test_location``;
   complexity equal to the ecomplexity package: ``benchmarks/regio.py``, in an environment of its own.
6. Codes of GB/T 4754 by level, with their parents: ``test_published``; unknown ones with the nearest: ``test_chain_files``.
7. A park of six firms by hand, more capacity, a firm more at a node: ``test_ranking``, and ``test_pairing`` for shortlists.
"""
