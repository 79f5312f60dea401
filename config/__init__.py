"""Settings, URL map, job queue and the commands that run Evoke; the highest layer of the code."""
