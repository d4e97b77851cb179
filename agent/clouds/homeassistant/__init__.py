"""Home Assistant: MQTT discovery at a broker of one's own."""
