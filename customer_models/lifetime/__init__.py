"""How often customers will still buy, how much, and whether at all: models of repeat purchases. Time is in weeks."""
