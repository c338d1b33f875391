"""敲门招商: trips of the county's teams to firms and chambers elsewhere, what was said there, and who came to look in return.

Main nouns: Trip (team, cities, purpose, budget and expenses held against dated limits), Call 拜访 (a stop of a trip), VisitLog 走访记录
(known by a key of its own, so that what was written without a network arrives once), FollowUp (who does what by when), Invitation and
SiteVisit 来县考察, Place and TravelTime for the planner, TripPlan (what the planner proposed, its bound and the greedy plan beside it).
Leads and projects are the projects room's. There are no check-ins and no rankings of persons here.
"""
