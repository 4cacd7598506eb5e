"""A superior's own form, mapped once and filled every period with its layout untouched."""
