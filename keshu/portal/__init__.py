"""Portal: the public doors. Anyone comes in; only what is released goes out."""
