"""一企一档 pages: everything the house knows of one organisation. Reads the diary's file; goes out as pages."""
