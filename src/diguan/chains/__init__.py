"""产业链与区域经济: who makes what, what is missing, and what one project sets in motion.

So far only the engine: the table of a region's economy (投入产出表), multipliers with a band, regionalisation, location and
complexity measures, the effect of one project. It estimates; it neither counts nor decides. Facts about enterprises are not kept here.
"""
