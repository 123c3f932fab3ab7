use std::fmt::Write as _;

use super::super::safe::{workflow_message, workflow_property};
use super::{Finding, Gate, Level};

/// Annotations as workflow commands of GitHub Actions. The step summary is the Markdown, which the command line appends
/// to the file that the runner names.
pub(super) fn write(gate: &Gate<'_>) -> String {
    let mut out = String::new();
    let file = workflow_property(&gate.repository_file());
    let mut annotate = |kind: &str, finding: &Finding| {
        let title = workflow_property(&format!("gonogo: {}", finding.rule));
        let message = workflow_message(&finding.message);
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "::{kind} file={file},line={},col={},title={title}::{message}",
            finding.line, finding.column
        );
    };
    for finding in gate.failing() {
        annotate(
            if finding.level == Level::Error {
                "error"
            } else {
                "warning"
            },
            finding,
        );
    }
    for finding in &gate.warnings {
        annotate("warning", finding);
    }
    let kind = if gate.passes { "notice" } else { "error" };
    let title = workflow_property(&format!("gonogo: {}", gate.verdict.outcome));
    let _ = writeln!(
        out,
        "::{kind} title={title}::{}",
        workflow_message(&gate.verdict.why)
    );
    out
}
