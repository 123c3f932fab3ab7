//! deon's checklists.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use saphyr::{LoadableYamlNode as _, Yaml};

use super::{Imported, head, id_of, short, value};

/// Imports a deon checklist: `title`, `sections` with `title`, `section_id` and `lines`, each with `line_id`,
/// `line_summary` and `line`.
///
/// # Errors
/// What is wrong with it.
pub fn deon(text: &str, id: &str) -> Result<Imported, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| format!("not YAML: {error}"))?;
    let root = documents.first().ok_or("the file is empty")?;
    let field = |node: &Yaml<'_>, name: &str| {
        node.as_mapping_get(name)
            .and_then(scalar)
            .unwrap_or_default()
    };
    let sections = root
        .as_mapping_get("sections")
        .and_then(Yaml::as_vec)
        .ok_or("no `sections`: this is no deon checklist")?;
    let title = field(root, "title");
    let mut out = head(
        id,
        if title.is_empty() { id } else { &title },
        "",
        "a deon checklist",
    );
    let (mut section_ids, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (index, section) in sections.iter().enumerate() {
        let name = field(section, "title");
        let own = id_of(
            &field(section, "section_id"),
            &format!("section-{}", index + 1),
            &mut section_ids,
        );
        let _ = write!(
            out,
            "\n[[section]]\nid = {}\ntitle = {}\n",
            value(&own),
            value(if name.is_empty() { &own } else { &name })
        );
        let lines = section
            .as_mapping_get("lines")
            .and_then(Yaml::as_vec)
            .map(Vec::as_slice)
            .unwrap_or_default();
        for line in lines {
            let their = field(line, "line_id");
            let fallback = format!("{own}-{}", ids.len() + 1);
            let own = id_of(&their, &fallback, &mut ids);
            let ask = field(line, "line");
            let summary = field(line, "line_summary");
            if ask.is_empty() {
                return Err(format!("the line `{own}` asks nothing: it has no `line`"));
            }
            let _ = write!(
                out,
                "\n[[section.question]]\nid = {}\nshort = {}\nask = {}\nseverity = \"major\"\nevidence = \"text\"\nna_allowed = true\nstages = [\"pilot\", \"launch\", \"scale\"]\nmaps_to = [{{ standard = \"deon\", clause = {} }}]\n",
                value(&own),
                value(&short(if summary.is_empty() { &ask } else { &summary })),
                value(&ask),
                value(if their.is_empty() { &own } else { &their }),
            );
        }
    }
    if ids.is_empty() {
        return Err("the checklist has no lines".to_owned());
    }
    let losses =
        vec!["deon has no severities: all questions are major until you change that".to_owned()];
    Ok(Imported {
        text: out,
        questions: ids.len(),
        losses,
    })
}

fn scalar(node: &Yaml<'_>) -> Option<String> {
    node.as_str()
        .map(str::to_owned)
        .or_else(|| node.as_integer().map(|number| number.to_string()))
        .or_else(|| node.as_floating_point().map(|number| number.to_string()))
}
