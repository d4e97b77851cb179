"""The HLW8032 energy meter, pure: bytes → frames → readings. It opens nothing and has no clock."""
