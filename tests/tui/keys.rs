//! Scripts of keys through the state machine.

use gonogo::tui::analyse::{State, Which};
use gonogo::tui::app::Event;
use gonogo::tui::shared::Effect;

use super::driver::{Driver, SMALL};

const SIZE: (u16, u16) = (80, 24);

#[test]
fn outside_a_project_the_first_screen_says_what_this_is_and_opens_the_example() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::open(folder.path(), SIZE);
    driver
        .shows("Go, or not yet?")
        .shows("holds no scenario.toml");
    driver
        .keys("o")
        .text("/no/such/folder")
        .keys("enter")
        .shows("There is no folder");
    driver.keys("esc").shows("Start a project");
}

#[test]
fn q_quits_at_once_when_nothing_is_unsaved() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    driver.keys("q");
    assert_eq!(driver.effects(), [Effect::Quit]);
}

#[test]
fn quitting_with_unsaved_edits_asks_and_saving_writes_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    let edited = SMALL.replace("\"40 to 60\"", "70");
    driver
        .app
        .shared
        .edit_scenario("conversations", edited.clone());
    driver.shows("DRAFT");
    driver.keys("q").shows("Quit with unsaved edits?");
    assert_eq!(driver.effects(), []);
    driver.keys("s");
    assert_eq!(driver.effects(), [Effect::Quit]);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap(),
        edited
    );
}

#[test]
fn undo_and_redo_change_the_scenario_back_and_forth() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    let edited = SMALL.replace("\"40 to 60\"", "70");
    driver
        .app
        .shared
        .edit_scenario("conversations", edited.clone());
    driver.keys("u").shows("Undone: conversations");
    assert_eq!(driver.app.shared.scenario.text(), SMALL);
    driver.keys("ctrl-r");
    assert_eq!(driver.app.shared.scenario.text(), edited);
}

#[test]
fn a_file_changed_outside_is_shown_and_asked_about_when_there_are_edits() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    let path = folder.path().join("scenario.toml");
    let theirs = SMALL.replace("Small helper", "Other helper");
    std::fs::write(&path, &theirs).unwrap();
    driver
        .event(Event::Changed)
        .shows("changed by another program");
    driver.keys("esc").shows("Other helper");
    let mine = theirs.replace("\"40 to 60\"", "70");
    driver
        .app
        .shared
        .edit_scenario("conversations", mine.clone());
    std::fs::write(&path, SMALL).unwrap();
    driver
        .event(Event::Changed)
        .shows("The scenario's file has changed");
    driver.keys("k ctrl-s");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mine);
}

#[test]
fn the_palette_finds_an_action_and_does_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    driver
        .keys("ctrl-p")
        .text("go to stu")
        .keys("enter")
        .shows("plain");
    driver.keys("?").shows("Study: keys");
    driver.keys("esc");
    driver.shows("a month");
}

#[test]
fn a_step_leads_to_its_question_and_a_review_is_begun_with_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    driver.shows("No review yet");
    driver.keys("i").shows("INCOMPLETE");
    assert!(folder.path().join("review.toml").exists());
    let first = driver.app.shared.reviewed().unwrap().judged.steps[0].clone();
    let question = first.key.unwrap();
    driver.keys("enter").shows("of 15 met");
    driver.shows(&format!("\u{2500}\u{2500} {}", short(&driver, &question)));
    driver.app.shared.me = Some("Ana Example".to_owned());
    driver.keys("a y").shows(&format!("{question} is yes"));
}

fn short(driver: &Driver, key: &gonogo::checklist::Key) -> String {
    let review = driver.app.shared.reviewed().unwrap();
    let all = &review.judged.questions;
    let found = all.iter().find(|question| question.key == *key).unwrap();
    found.question.short.clone()
}

#[test]
fn what_is_selected_is_copied_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    driver.keys("f3 Y");
    let copied = |driver: &mut Driver| match driver.effects().pop() {
        Some(Effect::Copy(text)) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        copied(&mut driver),
        "workload.conversations_per_day = \"40 to 60\""
    );
    driver.keys("f4 Y").shows("Copied: strategy");
    let table = copied(&mut driver);
    assert_eq!(table.lines().count(), 5);
    assert!(table.lines().nth(1).unwrap().starts_with("plain\t1x\t$"));
    driver.keys("f5 Y");
    assert!(copied(&mut driver).starts_with("# NO VERDICT"));
}

#[test]
fn the_report_is_written_in_the_formats_and_the_folder_that_are_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    driver
        .keys("f5 w ctrl-u")
        .text("out/here")
        .keys("tab ctrl-u")
        .text("md docx");
    driver.keys("ctrl-s").shows("`docx` is none of md, html");
    driver
        .keys("backspace backspace backspace backspace")
        .text("csv")
        .keys("tab e ctrl-s");
    driver.shows("Wrote report.md, report.csv");
    let out = folder.path().join("out/here");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 2);
    driver.shows("executive report");
    // The next time it starts from there.
    driver.keys("w").shows("out/here").shows("md csv");
}

#[test]
fn a_slash_searches_or_finds_an_action_in_every_tab() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    for tab in ["f1", "f2", "f4", "f5"] {
        driver.keys(tab).keys("/").shows("Find an action");
        driver.keys("esc");
    }
}

#[test]
fn enter_shows_a_chart_alone_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    driver.keys("f4").shows("over budget");
    driver.keys("enter");
    assert!(
        !driver.screen().contains("over budget"),
        "{}",
        driver.screen()
    );
    driver.keys("enter").shows("over budget");
}

#[test]
fn hints_name_the_keys_that_the_configuration_gives() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    driver.shows("i starts a review");
    let changed = ["ctrl-n".to_owned()];
    let keymap = &mut driver.app.shared.keymap;
    keymap.change("begin-review", &changed).unwrap();
    keymap.change("go-live", &["ctrl-g".to_owned()]).unwrap();
    driver.shows("ctrl-n starts a review");
    driver.keys("ctrl-n").keys("f1");
    driver.shows("none is chosen to go live yet: ctrl-g in Study");
    let keymap = &mut driver.app.shared.keymap;
    keymap.change("answer", &["ctrl-a".to_owned()]).unwrap();
    keymap.change("close-help", &["f10".to_owned()]).unwrap();
    keymap.change("form-done", &["f9".to_owned()]).unwrap();
    driver.keys("f2 ?");
    driver.shows("Review: keys. f10 closes");
    driver.shows("ctrl-a and a letter answers");
    driver.shows("f10 close ");
    driver.keys("f10 A");
    driver.shows("f9 done");
}

#[test]
fn a_knob_that_turns_nothing_is_told_and_not_tried() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        super::driver::SMALL.to_owned() + "[optimize]\n\"strategies.plain.timeout_s\" = [5, 10]\n";
    std::fs::write(folder.path().join("scenario.toml"), text).unwrap();
    let mut driver = Driver::open(folder.path(), SIZE);
    driver.keys("f4 6");
    driver.shows("[optimize] turns `strategies.plain.timeout_s`");
    driver.shows("write the field as it is today");
}

#[test]
fn the_page_of_an_analysis_is_whole_on_80_columns_and_scrolls_to_its_end_and_back_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), SIZE);
    driver.keys("f4 2");
    let State::Done(found) = driver.app.shared.analysis(Which::Compare).unwrap() else {
        panic!("it is not done");
    };
    let page = found.text.clone();
    let mut seen = driver.screen();
    let mut last = String::new();
    while driver.screen() != last {
        last = driver.screen();
        driver.keys("down");
        seen.push_str(&driver.screen());
    }
    for word in page.split_whitespace() {
        assert!(seen.contains(word), "{word} is cut:\n{seen}");
    }
    driver.keys("down down up");
    assert_ne!(driver.screen(), last, "keys at the end are owed back");
}
