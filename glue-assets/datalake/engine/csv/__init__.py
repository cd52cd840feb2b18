"""CSV files: from bytes to blocks of text columns."""
