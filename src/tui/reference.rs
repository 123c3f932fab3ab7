//! The reference of keys as Markdown, and a configuration file that says what holds anyway: both from the table of actions.

use std::fmt::Write as _;

use super::action::{ACTIONS, Context, Spec};

/// Contexts in the order in which a reader meets them.
const ORDER: [Context; 16] = [
    Context::Global,
    Context::Move,
    Context::Start,
    Context::Overview,
    Context::NoReview,
    Context::Review,
    Context::Answer,
    Context::Meeting,
    Context::Note,
    Context::Scenario,
    Context::Study,
    Context::Report,
    Context::Form,
    Context::Search,
    Context::Confirm,
    Context::Help,
];

/// Every action under its context: keys, what it does, its name for the configuration, the command that does the same.
#[must_use]
pub fn tables() -> String {
    let mut text = String::new();
    for context in ORDER {
        let specs: Vec<&Spec> = ACTIONS
            .iter()
            .filter(|spec| spec.context == context)
            .collect();
        if specs.is_empty() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n### {}\n\n| keys | does | name | command |\n| --- | --- | --- | --- |\n",
            context.title()
        );
        for spec in specs {
            let keys: Vec<String> = spec.keys.split(' ').map(code).collect();
            let command = if spec.command.is_empty() {
                String::new()
            } else {
                code(spec.command)
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {command} |",
                keys.join(" "),
                spec.title.replace('|', "\\|"),
                spec.name
            );
        }
    }
    text
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// A configuration file with everything as delivered.
#[must_use]
pub fn sample() -> String {
    let mut text = "[screen]\n\
        ascii = false     # true: only ASCII, for fonts that lack the rest\n\
        mouse = true      # false: the mouse stays the terminal's, to select text\n\
        motion = true     # false: no moving bars\n\
        background = \"auto\" # \"light\" or \"dark\", where the terminal does not tell\n\
        colour = true     # false: weight and reversal only, as with NO_COLOR\n\n[keys]\n"
        .to_owned();
    for spec in ACTIONS {
        let keys: Vec<String> = spec
            .keys
            .split(' ')
            .map(|key| toml_edit::Value::from(key).to_string())
            .collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} = [{}]", spec.name, keys.join(", "));
    }
    text
}
