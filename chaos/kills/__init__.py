"""The agent's process dies: under a load (`kill`), and over and over (`starts`)."""
