"""The eight words every room is built from: record, fact, rule, stage, measure, action, event, pack.

The kernel knows no domain: no policy, no enterprise page, no bank. It knows subjects, sources,
periods, rights and clocks. What a room needs twice lives here once.
"""
