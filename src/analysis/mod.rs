//! What the numbers mean for a decision: compare, sensitivity, headroom, optimize, forecast, drill.
