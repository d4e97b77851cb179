"""Disks that are cut off or bad: after any write (`prefix`), slow (`disk`), `power`."""
