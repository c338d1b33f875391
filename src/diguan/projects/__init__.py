"""招商项目: what this room is for, in a sentence.

Main nouns: Project, a Record with an owner unit. Say here what else it keeps, and what it is not: the first
thing a newcomer reads.
"""
