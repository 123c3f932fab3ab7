//! The fast estimator against the exact one, and studies in parts.

mod agreement;
mod differences;
mod parts;
mod spread;
mod worlds;
