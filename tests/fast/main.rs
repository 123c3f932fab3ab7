//! The fast estimator against the exact one, and what both share: parts, stopping, watching.

mod agreement;
