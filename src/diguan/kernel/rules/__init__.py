"""Policies as data: one typed tree, judged for one enterprise or for a whole county with the same answer.

``document`` reads a file into the tree, ``scalar`` judges one subject, ``sets`` judges all of them.
"""
