"""The demo of a device that is declared in a file: its parts simulated, its clouds emulated."""
