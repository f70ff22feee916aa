//! Pure core of `shaky_steve`.
