"""Reports: read, compose, issue. Figures come in; sentences, tables, papers and the register of what was given out go out."""
