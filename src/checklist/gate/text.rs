use std::fmt::Write as _;

use super::super::safe::line;
use super::Gate;

/// For people: the verdict, one line for each thing that fails, and what to do.
pub(super) fn write(gate: &Gate<'_>) -> String {
    let mut out = String::new();
    let verdict = gate.verdict;
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}  {}", verdict.outcome, line(&gate.subject()));
    let _ = writeln!(out, "{}", line(&verdict.why));
    if verdict.without_waivers != verdict.outcome {
        let _ = writeln!(
            out,
            "Without its waivers it would be {}.",
            verdict.without_waivers
        );
    }
    if verdict.before_signoff {
        let _ = writeln!(out, "Judged before sign-off: signatures were left out.");
    }
    let file = line(&gate.file());
    let groups = [
        ("", gate.findings.iter().collect::<Vec<_>>()),
        ("Soon:", gate.warnings.iter().collect()),
    ];
    for (title, findings) in groups {
        if findings.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}", if title.is_empty() { "" } else { title });
        for finding in findings {
            let kind = match (&finding.accepted, finding.level) {
                (Some(_), _) => "waived",
                (None, super::Level::Error) => "error",
                (None, super::Level::Warning) => "warning",
            };
            let _ = writeln!(
                out,
                "{file}:{}:{}: {kind}: {}",
                finding.line,
                finding.column,
                line(&finding.message)
            );
            if let Some(accepted) = &finding.accepted {
                let _ = writeln!(out, "    {}", line(accepted));
            }
        }
    }
    for rejected in &gate.rejected {
        let _ = writeln!(out, "rejected: {}", line(rejected));
    }
    if !verdict.steps.is_empty() {
        let _ = writeln!(out, "\nWhat would change it, shortest first:");
        for step in verdict.steps.iter().take(5) {
            let _ = writeln!(out, "  {}", line(&step.text));
            if !step.command.is_empty() {
                let _ = writeln!(out, "    {}", line(&step.command));
            }
        }
        if verdict.steps.len() > 5 {
            let _ = writeln!(out, "  and {} more", verdict.steps.len() - 5);
        }
    }
    let hidden = gate.hidden();
    if !hidden.is_empty() {
        let _ = writeln!(out, "\n{hidden}");
    }
    if !gate.simulated.is_empty() {
        let _ = writeln!(out, "\n{}", line(&gate.simulated));
    }
    let _ = writeln!(
        out,
        "\nDecision support, not certification. Names are attested by version control, not verified."
    );
    out
}
