"""The demo: a simulated socket, the real agent, and a cloud on loopback."""
