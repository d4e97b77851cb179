"""China Mobile OneNET: credentials, names on the wire, and a codec for each generation."""
