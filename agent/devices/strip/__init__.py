"""The power strip: one protected meter for all, and a contact for each outlet."""
