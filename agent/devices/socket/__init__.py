"""The metering socket: relay, meter, light and button as one pure device."""
