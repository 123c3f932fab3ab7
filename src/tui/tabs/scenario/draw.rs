//! Draws the form: rows under their sections, and below (or beside) them the selected field in full, with what is typed.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::quantity::Meaning;
use crate::scenario::fields::{Absent, Kind};

use super::super::super::action::Action;
use super::super::super::shared::Shared;
use super::super::super::theme::{Theme, Tone};
use super::super::super::widgets::table::first_shown;
use super::super::super::widgets::text::{clean, cut, fit, span, width, wrap};
use super::super::super::widgets::volumes::times;
use super::super::super::widgets::{density, form};
use super::rows::Row;
use super::typed::{Typed, meaning_of};
use super::{Entry, Mode, ScenarioTab, What};
use crate::report::{seconds, usd};
use crate::study::Cell;

/// Rows of the plot in the detail.
const PLOT: usize = 3;
/// Columns of the small plot in a row.
const SMALL: usize = 10;

enum Shown<'a> {
    Section(&'a str),
    Field(usize, &'a Row),
}

fn entries(rows: &[Row]) -> Vec<Shown<'_>> {
    let mut list = Vec::new();
    let mut section = None;
    for (index, row) in rows.iter().enumerate() {
        if section != Some(&row.section) {
            section = Some(&row.section);
            list.push(Shown::Section(&row.section));
        }
        list.push(Shown::Field(index, row));
    }
    list
}

fn layout(area: Rect) -> [Rect; 4] {
    let [line, rest, numbers] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    let [list, detail] = if area.width >= 120 {
        Layout::horizontal([Constraint::Percentage(58), Constraint::Min(0)]).areas(rest)
    } else {
        Layout::vertical([
            Constraint::Min(0),
            Constraint::Length(11.min(rest.height * 6 / 10)),
        ])
        .areas(rest)
    };
    [line, list, detail, numbers]
}

fn first(entries: &[Shown<'_>], selected: usize, area: Rect) -> usize {
    let line = entries
        .iter()
        .position(|entry| matches!(entry, Shown::Field(index, _) if *index == selected));
    first_shown(line.unwrap_or(0), entries.len(), usize::from(area.height))
}

/// The row under a click.
pub(super) fn row_at(rows: &[Row], selected: usize, area: Rect, at: Position) -> Option<usize> {
    let [_, list, _, _] = layout(area);
    if !list.contains(at) {
        return None;
    }
    let entries = entries(rows);
    let line = first(&entries, selected, list) + usize::from(at.y - list.y);
    match entries.get(line)? {
        Shown::Field(index, _) => Some(*index),
        Shown::Section(_) => None,
    }
}

/// Draws the tab.
pub(super) fn draw(tab: &ScenarioTab, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let [line, list, detail, numbers] = layout(area);
    let rows = match super::rows(shared.scenario.text(), &tab.show) {
        Ok(rows) => rows,
        Err(why) => {
            let words = format!(
                "{} is not TOML as it stands: {why}\nctrl-e opens it in your editor; u takes the last change back.",
                shared.scenario.name()
            );
            let lines: Vec<Line<'_>> =
                wrap(&clean(&words.replace('\n', " ")), usize::from(area.width))
                    .into_iter()
                    .map(|line| Line::styled(line, theme.tone(Tone::Bad)))
                    .collect();
            return frame.render_widget(Paragraph::new(lines), area);
        }
    };
    let at = tab.at(&rows);
    draw_line(tab, frame, line, rows.len(), shared);
    draw_numbers(frame, numbers, shared);
    draw_rows(frame, list, &rows, at, theme);
    if let Some(row) = rows.get(at) {
        draw_detail(tab, frame, detail, row, shared);
    }
}

fn draw_line(tab: &ScenarioTab, frame: &mut Frame<'_>, area: Rect, count: usize, shared: &Shared) {
    let theme = shared.theme;
    let mut spans = Vec::new();
    if let Err(problems) = shared.scenario.parsed() {
        let first = problems.list.first().map(|problem| {
            let (line, _) = problems.source.line_column(problem.span.start);
            format!(" line {line}: {}", problem.message)
        });
        let words = format!(
            "{} {} cannot be simulated:{} ",
            theme.mark(Tone::Bad),
            shared.scenario.name(),
            first.unwrap_or_default()
        );
        spans.push(span(
            cut(
                &clean(&words),
                usize::from(area.width).saturating_sub(4),
                theme.either("…", "~"),
            ),
            theme.tone(Tone::Bad),
        ));
    } else {
        let kind = if tab.show.all {
            "every field"
        } else {
            "what is set"
        };
        spans.push(span(
            format!(" {}: {kind}, {count} rows", shared.scenario.name()),
            theme.dim(),
        ));
    }
    if shared.scenario.is_draft() {
        spans.push(span(
            format!("   unsaved: {} ", shared.keymap.key(Action::Save)),
            theme.tone(Tone::Warn),
        ));
    }
    let searching = match &tab.mode {
        Mode::Searching(input) => Some(input),
        _ => None,
    };
    if searching.is_some() || !tab.show.search.is_empty() {
        spans.push(span("   / ", theme.key()));
        let before: usize = spans.iter().map(Span::width).sum();
        let cursor = searching.map(|input| {
            let room = usize::from(area.width).saturating_sub(before + 1);
            form::window(input, room)
        });
        let text = cursor
            .as_ref()
            .map_or(tab.show.search.as_str(), |(text, _)| text.as_str());
        spans.push(Span::raw(clean(text)));
        if let Some((_, cursor)) = cursor
            && let Ok(column) = u16::try_from(before + cursor)
            && column < area.width
            && area.height > 0
        {
            frame.set_cursor_position((area.x + column, area.y));
        }
    }
    frame.render_widget(Line::from(spans), area);
}

/// What the edit does to the strategy that is looked at, at each volume, as far as it is simulated.
fn draw_numbers(frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let Some(study) = shared.study.study() else {
        return;
    };
    let name = shared.strategy.as_deref().unwrap_or_default();
    let old = shared
        .scenario
        .good()
        .is_some_and(|scenario| scenario.digest != study.scenario.digest);
    // While the newest edit is simulated, a first number of it is worth more than all those of before.
    let glance = shared.study.glance.as_ref().filter(|_| old);
    let (cells, old) = match glance {
        Some(outcome) => (&outcome.study.cells, false),
        None => (&study.cells, old),
    };
    let mut spans = Vec::new();
    if old {
        spans.push(span(" of before:", theme.tone(Tone::Open)));
    } else if glance.is_some() || shared.is_draft() {
        spans.push(span(" DRAFT", theme.tone(Tone::Warn)));
    }
    spans.push(span(format!(" {}", clean(name)), theme.title()));
    let used: usize = spans.iter().map(Span::width).sum();
    let mut room = usize::from(area.width).saturating_sub(used);
    let cells: Vec<&Cell> = cells.iter().filter(|cell| cell.strategy == name).collect();
    for words in volumes_in(&cells, room) {
        // A number that is cut would be another number.
        let Some(left) = room.checked_sub(width(&words)) else {
            break;
        };
        room = left;
        spans.push(span(words, if old { theme.dim() } else { theme.strong() }));
    }
    frame.render_widget(Line::from(spans), area);
}

/// Cost and latency at each volume, in the longest words that let all of them stand in so many columns.
fn volumes_in(cells: &[&Cell], columns: usize) -> Vec<String> {
    let said = |terse: bool| -> Vec<String> {
        cells
            .iter()
            .take(3)
            .enumerate()
            .map(|(index, cell)| {
                let mean = |metric: &str| cell.metrics.get(metric).map(|metric| metric.mean);
                let mut words = format!("   {}", times(cell.volume));
                if let Some(cost) = mean("cost.total") {
                    // The first says what it is; the others stand beside it.
                    let unit = if terse && index > 0 { "" } else { " a month" };
                    words = format!("{words}  {}{unit}", usd(cost));
                }
                if let Some(p95) = mean("latency.p95") {
                    words = format!("{words}  p95 {}", seconds(p95));
                }
                words
            })
            .collect()
    };
    let long = said(false);
    let taken: usize = long.iter().map(|words| width(words)).sum();
    if taken <= columns { long } else { said(true) }
}

fn draw_rows(frame: &mut Frame<'_>, area: Rect, rows: &[Row], at: usize, theme: Theme) {
    let dots = theme.either("…", "~");
    let entries = entries(rows);
    let first = first(&entries, at, area);
    let room = usize::from(area.height);
    let columns = usize::from(area.width);
    let label = rows
        .iter()
        .map(|row| width(&row.label))
        .max()
        .unwrap_or(0)
        .clamp(8, columns / 3);
    let unit = match columns {
        ..=70 => 0,
        71..=100 => 16,
        _ => {
            let units = rows.iter().map(|row| width(row.field.unit));
            units.max().unwrap_or(0).max(16)
        }
    };
    let role = if columns > 60 { 10 } else { 0 };
    let value = columns.saturating_sub(label + unit + role + SMALL + 7);
    for (line, entry) in entries.iter().skip(first).take(room).enumerate() {
        let place = Rect {
            y: area.y.saturating_add(u16::try_from(line).unwrap_or(0)),
            height: 1,
            ..area
        }
        .intersection(area);
        match entry {
            Shown::Section(title) => {
                let title = if title.is_empty() { "the file" } else { title };
                frame.render_widget(
                    Line::styled(format!(" {}", clean(title)), theme.title()),
                    place,
                );
            }
            Shown::Field(index, row) => {
                let known = row
                    .written
                    .as_deref()
                    .and_then(|text| meaning_of(row, text));
                let exact = known.as_ref().is_some_and(|known| known.density.is_none());
                let plot = known.and_then(|known| known.quantity.density(SMALL));
                let plot = plot
                    .map(|density| density::row(&density.bins, theme))
                    .unwrap_or_default();
                let (text, style) = value_of(row, theme);
                let word = if row.written.is_some() {
                    row.role_word(exact)
                } else {
                    ""
                };
                let spans = vec![
                    span(
                        format!("   {}  ", fit(&clean(&row.label), label, dots)),
                        theme.text(),
                    ),
                    span(format!("{} ", fit(&clean(&text), value, dots)), style),
                    span(format!("{} ", fit(&plot, SMALL, "")), theme.title()),
                    span(fit(row.field.unit, unit, dots), theme.dim()),
                    span(format!(" {}", fit(word, role, "")), theme.dim()),
                ];
                let mut line = Line::from(spans);
                if *index == at {
                    line = line.style(theme.selected());
                    frame.buffer_mut().set_style(place, theme.selected());
                }
                frame.render_widget(line, place);
            }
        }
    }
}

/// What a row shows: what is written, or what holds without it.
fn value_of(row: &Row, theme: Theme) -> (String, ratatui::style::Style) {
    match (&row.written, row.field.absent) {
        (Some(text), _) => (
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            theme.strong(),
        ),
        (None, Absent::Required) => ("needed".to_owned(), theme.tone(Tone::Bad)),
        (None, _) => (row.field.default_in_words(), theme.dim()),
    }
}

fn draw_detail(tab: &ScenarioTab, frame: &mut Frame<'_>, area: Rect, row: &Row, shared: &Shared) {
    let theme = shared.theme;
    let inside = Rect {
        x: area.x.saturating_add(1).min(area.right()),
        width: area.width.saturating_sub(2),
        ..area
    };
    let columns = usize::from(inside.width);
    let [rule, text] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inside);
    let title = format!("{} {} ", theme.rule().repeat(2), clean(&row.dotted()));
    let whole = cut(
        &format!("{title}{}", theme.rule().repeat(columns)),
        columns,
        "",
    );
    frame.render_widget(Line::styled(whole, theme.dim()), rule);
    let mut lines = Vec::new();
    let typing = match &tab.mode {
        Mode::Typing(entry) => Some(entry.as_ref()),
        _ => None,
    };
    let cursor = typing.map(|entry| typed_lines(&mut lines, entry, columns, shared));
    let shown = match typing {
        Some(Entry {
            what: What::Value(_),
            outcome: Typed::Good { meaning, .. },
            ..
        }) => meaning.as_deref().cloned(),
        Some(_) => None,
        None => row
            .written
            .as_deref()
            .and_then(|text| meaning_of(row, text)),
    };
    if let Some(known) = &shown {
        lines.extend(meaning_lines(known, row, columns, theme));
    }
    lines.extend(about_lines(row, columns, shared));
    frame.render_widget(Paragraph::new(lines), text);
    if let Some(column) = cursor.and_then(|column| u16::try_from(column).ok())
        && column < text.width
        && text.height > 0
    {
        frame.set_cursor_position((text.x + column, text.y));
    }
}

/// What is typed, and whether it can be taken; returns the cursor's column.
fn typed_lines(
    lines: &mut Vec<Line<'static>>,
    entry: &Entry,
    columns: usize,
    shared: &Shared,
) -> usize {
    let theme = shared.theme;
    let head = match &entry.what {
        What::Value(row) => format!("{} = ", row.field.key()),
        What::Source(_) => "source: ".to_owned(),
        What::Name(list) => {
            let what = super::LISTS
                .iter()
                .find(|(known, _)| known == list)
                .map_or("entry", |(_, what)| what);
            format!("name of the {what}: ")
        }
    };
    let room = columns.saturating_sub(width(&head));
    let (text, cursor) = form::window(&entry.input, room);
    lines.push(Line::from(vec![
        span(head.clone(), theme.key()),
        span(
            fit(&text, room, ""),
            theme.strong().add_modifier(Modifier::UNDERLINED),
        ),
    ]));
    match &entry.outcome {
        Typed::Bad(why) => {
            for line in wrap(
                &clean(&format!(
                    "{} {}",
                    theme.mark(Tone::Bad),
                    shared.keymap.words(why)
                )),
                columns,
            ) {
                lines.push(Line::styled(line, theme.tone(Tone::Bad)));
            }
        }
        Typed::Empty(_) => {
            let words = match &entry.what {
                What::Value(row) => format!(
                    "{} left out: {}",
                    theme.mark(Tone::Good),
                    row.field.default_in_words()
                ),
                _ => "left out".to_owned(),
            };
            lines.push(Line::styled(
                cut(&words, columns, ""),
                theme.tone(Tone::Good),
            ));
        }
        Typed::Good { meaning: None, .. } => {
            lines.push(Line::styled(
                format!(
                    "{} can be taken: {}",
                    theme.mark(Tone::Good),
                    shared.keymap.key(Action::FormNext)
                ),
                theme.tone(Tone::Good),
            ));
        }
        Typed::Good { .. } => {}
    }
    if let What::Value(row) = &entry.what {
        let words = row.words();
        if !words.is_empty() {
            let line = format!("one of {} (up and down choose)", words.join(", "));
            lines.push(Line::styled(
                cut(&line, columns, theme.either("…", "~")),
                theme.dim(),
            ));
        }
    }
    width(&head) + cursor
}

fn meaning_lines(known: &Meaning, row: &Row, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let unit = if row.field.unit.is_empty() {
        String::new()
    } else {
        format!(" {}", row.field.unit)
    };
    let role = row.role_word(known.density.is_none());
    let words = format!("{} {}{unit} ({role})", theme.mark(Tone::Good), known.words);
    let mut lines: Vec<Line<'static>> = wrap(&clean(&words), columns)
        .into_iter()
        .map(|line| Line::styled(line, theme.tone(Tone::Good)))
        .collect();
    if let Some(density) = &known.density {
        let plot = density::plot(&density.bins, PLOT, theme.title(), theme);
        let beside = [
            format!("mean {}", short(density.mean)),
            format!("half below {}", short(density.p50)),
            format!("95% below {}", short(density.p95)),
        ];
        for (mut line, words) in plot.into_iter().zip(beside) {
            line.push_span(span(format!("  {words}"), theme.dim()));
            lines.push(line);
        }
        let (low, high) = (short(density.low), short(density.high));
        let gap = density.bins.len().saturating_sub(low.len() + high.len());
        lines.push(Line::styled(
            format!("{low}{}{high}", " ".repeat(gap.max(1))),
            theme.dim(),
        ));
    }
    lines
}

fn about_lines(row: &Row, columns: usize, shared: &Shared) -> Vec<Line<'static>> {
    let theme = shared.theme;
    let field = row.field;
    let mut lines: Vec<Line<'static>> = wrap(field.about, columns)
        .into_iter()
        .map(Line::from)
        .collect();
    let takes = match field.kind {
        Kind::Fact | Kind::Draw | Kind::FactOrTable => format!(
            "{}, or a spread: \"300 to 500\", {{ p50 = 40, p95 = 160 }}",
            field.bounds.words()
        ),
        Kind::Number | Kind::Integer => field.bounds.words(),
        Kind::Text => "text".to_owned(),
        Kind::Choice(words) => words.join(", "),
        Kind::Flag => "true or false".to_owned(),
        Kind::List => "a list".to_owned(),
        Kind::Date => "a day".to_owned(),
        Kind::Table(words) => format!("a table {}", words.join(", ")),
    };
    let source = match (&row.source, row.role()) {
        (Some(source), _) => source.clone(),
        (None, Some(_)) => shared
            .keymap
            .words("assumed; {source} says where it comes from"),
        (None, None) => String::new(),
    };
    for (label, text) in [
        ("unit", field.unit.to_owned()),
        ("without it", field.default_in_words()),
        ("source", source),
        ("takes", takes),
        ("example", field.example.to_owned()),
    ] {
        if text.is_empty() {
            continue;
        }
        for (index, line) in wrap(&clean(&text), columns.saturating_sub(12).max(10))
            .into_iter()
            .enumerate()
        {
            let label = if index == 0 { label } else { "" };
            lines.push(Line::from(vec![
                span(format!("{label:<12}"), theme.dim()),
                Span::raw(line),
            ]));
        }
    }
    lines
}

/// A number for a plot's axis.
fn short(number: f64) -> String {
    let size = number.abs();
    match size {
        _ if size >= 100_000.0 => format!("{:.0}k", number / 1000.0),
        _ if size >= 100.0 => format!("{number:.0}"),
        _ if size >= 1.0 => format!("{number:.1}"),
        _ if size == 0.0 => "0".to_owned(),
        _ => format!("{number:.2}"),
    }
}
