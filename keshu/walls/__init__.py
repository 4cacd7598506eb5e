"""大屏: what may hang on a wall. Named releases and links of screens come in; a yes or no for each figure goes out."""
