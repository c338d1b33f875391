"""数据征询: facts nobody has told, asked of who can tell them: the bureau that delivers them, or the enterprise itself.

A request closes by itself once a committed batch tells what it asked for; no click closes one as answered. What an
enterprise says of itself is a batch of source ``enterprise`` (企业自报): used where no bureau has spoken, never before one.
"""
