//! Expressions in the scalars of a task file, rendered over the settings.
