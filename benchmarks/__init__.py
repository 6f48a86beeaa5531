"""What the package costs in time and memory, beside what people would otherwise run."""
