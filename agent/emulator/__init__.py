"""The clouds on loopback, for demos and tests; shares no protocol code with the codecs."""
