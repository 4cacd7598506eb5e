"""Directory: regions, organisations, people, accounts, scope. Who is who comes in; an Actor and what it may see go out."""
