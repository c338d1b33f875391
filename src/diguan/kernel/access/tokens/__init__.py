"""Personal API tokens 接口令牌: a program asks in a person's name, with that person's rights and never more.

A person issues a token on a page, sees it once and may revoke it there. Only its digest is stored. It opens
the API alone, never the pages, and ends with its day, its revocation, or its person's account.
"""
