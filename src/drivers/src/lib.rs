//! Edges of `shaky_steve`.
