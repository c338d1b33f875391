"""The doors of Diguan: settings, URLs, login, administration and the command line.

The site owns no table. It is the top room: it may see every other room, none may see it.
"""
