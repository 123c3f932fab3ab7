//! Request logs in, a scenario out; and how well it predicts.
