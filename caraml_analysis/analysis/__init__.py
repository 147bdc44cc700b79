"""Pure functions from table to table: no files, no network, no plots."""
