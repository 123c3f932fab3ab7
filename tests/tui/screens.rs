//! Every screen as text, and at every size.

use super::driver::{Driver, draw};

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

/// All small sizes, and a grid over the larger ones.
pub fn sizes() -> impl Iterator<Item = (u16, u16)> {
    let small = (1..=30).flat_map(|width| (1..=30).map(move |height| (width, height)));
    let grid = [40, 59, 60, 61, 79, 80, 81, 119, 120, 160, 200, 300];
    let heights = [1, 14, 15, 16, 23, 24, 25, 40, 48, 50, 100];
    let large = grid
        .into_iter()
        .flat_map(move |width| heights.map(|height| (width, height)));
    small.chain(large)
}

#[test]
fn every_screen_fits_every_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::small(folder.path(), (80, 24));
    for keys in [
        "tab", "tab", "tab", "tab", "tab", "?", "esc", "ctrl-p", "esc",
    ] {
        driver.keys(keys);
        for size in sizes() {
            draw(&driver.app, size);
        }
    }
}
