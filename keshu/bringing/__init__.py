"""Files of records on their way into a register: a file comes in, staged rows with a verdict each, applied as a whole or given up."""
