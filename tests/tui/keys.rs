//! Scripts of keys through the state machine.

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
