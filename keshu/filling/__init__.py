"""A superior's own form, mapped once and filled every period with its layout untouched. Blanks come in as received; the same
file goes out with figures in its cells, each noted in the register of what left."""
