//! One more question in a project's own checklist, or another wording of one, everything else byte for byte.

use super::edit::TomlText;
use super::types::Checklist;

/// A question to add to a project's own checklist.
#[derive(Debug, Clone, Default)]
pub struct NewQuestion<'a> {
    /// Its id.
    pub id: &'a str,
    /// The section's id; made if it is not there.
    pub section: &'a str,
    /// The question.
    pub ask: &'a str,
    /// A few words for lists.
    pub short: &'a str,
    /// Why it is asked.
    pub why: &'a str,
    /// How much hangs on it.
    pub severity: &'a str,
    /// Who usually answers.
    pub role: &'a str,
    /// What it needs: `none`, `text` or `required`.
    pub evidence: &'a str,
}

/// A checklist's text with one more question, at the end of its section; everything else stays byte for byte.
///
/// # Errors
/// When the text is not TOML.
pub fn with_question(text: &str, new: &NewQuestion<'_>) -> Result<String, String> {
    let document = toml_edit::Document::parse(text).map_err(|error| error.message().to_owned())?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines = vec![
        "[[section.question]]".to_owned(),
        format!("id = {}", text_value(new.id)),
        format!(
            "short = {}",
            text_value(if new.short.is_empty() {
                new.ask
            } else {
                new.short
            })
        ),
        format!("ask = {}", text_value(new.ask)),
    ];
    for (key, text) in [("why", new.why), ("role", new.role)] {
        if !text.is_empty() {
            lines.push(format!("{key} = {}", text_value(text)));
        }
    }
    lines.push(format!("severity = {}", text_value(new.severity)));
    lines.push(format!("evidence = {}", text_value(new.evidence)));
    let block = lines.join(newline);
    let sections = document
        .as_table()
        .get("section")
        .and_then(toml_edit::Item::as_array_of_tables);
    let starts: Vec<(usize, bool)> = sections
        .into_iter()
        .flatten()
        .filter_map(|section| {
            let named = section.get("id").and_then(toml_edit::Item::as_str) == Some(new.section);
            Some((section.span()?.start, named))
        })
        .collect();
    let found = starts.iter().position(|(_, named)| *named);
    let (at, block) = if let Some(index) = found {
        let end = starts
            .get(index + 1)
            .map_or(text.len(), |(start, _)| *start);
        (before_comments(text, end), block)
    } else {
        let title = new.section.replace(['-', '_'], " ");
        let header = format!(
            "[[section]]{newline}id = {}{newline}title = {}{newline}{newline}",
            text_value(new.section),
            text_value(&title)
        );
        (text.len(), format!("{header}{block}"))
    };
    let (before, after) = text
        .split_at_checked(at)
        .ok_or("a place outside the text")?;
    let gap = if before.ends_with(&format!("{newline}{newline}")) || before.is_empty() {
        ""
    } else if before.ends_with('\n') {
        newline
    } else {
        "\n\n"
    };
    let tail = if after.is_empty() {
        String::new()
    } else {
        newline.to_owned()
    };
    Ok(format!("{before}{gap}{block}{newline}{tail}{after}"))
}

/// What a changed question says now; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ChangedQuestion<'a> {
    /// The question.
    pub ask: Option<&'a str>,
    /// A few words for lists.
    pub short: Option<&'a str>,
    /// Why it is asked.
    pub why: Option<&'a str>,
    /// How to find out.
    pub how: Option<&'a str>,
    /// How much hangs on it.
    pub severity: Option<&'a str>,
    /// Who usually answers.
    pub role: Option<&'a str>,
    /// What it needs: `none`, `text` or `required`.
    pub evidence: Option<&'a str>,
    /// Whether its meaning changed: raises `rev`, so that older answers need another look.
    pub meaning: bool,
}

/// A checklist's text with one question changed; everything else stays byte for byte.
///
/// # Errors
/// When there is no such question, or the text's shape does not allow it.
pub fn with_changed_question(
    checklist: &Checklist,
    id: &str,
    new: &ChangedQuestion<'_>,
) -> Result<String, String> {
    let section = checklist
        .sections
        .iter()
        .find(|section| section.questions.iter().any(|question| question.id == id))
        .ok_or_else(|| format!("{} has no question `{id}`", checklist.id))?;
    let question = checklist.question(id).ok_or("no such question")?;
    let mut text = TomlText::new(checklist.source.text.clone())?;
    let path = |field: &'static str| ["section", section.id.as_str(), "question", id, field];
    for (field, value) in [
        ("ask", new.ask),
        ("short", new.short),
        ("why", new.why),
        ("how", new.how),
        ("severity", new.severity),
        ("role", new.role),
        ("evidence", new.evidence),
    ] {
        if let Some(value) = value {
            let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
            text.set(&path(field), line.into(), None)?;
        }
    }
    if new.meaning {
        text.set(&path("rev"), i64::from(question.rev + 1).into(), None)?;
    }
    Ok(text.into_string())
}

/// The start of the comment block right above a place.
fn before_comments(text: &str, at: usize) -> usize {
    let mut at = at;
    while let Some(above) = text.get(..at).filter(|above| !above.is_empty()) {
        let start = above
            .trim_end_matches('\n')
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        if !text
            .get(start..at)
            .is_some_and(|line| line.trim_start().starts_with('#'))
        {
            break;
        }
        at = start;
    }
    at
}

fn text_value(text: &str) -> String {
    toml_edit::Value::from(text.split_whitespace().collect::<Vec<_>>().join(" ")).to_string()
}
