"""The demonstration: official figures of the provinces restated as facts, and a city that does not exist. Loads into an empty house."""
