"""The replay: figures that city bureaus published, recomputed from records that people brought in. See ``make replay``."""
