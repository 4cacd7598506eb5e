"""给数, the register of what was given out, exports and the briefing."""
