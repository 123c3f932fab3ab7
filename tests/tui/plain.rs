//! The review line by line: what is typed goes in, text without any control comes out, and the file has the answers.

use super::review::project;

fn talk(driver: &mut super::driver::Driver, typed: &str) -> String {
    let mut out = Vec::new();
    gonogo::tui::plain::interview(&mut driver.app, &mut typed.as_bytes(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn questions_are_asked_in_order_and_answers_are_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), (80, 24));
    let said = talk(&mut driver, "y\nno\no\nnobody has looked\nb\nm\nq\n");
    let review = std::fs::read_to_string(folder.path().join("review.toml")).unwrap();
    assert!(
        said.contains("Question 1 of 15.") && said.contains("Question 3 of 15."),
        "{said}"
    );
    assert!(
        said.contains("production.cost-at-10x is yes.")
            && said.contains("production.budget-approved is no.")
    );
    assert_eq!(review.matches("status = \"yes\"").count(), 1);
    assert_eq!(review.matches("status = \"no\"").count(), 1);
    assert!(review.contains("note = \"nobody has looked\""));
    assert!(said.contains("Simulator: ") && said.contains("How to find out: "));
    // The letters are told once, and the simulator says why it cannot tell.
    assert_eq!(said.matches("p partial").count(), 1, "{said}");
    assert!(
        said.contains("cannot tell. cost.per_conversation at 10x"),
        "{said}"
    );
    assert!(
        said.contains("does not say which strategy goes live"),
        "{said}"
    );
    assert!(
        !said.contains('\u{1b}'),
        "no escapes for a screen reader to trip over"
    );
}

#[test]
fn forms_are_asked_a_field_at_a_time_and_the_end_is_the_sign_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), (80, 24));
    let said = talk(
        &mut driver,
        "w\nbecause\nhuge\nhigh\n\nFay\n+30d\ns\ns\nengineering\n\ncond\nonly in Europe\nq\n",
    );
    assert!(said.contains("One of low, medium, high."), "{said}");
    // Fay is listed under no role: the waiver is refused, with what would do.
    assert!(said.contains("Fay"), "{said}");
    let review = std::fs::read_to_string(folder.path().join("review.toml")).unwrap();
    assert!(!review.contains("[waiver"));
    assert!(
        review.contains("decision = \"conditional\"")
            && review.contains("note = \"only in Europe\"")
    );
    assert!(
        said.contains("engineering: conditional Ana Example"),
        "{said}"
    );
}

#[test]
fn the_end_of_the_input_leaves_and_a_folder_without_review_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), (80, 24));
    assert!(talk(&mut driver, "").contains("Question 1 of 15."));
    let empty = tempfile::tempdir().unwrap();
    let mut driver = super::driver::Driver::small(empty.path(), (80, 24));
    assert!(talk(&mut driver, "").contains("There is no review.toml here."));
}
