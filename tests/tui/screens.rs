//! Every screen as text, and at every size.
//!
//! A tour visits every tab, pane, form and box. At each stop every width from 1 to 300 and every height from 1 to 100 is
//! drawn, a few heights for each width and other ones at the next stop, and the sizes at which layouts change.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::driver::{Driver, draw};
use gonogo::tui::frame;
use gonogo::tui::theme::Theme;

fn tabs(size: (u16, u16), name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), size);
    for tab in ["overview", "review", "scenario", "study", "report"] {
        insta::assert_snapshot!(format!("{tab}_{name}"), driver.screen());
        driver.keys("tab");
    }
}

#[test]
fn each_tab_at_80_by_24() {
    tabs((80, 24), "80x24");
}

#[test]
fn each_tab_at_160_by_48() {
    tabs((160, 48), "160x48");
}

/// A project whose setting may be turned, so that every analysis has something to say.
const OPTIMISE: &str = "\n[optimize]\n\"strategies.cheap.route\" = [\"small\", \"large\"]\n";

fn analysed(folder: &std::path::Path, size: (u16, u16), theme: Theme) -> Driver {
    let text = format!("{}{OPTIMISE}", super::driver::SMALL);
    std::fs::write(folder.join("scenario.toml"), text).unwrap();
    let mut driver = Driver::with(folder, size, theme);
    driver.keys("f4");
    driver
}

const PANES: [&str; 7] = [
    "results", "compare", "drivers", "headroom", "drill", "optimise", "forecast",
];

fn panes(size: (u16, u16), name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = analysed(folder.path(), size, Theme::default());
    for (number, pane) in PANES.iter().enumerate() {
        driver.keys(&(number + 1).to_string());
        insta::assert_snapshot!(format!("pane_{pane}_{name}"), driver.screen());
    }
}

#[test]
fn each_pane_of_the_study_at_80_by_24() {
    panes((80, 24), "80x24");
}

#[test]
fn each_pane_of_the_study_at_160_by_48() {
    panes((160, 48), "160x48");
}

#[test]
fn each_chart_of_the_results_in_ascii_without_colour() {
    let folder = tempfile::tempdir().unwrap();
    let theme = Theme {
        colour: false,
        unicode: false,
        motion: false,
        ..Theme::default()
    };
    let mut driver = analysed(folder.path(), (80, 24), theme);
    for chart in 0..8 {
        let screen = driver.screen();
        assert!(screen.is_ascii(), "{screen}");
        insta::assert_snapshot!(format!("chart_{chart}_ascii"), screen);
        driver.keys("c");
    }
}

/// Sizes at which something about a layout changes.
const EDGES: [(u16, u16); 12] = [
    (59, 15),
    (60, 14),
    (60, 15),
    (61, 16),
    (79, 23),
    (80, 24),
    (81, 25),
    (119, 40),
    (120, 40),
    (139, 48),
    (160, 48),
    (300, 100),
];

/// Draws a stop of a tour: each width with one height, each height with three widths, and the edges.
pub fn fits(driver: &Driver, stop: u16) {
    let sizes = (1..=300_u16).map(|width| (width, 1 + (width * 37 + stop * 11) % 100));
    for (width, height) in sizes.chain(EDGES) {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| frame::draw(&driver.app, frame))
            .unwrap();
    }
}

/// Below the least size every screen is the same few words, so one stop sees all of these.
#[test]
fn a_window_that_is_too_small_says_so_at_every_size() {
    let folder = tempfile::tempdir().unwrap();
    let driver = Driver::small(folder.path(), (80, 24));
    for width in 1..=60 {
        for height in 1..=100 {
            draw(
                &driver.app,
                (width, height.min(if width < 60 { 100 } else { 14 })),
            );
        }
    }
    assert!(draw(&driver.app, (40, 10)).contains("Make the window larger"));
}

#[test]
fn every_screen_fits_every_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = analysed(folder.path(), (80, 24), Theme::default());
    for (keys, stop) in [
        "2", "3", "4", "5", "right", "enter", "6", "7", "enter", "1", "c", "c", "c", "c", "c", "c",
        "c", "enter", "enter", "f5", "w", "esc", "f1", "f2", "f3", "enter", "esc", "+", "esc", "v",
        "?", "esc", "ctrl-p", "esc", "ctrl-z",
    ]
    .into_iter()
    .zip(0..)
    {
        driver.keys(keys);
        fits(&driver, stop);
    }
}

#[test]
fn the_first_screen_fits_every_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::open(folder.path(), (80, 24));
    for (keys, stop) in ["up", "o", "esc", "i", "esc", "e"].into_iter().zip(0..) {
        driver.keys(keys);
        fits(&driver, stop);
    }
}
