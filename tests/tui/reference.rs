//! docs/keys.md and the sample configuration come from the table of actions.

use gonogo::tui::action::ACTIONS;
use gonogo::tui::config;
use gonogo::tui::keymap::Keymap;
use gonogo::tui::reference::{sample, tables};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
const TABLES: &str = "<!-- From the table of actions; GONOGO_UPDATE_DOCS=1 cargo test --test tui writes it anew. -->\n";
const SAMPLE: &str = "\n## The whole file, as delivered\n\n```toml\n";

fn blocks(page: &str) -> Vec<&str> {
    let parts = page.split("```toml\n").skip(1);
    parts.filter_map(|part| part.split("```").next()).collect()
}

#[test]
fn the_page_of_keys_is_the_table_of_actions() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let words = page.split(TABLES).next().unwrap();
    let wanted = format!("{words}{TABLES}{}{SAMPLE}{}```\n", tables(), sample());
    if std::env::var_os("GONOGO_UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &wanted).unwrap();
    } else {
        assert!(
            page == wanted,
            "docs/keys.md is not as the table of actions says"
        );
    }
}

#[test]
fn every_configuration_on_the_page_is_read_and_the_whole_file_changes_nothing() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let blocks = blocks(&page);
    assert_eq!(blocks.len(), 2);
    let changed = config::read(blocks[0]).unwrap();
    let plain = Keymap::default();
    let differs = |spec: &&gonogo::tui::action::Spec| {
        changed.keymap.keys(spec.action) != plain.keys(spec.action)
    };
    assert_eq!(ACTIONS.iter().filter(differs).count(), 2);
    assert!(!changed.theme.unicode);
    let same = config::read(blocks[1]).unwrap();
    for spec in ACTIONS {
        assert_eq!(
            same.keymap.keys(spec.action),
            plain.keys(spec.action),
            "{}",
            spec.name
        );
    }
    assert!(same.theme.colour && same.theme.unicode && same.theme.motion && same.mouse);
}
