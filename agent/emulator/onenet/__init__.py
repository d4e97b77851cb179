"""China Mobile OneNET as a device sees it, in its three generations; facts only."""
