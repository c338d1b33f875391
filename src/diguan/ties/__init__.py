"""乡情: people and merchants from here who live elsewhere, chambers of theirs, and who can introduce the county to a firm.

Main nouns: HometownPerson with their Consents (nobody is kept without one; when it is over nothing of them is shown), Chamber, TiedFirm,
Tie (one sourced relation between two of them), Return (the proof that an investor is a returnee 湘商回归). Firms the county would like to have
belong to ``chains``, leads and projects to ``projects``; they read this room's queries.
"""
