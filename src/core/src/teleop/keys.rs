//! The fields of a mapping file, and what may stand in each.
