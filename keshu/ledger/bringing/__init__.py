"""Records from files and forms: texts come in, values as a register's columns take them go out, or a sentence that says why not."""
