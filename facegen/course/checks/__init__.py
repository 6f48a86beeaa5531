"""The checks of the exercises, a module for each notebook; `exercises/` has their texts and solutions."""
