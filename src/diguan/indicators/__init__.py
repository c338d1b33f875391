"""Indicators, cockpit and briefings 指标、驾驶舱、简报: what the county measures, each figure with the rows behind it.

An indicator 指标 is data (``packs/*/indicators.yaml``): what is counted (facts of enterprises, or a measure's lines), which of it, over which
span, held against what. A snapshot 快照 is a run: every indicator month by month, with the digests of all that went in; it never
changes, and what changed between two of them is worked out from what they name. It is no second measure and no second store:
rooms declare their measures, and rows stay where they are.

A plan 方案 holds tasks and targets, each with an office and a person who answer for it; a target stands beside a snapshot's figure and is never a
figure itself. Tables of peers are kept as others printed them; places are worked out.
"""
