"""企业库: the register of enterprises and the dossier of each (一企一档).

Main nouns: Enterprise, its FormerNames, dated Titles (荣誉资质) and Contacts; every look at a full phone
number is a ContactView. It keeps who a firm is and where; what a firm *does* (tax, jobs, power) arrives as
facts from the bureaus and is only shown here. It is no credit report and holds no score.
"""
