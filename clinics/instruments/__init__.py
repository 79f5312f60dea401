"""
Instruments as data: what a coding or a measure asks, and how its answers become exact figures.

A pure room: no Django, no clock, no database. `schema` reads and checks a definition, `catalogue` holds the
shipped ones, `scoring` turns coded lines and ratings into `figures.Figure`s.
"""
