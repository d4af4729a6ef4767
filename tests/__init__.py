"""A package, so that no distribution that installs a top-level "tests" hides this one."""
