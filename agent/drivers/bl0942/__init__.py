"""The BL0942 energy meter, pure: bytes → packets → readings. It opens nothing and has no clock."""
