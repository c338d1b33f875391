"""Pure functions on plain arrays: the input–output table and everything that is computed from it.

Money is float in the unit its table names: these are estimates, labelled so, never amounts anybody is paid. Every result carries a
:class:`~diguan.chains.engine.basis.Basis`: table, year, source, import treatment, δ, closure, and the example mark.
"""
