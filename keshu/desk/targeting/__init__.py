"""Pages of targets: what was promised, by indicator and county; a file comes in, targets as a whole or not at all."""
