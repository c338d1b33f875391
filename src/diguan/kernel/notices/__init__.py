"""Notices 通知: what the house tells an enterprise or a person, by which channel it reached them, and what they answered.

A room writes one with ``actions.write`` (a :class:`~diguan.kernel.notices.kinds.Draft`: whom, about what, which words, where to);
``send_due`` puts it into the inbox, an official takes the rest out as a file for text messages or a provincial portal, and the receipts
come back as a sheet. The kernel knows neither policies nor requests: a kind of notice is declared by its room.
"""
