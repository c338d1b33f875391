"""The API's shared parts: pages by cursor, versions (ETag, If-Match), keys against doing twice, one shape of error.

A room declares its routes in ``web/api.py`` (a ``Router`` and views of a few lines that call the same queries and
actions as its pages); the site gathers them under ``/api/``. Whoever asks is known before a route runs, and every
route asks for its right itself, as every page does. Nothing here knows a room.
"""
