"""政务服务: matters, one matter once, cases on a legal clock, and the bench on which their process is made anew.

Main nouns: Matter, a Record of the bureau that handles it, with its MatterVersions (one draft at most; a published one never
changes, and which is in force follows from the day); LifeEvent 一件事 with its LifeEventVersions, documents whose questions choose
the matters. What a form or a file asks for is named in the one dictionary (kernel/evidence). Who is entitled to money is not kept here.
"""
