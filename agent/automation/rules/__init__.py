"""Rules as data: when values have held for so long, something is done."""
