"""Commands of the server room that concern the directory."""
