"""OneNET of the first generation (EDP's MQTT sibling) as a pure core: `$dp`, `$creq`, `$crsp`."""
