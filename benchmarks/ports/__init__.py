"""What facegen is measured against, each written anew from its public description."""
