"""What everything else stands on: files, progress, logging, errors. Knows nothing of faces."""
