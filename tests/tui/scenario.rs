//! The Scenario tab by its keys: a field is understood as it is typed, taken with Enter and written with Ctrl-S.

use std::path::Path;

use gonogo::tui::app::Event;
use gonogo::tui::work::News;

use super::driver::{Driver, SMALL};

const SIZE: (u16, u16) = (80, 24);

fn opened(folder: &Path) -> Driver {
    let mut driver = Driver::small(folder, SIZE);
    driver.keys("f3");
    driver
}

/// Selects a field by searching for it.
fn find(driver: &mut Driver, words: &str) {
    driver.keys("/ ctrl-u").text(words).keys("enter g");
}

#[test]
fn a_typed_range_shows_its_meaning_and_saving_changes_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    find(&mut driver, "workload.conversations");
    driver
        .keys("enter")
        .shows("about 40 to 60 (90% sure) per day (uncertain)");
    driver
        .keys("ctrl-u")
        .text("90 to 110")
        .shows("about 90 to 110");
    driver.keys("enter").shows("DRAFT");
    assert_eq!(
        std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap(),
        SMALL
    );
    driver.keys("ctrl-s").shows("Saved");
    assert_eq!(
        std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap(),
        SMALL.replace("\"40 to 60\"", "\"90 to 110\"")
    );
}

#[test]
fn the_form_opens_on_the_traffic_and_an_edit_shows_its_numbers_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    driver
        .shows("workload.conversations_per_day")
        .shows(" plain   1x  $2.");
    // Twice the traffic costs about twice as much.
    driver.keys("enter ctrl-u").text("100").keys("enter");
    driver.shows(" DRAFT plain   1x  $6.");
}

#[test]
fn a_mistake_is_explained_beside_the_field_and_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    find(&mut driver, "question.turns");
    driver
        .keys("enter ctrl-u")
        .text("{ p50 = 3, p95 = 2 }")
        .shows("p95");
    driver.keys("enter");
    assert_eq!(driver.app.shared.scenario.text(), SMALL);
    driver
        .keys("ctrl-u")
        .text("0.5")
        .shows("expected a number, 1 or more");
    driver.keys("ctrl-u").text("two").shows("✗");
    driver.keys("ctrl-u").text("{ p50 = 3").shows("✗");
    driver.keys("esc").keys("u").shows("nothing to undo");
}

#[test]
fn words_are_chosen_with_arrows_and_typed_without_quotes() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    find(&mut driver, "workload.hourly");
    driver.keys("enter").text("busines").shows("✗");
    driver.text("s").keys("enter");
    assert!(
        driver
            .app
            .shared
            .scenario
            .text()
            .contains("hourly = \"business\"")
    );
    driver.keys("enter down enter");
    assert!(
        driver
            .app
            .shared
            .scenario
            .text()
            .contains("hourly = \"consumer\"")
    );
    driver.keys("x").shows("back to its default");
    assert!(!driver.app.shared.scenario.text().contains("hourly"));
    // Three changes and one step back each.
    driver.keys("u u u");
    assert_eq!(driver.app.shared.scenario.text(), SMALL);
}

#[test]
fn fields_of_lists_of_tables_and_of_strategies_are_changed_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    find(&mut driver, "class.question.user_tokens");
    driver
        .keys("enter ctrl-u")
        .text("{ p50 = 40, p95 = 160 }")
        .keys("enter");
    let text = driver.app.shared.scenario.text();
    assert!(
        text.contains("user_tokens = { p50 = 40, p95 = 160 }\noutput_tokens"),
        "{text}"
    );
    find(&mut driver, "strategies.cheap.timeout_s");
    driver.keys("enter").text("20").keys("enter");
    let text = driver.app.shared.scenario.text();
    assert!(
        text.contains("[strategies.cheap]\nroute = \"small\"\ntimeout_s = 20"),
        "{text}"
    );
    find(&mut driver, "question.patience");
    driver.keys("enter").text("30").keys("enter");
    let text = driver.app.shared.scenario.text();
    assert!(
        text.contains("output_tokens = { mean = 200, cv = 0.5 }\npatience_s = 30\n"),
        "{text}"
    );
    find(&mut driver, "cheap.response_cache.ttl");
    driver.shows("0 rows");
    driver.keys("esc");
}

#[test]
fn a_source_is_written_for_a_number() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    find(&mut driver, "workload.conversations");
    driver.shows("assumed");
    driver
        .keys("s")
        .text("own load test, 2026-11-12")
        .keys("enter");
    let text = driver.app.shared.scenario.text();
    assert!(
        text.contains(
            "[sources]\n\"workload.conversations_per_day\" = \"own load test, 2026-11-12\""
        ),
        "{text}"
    );
    driver.shows("own load test, 2026-11-12");
}

#[test]
fn entries_are_added_by_name_and_can_be_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    find(&mut driver, "strategies.cheap.route");
    driver.keys("esc +").text("careful").keys("enter");
    find(&mut driver, "workload.conversations");
    driver.keys("esc +").text("complaint").keys("enter");
    find(&mut driver, "budget.1x");
    driver.keys("esc +").text("3x").keys("enter");
    let text = driver.app.shared.scenario.text();
    assert!(
        text.contains("[strategies.careful]\nextends = \"plain\""),
        "{text}"
    );
    assert!(
        text.contains("[[workload.class]]\nname = \"complaint\"\nshare = 0\n"),
        "{text}"
    );
    assert!(text.contains("3x = 10_000"), "{text}");
    let problems = driver.app.shared.scenario.parsed().map(|_| ());
    assert!(problems.is_ok(), "{problems:?}");
}

#[test]
fn the_strategy_of_a_section_goes_live_with_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = super::review::project(folder.path(), SIZE);
    driver.keys("f3");
    find(&mut driver, "strategies.cheap.route");
    driver
        .keys("esc L")
        .shows("cheap is the strategy that goes live");
    let review = std::fs::read_to_string(folder.path().join("review.toml")).unwrap();
    assert!(review.contains("\nstrategy = \"cheap\""));
}

#[test]
fn a_file_that_is_not_toml_says_where_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    driver
        .app
        .shared
        .edit_scenario("slip", format!("{SMALL}\nslip = = 1\n"));
    driver.shows("not TOML");
    driver.keys("u");
    assert_eq!(driver.app.shared.scenario.text(), SMALL);
}

#[test]
fn the_forms_screens_as_text_and_at_every_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    insta::assert_snapshot!("scenario_form", driver.screen());
    find(&mut driver, "workload.conversations");
    driver
        .keys("esc enter ctrl-u")
        .text("{ p50 = 40, p95 = 160 }");
    insta::assert_snapshot!("scenario_typing", driver.screen());
    super::screens::fits(&driver, 0);
    driver.keys("esc v");
    super::screens::fits(&driver, 1);
}

#[test]
fn a_first_number_of_an_edit_comes_before_the_study_of_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = opened(folder.path());
    driver.keys("enter ctrl-u").text("100");
    // Taken, and not yet carried out: the numbers are of before, and say so.
    driver.press_only("enter");
    driver.shows(" of before: plain   1x  $2.");
    let news = driver.carried_out();
    let glance = news
        .iter()
        .position(|news| matches!(news, News::Glance { .. }))
        .unwrap();
    let study = news
        .iter()
        .position(|news| matches!(news, News::Study { .. }))
        .unwrap();
    assert!(glance < study, "{news:?}");
    for (index, news) in news.into_iter().enumerate() {
        let is_glance = matches!(news, News::Glance { .. });
        if let News::Glance { outcome, .. } = &news {
            let cells = &outcome.study.cells;
            assert_eq!(cells.len(), 1, "only what is looked at");
            assert_eq!(
                (cells[0].strategy.as_str(), cells[0].volume),
                ("plain", 1.0)
            );
        }
        driver.app.event(Event::News(news));
        if is_glance {
            assert_eq!(index, glance, "there is one glance");
            // What else is on screen waits for the study.
            driver.shows(" DRAFT plain   1x  $");
            let line = line_of(&driver, " DRAFT plain");
            assert!(!line.contains("10x"), "{line}");
        }
    }
    let line = line_of(&driver, " DRAFT plain");
    assert!(line.contains("10x"), "{line}");
    assert!(driver.app.shared.study.glance.is_none());
}

/// The line of the screen that begins so.
fn line_of(driver: &Driver, words: &str) -> String {
    let screen = driver.screen();
    let line = screen.lines().find(|line| line.starts_with(words));
    line.unwrap_or_else(|| panic!("{screen}")).to_owned()
}

#[test]
fn numbers_below_the_form_are_whole_on_80_columns() {
    let folder = tempfile::tempdir().unwrap();
    let text = SMALL.replace("strategies.plain", "strategies.plain-and-large");
    std::fs::write(folder.path().join("scenario.toml"), text).unwrap();
    let mut driver = Driver::open(folder.path(), SIZE);
    driver.keys("f3 enter ctrl-u").text("400").keys("enter");
    let line = line_of(&driver, " DRAFT plain-and-large");
    assert!(line.contains("10x  $") && line.ends_with(" s"), "{line}");
    assert_eq!(line.matches("p95").count(), 2, "{line}");
}
