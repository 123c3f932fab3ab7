use std::fmt::Write as _;

use super::super::safe::{line, xml};
use super::super::types::Severity;
use super::super::verdict::SignatureState;
use super::{Gate, describe, signature_words};

/// `JUnit` XML as CI servers read it: one suite for each checklist, one test for each question that counts.
pub(super) fn write(gate: &Gate<'_>) -> String {
    let mut suites = String::new();
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for checklist in &gate.project.checklists {
        let mut cases = String::new();
        let (mut count, mut failed, mut passed_over) = (0, 0, 0);
        for state in gate
            .verdict
            .shown()
            .filter(|state| state.key.checklist == checklist.id)
        {
            count += 1;
            let class = xml(&line(&format!("{}.{}", checklist.id, state.section)));
            let name = xml(&line(&format!(
                "{}: {}",
                state.question.id, state.question.short
            )));
            let fails = gate
                .failing()
                .any(|finding| finding.rule == state.key.to_string());
            let body = if fails {
                failed += 1;
                failure(&describe(state), &state.severity.to_string())
            } else if state.waived_until.is_some() && state.is_against() {
                passed_over += 1;
                format!(
                    "<skipped message=\"{}\"/>",
                    xml(&line(&format!("waived: {}", describe(state))))
                )
            } else if !state.is_met() && state.severity == Severity::Minor {
                passed_over += 1;
                format!("<skipped message=\"{}\"/>", xml(&line(&describe(state))))
            } else {
                String::new()
            };
            let _ = writeln!(
                cases,
                "    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\">{body}</testcase>"
            );
        }
        suite(
            &mut suites,
            &checklist.title,
            &cases,
            count,
            failed,
            passed_over,
        );
        (tests, failures, skipped) = (tests + count, failures + failed, skipped + passed_over);
    }
    if !gate.verdict.before_signoff && !gate.verdict.signatures.is_empty() {
        let mut cases = String::new();
        let mut failed = 0;
        for signature in &gate.verdict.signatures {
            let fails = signature.required && !matches!(signature.state, SignatureState::Valid(_));
            let body = if fails {
                failure(&signature_words(&signature.state), "signature")
            } else {
                String::new()
            };
            failed += usize::from(fails);
            let name = xml(&line(&signature.role));
            let _ = writeln!(
                cases,
                "    <testcase classname=\"signatures\" name=\"{name}\" time=\"0\">{body}</testcase>"
            );
        }
        let count = gate.verdict.signatures.len();
        suite(&mut suites, "Signatures", &cases, count, failed, 0);
        (tests, failures) = (tests + count, failures + failed);
    }
    // The verdict is a test of its own: a review can fail as a whole, by having expired.
    let verdict = if gate.passes {
        String::new()
    } else {
        failure(&gate.verdict.why, &gate.verdict.outcome.to_string())
    };
    let case = format!(
        "    <testcase classname=\"gonogo\" name=\"verdict\" time=\"0\">{verdict}</testcase>\n"
    );
    suite(
        &mut suites,
        "Verdict",
        &case,
        1,
        usize::from(!gate.passes),
        0,
    );
    (tests, failures) = (tests + 1, failures + usize::from(!gate.passes));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gonogo\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"0\">\n{suites}</testsuites>\n"
    )
}

fn suite(
    out: &mut String,
    title: &str,
    cases: &str,
    tests: usize,
    failures: usize,
    skipped: usize,
) {
    let _ = write!(
        out,
        "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"0\">\n{cases}  </testsuite>\n",
        xml(&line(title))
    );
}

fn failure(message: &str, kind: &str) -> String {
    let message = xml(&line(message));
    format!(
        "<failure message=\"{message}\" type=\"{}\">{message}</failure>",
        xml(&line(kind))
    )
}
