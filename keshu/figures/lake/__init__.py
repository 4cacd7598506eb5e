"""The cells as Parquet files for whoever computes beyond one machine. Cells and definitions come in; files and tables go out."""
