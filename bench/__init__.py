"""What the agent costs, beside what this machine could do at best in the same minute."""
