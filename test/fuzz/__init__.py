"""CSV files made by chance, read by the engine, by Python's csv module and by DuckDB."""
