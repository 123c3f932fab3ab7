//! The Review tab by its keys: what is done in it is in the file afterwards.

use std::path::Path;

use gonogo::checklist::init::{FirstReview, init_files};
use gonogo::checklist::{Key, Status, read_review, shipped};
use gonogo::reading::Source;
use gonogo::tui::app::Event;
use gonogo::tui::shared::Effect;

use super::driver::{Driver, SMALL};

const SIZE: (u16, u16) = (80, 24);
const ANA: &str = "Ana Example <ana@example.org>";

/// A project with a scenario and a fresh review, in the Review tab.
pub fn project(folder: &Path, size: (u16, u16)) -> Driver {
    let checklists = [shipped("production").unwrap().unwrap()];
    let first = FirstReview {
        system: "Small helper",
        strategy: None,
        tags: &[],
        checklists: &checklists,
        who: Some(ANA),
    };
    for (name, text) in init_files(&first, "") {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::write(folder.join("scenario.toml"), SMALL).unwrap();
    let mut driver = Driver::open(folder, size);
    driver.app.shared.me = Some(ANA.to_owned());
    driver.keys("f2");
    driver
}

fn text(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("review.toml")).unwrap()
}

fn status(folder: &Path, question: &str) -> Status {
    let review = read_review(&Source::new("review.toml", text(folder))).unwrap();
    let answer = review.answers.get(&Key::new("production", question));
    answer.map_or(Status::Unknown, |answer| answer.status)
}

/// Names of the questions in their order.
fn questions(driver: &Driver) -> Vec<String> {
    let review = driver.app.shared.reviewed().unwrap();
    let all = review.judged.questions.iter();
    all.map(|question| question.key.question.clone()).collect()
}

#[test]
fn a_letter_after_a_answers_and_the_file_has_it_with_its_comments_and_history() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    let before = text(folder.path());
    let first = questions(&driver).remove(0);
    driver.keys("a").shows("y yes   p partial");
    driver.keys("y").shows(&format!("{first} is yes"));
    assert_eq!(status(folder.path(), &first), Status::Yes);
    let after = text(folder.path());
    for comment in before.lines().filter(|line| line.starts_with('#')) {
        assert!(after.contains(comment), "{comment}");
    }
    let history = std::fs::read_to_string(folder.path().join("review.history.jsonl")).unwrap();
    assert!(history.contains(&first) && history.contains("\"set\"") && history.contains("Ana"));
    // Each letter, on the same question.
    for (key, expected) in [
        ("p", Status::Partial),
        ("n", Status::No),
        ("k", Status::Unknown),
    ] {
        driver.keys("a").keys(key);
        assert_eq!(status(folder.path(), &first), expected);
    }
}

#[test]
fn undo_brings_the_file_back_byte_for_byte_and_redo_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    let before = text(folder.path());
    driver.keys("a y");
    let answered = text(folder.path());
    driver.keys("u").shows("Undone");
    assert_eq!(text(folder.path()), before);
    driver.keys("ctrl-r");
    assert_eq!(text(folder.path()), answered);
    // Somebody else writes: what they wrote is not undone.
    let theirs = answered.replace("system = \"Small helper\"", "system = \"Other helper\"");
    std::fs::write(folder.path().join("review.toml"), &theirs).unwrap();
    driver.event(Event::Changed);
    driver.keys("u").shows("changed by somebody else");
    assert_eq!(text(folder.path()), theirs);
}

#[test]
fn answers_given_elsewhere_in_the_meantime_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    let names = questions(&driver);
    let theirs = text(folder.path()).replace(
        "stage = \"launch\"",
        "release = \"9.9.9\"\nstage = \"launch\"",
    );
    std::fs::write(folder.path().join("review.toml"), theirs).unwrap();
    // The app has not noticed yet.
    driver.keys("a y");
    assert!(text(folder.path()).contains("9.9.9"));
    assert_eq!(status(folder.path(), &names[0]), Status::Yes);
}

#[test]
fn n_goes_to_the_next_question_without_an_answer_and_around_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    let names = questions(&driver);
    driver.keys("a y n a y");
    assert_eq!(status(folder.path(), &names[1]), Status::Yes);
    // From the last one the search goes on at the beginning: the third is the first without an answer.
    driver.keys("G n a y");
    assert_eq!(status(folder.path(), &names[2]), Status::Yes);
    driver.keys("N a p");
    assert_eq!(
        status(folder.path(), names.last().unwrap()),
        Status::Partial
    );
}

#[test]
fn a_note_is_written_on_several_lines_and_may_come_from_the_editor() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver
        .keys("o")
        .text("First quarter")
        .keys("enter")
        .text("said \"so\"");
    driver.keys("esc").shows("First quarter");
    assert!(text(folder.path()).contains("First quarter"));
    driver.keys("o ctrl-e");
    let effects = driver.effects();
    let [
        Effect::Edit {
            purpose,
            text: sent,
        },
    ] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!(sent, "First quarter\nsaid \"so\"");
    let purpose = purpose.clone();
    driver.event(Event::Edited {
        purpose,
        text: Some("From outside\n".to_owned()),
    });
    driver.keys("esc");
    assert!(text(folder.path()).contains("note = \"From outside\""));
    assert!(!text(folder.path()).contains("First quarter"));
}

#[test]
fn evidence_is_attached_with_its_digest_and_an_id_out_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Load test.json"), "{}").unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver
        .keys("e")
        .text("no such file.json")
        .keys("tab")
        .text("f")
        .keys("ctrl-s");
    driver.shows("no such file.json");
    driver
        .keys("shift-tab ctrl-u")
        .text("Load test.json")
        .keys("ctrl-s");
    let after = text(folder.path());
    assert!(after.contains("[evidence.load-test]"), "{after}");
    // The digest of `{}`, by sha256sum.
    assert!(after.contains("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
    assert!(after.contains("evidence = [\"load-test\"]"));
}

#[test]
fn who_waiver_budget_and_signature_go_through_their_forms() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver
        .keys("a n d")
        .text("Bo")
        .keys("tab")
        .text("+30d")
        .keys("ctrl-s");
    let after = text(folder.path());
    assert!(after.contains("owner = \"Bo\"") && after.contains("due = 2026-12-25"));
    // Ana answered: she cannot waive, and is told so in the form.
    driver
        .keys("w")
        .text("because")
        .keys("tab tab tab")
        .text(ANA)
        .keys("ctrl-s");
    driver.shows("esc");
    assert!(!text(folder.path()).contains("[waiver"));
    driver
        .keys("esc R ctrl-u")
        .text("finance")
        .keys("tab ctrl-u")
        .text("Fay Example")
        .keys("ctrl-s");
    assert!(text(folder.path()).contains("finance = [\"Fay Example\"]"));
    driver.keys("w").text("because").keys("ctrl-s");
    let after = text(folder.path());
    assert!(
        after.contains("reason = \"because\"") && after.contains("approved_by = \"Fay Example\""),
        "{after}"
    );
    assert!(after.contains("expires = 2026-12-25"));
    driver
        .keys("b")
        .text("150_000")
        .keys("tab tab ctrl-u")
        .text("Fay Example")
        .keys("ctrl-s");
    assert!(text(folder.path()).contains("usd_per_month = 150000"));
    driver.keys("S ctrl-s");
    let after = text(folder.path());
    assert!(
        after.contains(
            "[signoff.engineering]\nname = \"Ana Example <ana@example.org>\"\ndecision = \"go\""
        ),
        "{after}"
    );
    driver.keys("W").shows("no longer waived");
}

#[test]
fn a_draft_cannot_be_signed() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver
        .app
        .shared
        .edit_scenario("conversations", SMALL.replace("\"40 to 60\"", "70"));
    driver.keys("S ctrl-s").shows("a draft cannot be signed");
    assert!(!text(folder.path()).contains("digest ="));
}

#[test]
fn filters_and_search_narrow_the_list_and_esc_widens_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver.keys("a y /").text("privacy").shows("/ privacy");
    let screen = driver.screen();
    assert!(screen.contains("1 found"), "{screen}");
    driver.keys("enter a n");
    assert_eq!(status(folder.path(), "privacy-assessment"), Status::No);
    driver.keys("esc f").shows(" open ");
    let all = questions(&driver).len();
    driver.keys("esc").shows(&format!("of {all} met"));
}

#[test]
fn a_question_of_ones_own_is_added_and_a_changed_meaning_asks_for_another_look() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    let first = questions(&driver).remove(0);
    driver
        .keys("a y E ctrl-u")
        .text("Is it really so?")
        .keys("tab tab tab tab tab tab right ctrl-s");
    let list = std::fs::read_to_string(folder.path().join("checklists/production.toml")).unwrap();
    assert!(list.contains("ask = \"Is it really so?\"") && list.contains("rev = 2"));
    assert!(text(folder.path()).contains("look_again = true"));
    driver
        .keys("+")
        .text("refund-limits")
        .keys("tab tab tab")
        .text("Are refunds approved by a person?")
        .keys("ctrl-s");
    driver.shows("refund-limits is a question now");
    assert!(questions(&driver).contains(&"refund-limits".to_owned()));
    assert!(text(folder.path()).contains("[answer.production.refund-limits]"));
    assert_eq!(status(folder.path(), &first), Status::Yes);
}

#[test]
fn a_meeting_goes_from_question_to_question_and_ends_on_the_sign_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    let names = questions(&driver);
    driver.keys("m").shows(&format!("1 of {}", names.len()));
    driver.keys("y");
    assert_eq!(status(folder.path(), &names[0]), Status::Yes);
    driver.shows(&format!("2 of {}", names.len()));
    driver.keys("n");
    assert_eq!(status(folder.path(), &names[1]), Status::No);
    for _ in 2..names.len() {
        driver.keys("right");
    }
    driver.shows("Signatures").shows("engineering: not signed");
    driver.keys("S ctrl-s").shows("go Ana Example");
    driver.keys("esc").shows("question");
}

#[test]
fn not_applicable_asks_for_its_reason_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    let review = driver.app.shared.reviewed().unwrap();
    let allowed = review
        .judged
        .questions
        .iter()
        .position(|question| question.question.na_allowed);
    let place = allowed.expect("the production checklist has questions that may not apply");
    let name = questions(&driver).remove(place);
    driver.keys("g");
    for _ in 0..place {
        driver.keys("j");
    }
    driver.keys("a x").shows("not apply?");
    driver.text("We keep no such data.").keys("esc");
    assert_eq!(status(folder.path(), &name), Status::Na);
}

#[test]
fn without_a_name_the_first_change_asks_who_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver.app.shared.me = None;
    driver.keys("a y").shows("Who are you?");
    driver
        .text("Bo Example")
        .keys("enter")
        .shows("You are Bo Example");
    driver.keys("a y");
    assert!(text(folder.path()).contains("answered_by = \"Bo Example\""));
}

#[test]
fn the_reviews_screens_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver.keys("a y j a n");
    insta::assert_snapshot!("review_list", driver.screen());
    driver.keys("enter");
    insta::assert_snapshot!("review_whole", driver.screen());
    driver.keys("esc m");
    insta::assert_snapshot!("review_meeting", driver.screen());
    driver.keys("esc w");
    insta::assert_snapshot!("review_waive", driver.screen());
}

#[test]
fn every_mode_of_the_review_fits_every_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    for (keys, stop) in [
        "a", "esc", "enter", "esc", "m", "esc", "w", "esc", "o", "esc", "/", "esc", "G", "S",
        "esc", "A", "esc", "+", "esc", "E", "esc", "f1", "f5",
    ]
    .into_iter()
    .zip(0..)
    {
        driver.keys(keys);
        super::screens::fits(&driver, stop);
    }
}

#[test]
fn a_field_that_is_emptied_in_a_form_is_taken_away_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver
        .keys("d")
        .text("Bo")
        .keys("tab")
        .text("+30d")
        .keys("ctrl-s");
    assert!(text(folder.path()).contains("owner = \"Bo\""));
    driver.keys("d ctrl-u tab ctrl-u ctrl-s");
    let after = text(folder.path());
    assert!(
        !after.contains("owner =") && !after.contains("due ="),
        "{after}"
    );
    driver.keys("A").text("1.4.0").keys("ctrl-s");
    assert!(text(folder.path()).contains("release = \"1.4.0\""));
    driver.keys("A ctrl-u ctrl-s");
    assert!(!text(folder.path()).contains("release ="));
}

#[test]
fn a_question_that_was_added_is_taken_back_with_its_checklist() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    let before = text(folder.path());
    let list = folder.path().join("checklists/production.toml");
    driver
        .keys("+")
        .text("refund-limits")
        .keys("tab tab tab")
        .text("Are refunds approved by a person?")
        .keys("ctrl-s");
    assert!(list.exists());
    let added = text(folder.path());
    driver.keys("u").shows("Undone");
    assert!(!list.exists());
    assert_eq!(text(folder.path()), before);
    driver.keys("ctrl-r").shows("Done again");
    assert!(
        std::fs::read_to_string(&list)
            .unwrap()
            .contains("refund-limits")
    );
    assert_eq!(text(folder.path()), added);
    // Somebody else changes the checklist: neither file is touched.
    let theirs = std::fs::read_to_string(&list).unwrap() + "# theirs\n";
    std::fs::write(&list, &theirs).unwrap();
    driver.keys("u").shows("changed by somebody else");
    assert_eq!(text(folder.path()), added);
    assert_eq!(std::fs::read_to_string(&list).unwrap(), theirs);
}

#[test]
fn a_role_that_was_signed_for_is_not_offered_again_even_before_the_file_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), SIZE);
    driver.shows("all  open");
    driver.keys("S").shows("[engineering]");
    driver.press_only("ctrl-s");
    assert!(text(folder.path()).contains("[signoff.engineering]"));
    driver.press_only("S");
    driver.shows("[security]");
    driver.keys("esc S").shows("[security]");
}

#[test]
fn a_question_shown_alone_scrolls_to_its_end_and_back_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = project(folder.path(), (80, 15));
    driver.keys("g enter");
    let top = driver.screen();
    driver.keys("down down down down down down down down down down down down down down down down");
    driver.keys("G");
    let end = driver.screen();
    assert_ne!(top, end);
    driver.keys("down up");
    assert_ne!(
        driver.screen(),
        end,
        "a key that found the end is owed back"
    );
    driver.keys("g");
    assert_eq!(driver.screen(), top);
}
