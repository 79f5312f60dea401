"""
The benchmark: goals as ratios, each against its raw limit in the same run, on a database of its own.

A ratio is the median over rounds of (subject / limit); the order turns round in every round, so that a machine that
is busy for a while slows both. A goal fails only when the median and the ratio of the fastest tenths are both over it.
"""
