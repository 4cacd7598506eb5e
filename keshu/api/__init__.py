"""Api: figures for programs. A command or request comes in; stable JSON goes out."""
