//! One more question in a project's own checklist, everything else byte for byte.

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
