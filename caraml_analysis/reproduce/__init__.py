"""Put the rooms together: figures, numbers, report and manifest of the paper."""
