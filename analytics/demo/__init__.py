"""
The demonstration: two clinics that look alike, with half a year of work. All people and words are invented.

Everything is made through the services that the pages use, from a seed, so it is true to what the product keeps.
"""
