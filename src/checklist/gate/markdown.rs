use std::fmt::Write as _;

use super::super::safe::markdown;
use super::super::types::Severity;
use super::{Gate, describe, signature_words};

/// For a pull-request comment or a step summary: fits a screen, folds the rest.
pub(super) fn write(gate: &Gate<'_>) -> String {
    let verdict = gate.verdict;
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "## {} · {}\n",
        verdict.outcome,
        markdown(&gate.subject())
    );
    let _ = writeln!(out, "{}\n", markdown(&verdict.why));
    if verdict.without_waivers != verdict.outcome {
        let _ = writeln!(
            out,
            "Without its waivers it would be **{}**.\n",
            verdict.without_waivers
        );
    }
    if !gate.findings.is_empty() {
        let _ = writeln!(out, "| | what | line |\n| --- | --- | --- |");
        for finding in &gate.findings {
            let kind = match (&finding.accepted, finding.level) {
                (Some(_), _) => "waived",
                (None, super::Level::Error) => "fails",
                (None, super::Level::Warning) => "condition",
            };
            let accepted = finding
                .accepted
                .as_ref()
                .map(|text| format!(" ({})", markdown(text)))
                .unwrap_or_default();
            let _ = writeln!(
                out,
                "| {kind} | {}{accepted} | {} |",
                markdown(&finding.message),
                finding.line
            );
        }
        out.push('\n');
    }
    for rejected in &gate.rejected {
        let _ = writeln!(out, "- rejected: {}", markdown(rejected));
    }
    if !gate.warnings.is_empty() {
        let _ = writeln!(out, "**Soon:**\n");
        for finding in &gate.warnings {
            let _ = writeln!(out, "- {}", markdown(&finding.message));
        }
        out.push('\n');
    }
    if !verdict.steps.is_empty() {
        let _ = writeln!(out, "**What would change it, shortest first:**\n");
        for step in verdict.steps.iter().take(5) {
            let _ = writeln!(out, "1. {}", markdown(&step.text));
        }
        out.push('\n');
    }
    questions(gate, &mut out);
    let hidden = gate.hidden();
    if !hidden.is_empty() {
        let _ = writeln!(out, "{hidden}\n");
    }
    if !gate.simulated.is_empty() {
        let _ = writeln!(out, "{}\n", markdown(&gate.simulated));
    }
    let _ = writeln!(
        out,
        "<sub>gonogo {} as of {}. Decision support, not certification. Names are attested by version control, not verified.</sub>",
        env!("CARGO_PKG_VERSION"),
        gate.clock.stamp()
    );
    out
}

fn questions(gate: &Gate<'_>, out: &mut String) {
    let shown: Vec<_> = gate
        .verdict
        .shown()
        .filter(|state| state.severity > Severity::Minor)
        .collect();
    let met = shown.iter().filter(|state| state.is_met()).count();
    let _ = writeln!(
        out,
        "<details><summary>{met} of {} blockers and majors are met</summary>\n",
        shown.len()
    );
    let _ = writeln!(
        out,
        "| question | severity | answer | state |\n| --- | --- | --- | --- |"
    );
    for state in shown {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            markdown(&format!("{}: {}", state.key, state.question.short)),
            state.severity,
            state.status,
            markdown(&describe(state))
        );
    }
    if !gate.verdict.before_signoff {
        for signature in &gate.verdict.signatures {
            let name = signature.name.as_deref().unwrap_or("nobody");
            let _ = writeln!(
                out,
                "| {} | signature | {} | {} |",
                markdown(&format!("signoff.{}", signature.role)),
                markdown(name),
                markdown(&signature_words(&signature.state))
            );
        }
    }
    let _ = writeln!(out, "\n</details>\n");
}
