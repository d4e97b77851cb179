"""A socket that is not there: mains, appliances, a chip that makes true frames, relay, light.

The meter's frames travel through the real serial driver; only the line is a loopback socket.
"""
