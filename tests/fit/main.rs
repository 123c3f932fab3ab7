//! From logs to scenarios: reading logs, fitting, and predicting what was not fitted on.

mod actuals;
mod incidents;
mod public;
mod reading;
mod server;
mod steps;
mod traffic;

use std::path::PathBuf;

/// The public logs, where they lie beside the checkout.
fn public_logs() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if folder.join("vllm_loadsweep.csv.gz").exists() {
        return Some(folder);
    }
    println!("skipped: the public logs are not beside the checkout");
    None
}
