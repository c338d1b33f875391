"""Sheets: one reader for every Excel or CSV file people bring.

An import is a declared sheet: preview, errors by cell, then one batch or nothing. ``guard`` refuses
what is no honest sheet, ``grid`` turns a file into cells, ``header`` finds the headings, ``reader``
the rows, ``check`` the facts in them, and ``marks`` gives the file back with its errors marked.
"""
