"""
Reading of transcripts from files: pure, streaming, one transcript in memory at a time.

A source is described by a TOML file in `sources`; nothing here knows a database, a clock or a request.
"""
