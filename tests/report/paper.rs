//! The PDF. What its text says is checked with poppler in `.ci/report`.

use gonogo::report::{Analyses, Format, Paper, Seal, Style, write};

use crate::harness::{full, project, report, study};

fn count(bytes: &[u8], wanted: &str) -> usize {
    bytes
        .windows(wanted.len())
        .filter(|window| *window == wanted.as_bytes())
        .count()
}

#[test]
fn fonts_are_embedded_and_the_inputs_are_carried() {
    let report = full();
    let paper = write(&report, Format::Pdf).unwrap();
    assert!(paper.starts_with(b"%PDF-"));
    assert!(count(&paper, "/FontFile") >= 2, "regular and bold");
    assert!(count(&paper, "/Type/Page/") + count(&paper, "/Type /Page\n") > 3);
    assert!(paper.len() < 1_000_000, "{}", paper.len());
    assert_eq!(Seal::find(&paper).unwrap(), report.inputs);
}

#[test]
fn it_works_without_a_review_and_without_a_study() {
    for (project, study) in [(Some(project()), None), (None, Some(study()))] {
        let report = report(
            project.as_ref(),
            study.as_ref(),
            Style::Full,
            &Analyses::default(),
            None,
            &[],
        );
        assert!(write(&report, Format::Pdf).unwrap().starts_with(b"%PDF-"));
        assert!(write(&report, Format::Xlsx).unwrap().starts_with(b"PK"));
    }
}

#[test]
fn letter_has_the_same_on_shorter_sheets() {
    let mut report = full();
    let sheets = |paper: &[u8]| count(paper, "/MediaBox");
    let a4 = write(&report, Format::Pdf).unwrap();
    assert_eq!(count(&a4, "/MediaBox[0 0 595.28 841.89]"), sheets(&a4));
    report.paper = Paper::Letter;
    let letter = write(&report, Format::Pdf).unwrap();
    assert_eq!(count(&letter, "/MediaBox[0 0 612 792]"), sheets(&letter));
    assert!(sheets(&letter) >= sheets(&a4));
}

/// Reads what the document says of itself, which is not compressed.
fn says(bytes: &[u8], wanted: &str) -> bool {
    count(bytes, wanted) > 0
}

#[test]
fn it_is_tagged_for_whoever_has_it_read_aloud() {
    let report = full();
    let paper = write(&report, Format::Pdf).unwrap();
    for wanted in [
        "/Marked true",
        "/StructTreeRoot",
        "/Lang(en)",
        "/DisplayDocTitle true",
        "<pdfuaid:part>1</pdfuaid:part>",
    ] {
        assert!(says(&paper, wanted), "no {wanted}");
    }
}
