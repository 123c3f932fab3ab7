//! The frame around every tab: tabs and verdict on top, what is open and what runs above the keys at the bottom.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::action::{ACTIONS, Action};
use super::app::{App, Overlay};
use super::review;
use super::shared::ReviewState;
use super::tabs::TabId;
use super::theme::{Theme, Tone};
use super::widgets::text::{clean, cut, span, width};

/// Below this the tabs are not drawn.
pub const LEAST: (u16, u16) = (60, 15);

/// Where things stand.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Tabs and verdict.
    pub header: Rect,
    /// The tab in view.
    pub body: Rect,
    /// What is open, what runs, what was said.
    pub status: Rect,
    /// Keys.
    pub footer: Rect,
}

/// Divides the screen.
#[must_use]
pub fn parts(whole: Rect) -> Parts {
    let row = |y: u16, height: u16| Rect { y, height, ..whole }.intersection(whole);
    let bottom = whole.bottom();
    Parts {
        header: row(whole.y, 1),
        body: row(whole.y + 2, whole.height.saturating_sub(4)),
        status: row(bottom.saturating_sub(2), 1),
        footer: row(bottom.saturating_sub(1), 1),
    }
}

/// Draws everything.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let whole = frame.area();
    let theme = app.shared.theme;
    if whole.width < LEAST.0 || whole.height < LEAST.1 {
        return too_small(frame, whole);
    }
    let parts = parts(whole);
    let start = app
        .overlays
        .iter()
        .any(|overlay| matches!(overlay, Overlay::Start(_)));
    if !start {
        header(app, frame, parts.header);
        let rule = Rect {
            y: parts.header.bottom(),
            ..parts.header
        };
        frame.render_widget(
            Line::styled(theme.rule().repeat(usize::from(whole.width)), theme.dim()),
            rule,
        );
        app.tabs.get(app.tab).draw(frame, parts.body, &app.shared);
    }
    status(app, frame, parts.status);
    footer(app, frame, parts.footer);
    for overlay in &app.overlays {
        match overlay {
            Overlay::Start(start) => {
                let room = Rect {
                    height: whole.height - 2,
                    ..whole
                };
                start.draw(frame, room, &app.shared.keymap, theme);
            }
            Overlay::Help(help) => help.draw(frame, whole, &app.shared.keymap, theme),
            Overlay::Palette(palette) => palette.draw(frame, whole, &app.shared.keymap, theme),
            Overlay::Choice(choice) => choice.draw(frame, whole, theme),
        }
    }
}

fn too_small(frame: &mut Frame<'_>, whole: Rect) {
    let words = format!(
        "gonogo needs {} x {}.\nThis is {} x {}.\nMake the window larger.",
        LEAST.0, LEAST.1, whole.width, whole.height
    );
    frame.render_widget(
        Paragraph::new(words).wrap(ratatui::widgets::Wrap { trim: true }),
        whole,
    );
}

/// Where each tab's title stands in the header.
fn titles(header: Rect) -> Vec<(TabId, Rect)> {
    let mut x = header.x.saturating_add(1);
    TabId::ALL
        .into_iter()
        .map(|tab| {
            let columns = u16::try_from(tab.title().len()).unwrap_or(0) + 2;
            let area = Rect {
                x,
                width: columns,
                ..header
            };
            x = x.saturating_add(columns + 1);
            (tab, area)
        })
        .collect()
}

/// The tab under a click.
#[must_use]
pub fn tab_at(header: Rect, at: Position) -> Option<TabId> {
    titles(header)
        .into_iter()
        .find(|(_, area)| area.contains(at))
        .map(|(tab, _)| tab)
}

fn header(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.shared.theme;
    for (tab, place) in titles(area) {
        let words = format!(" {} ", tab.title());
        let style = if tab == app.tab {
            theme.title().patch(theme.selected())
        } else {
            theme.text()
        };
        frame.render_widget(Span::styled(words, style), place.intersection(area));
    }
    let (tone, words) = verdict(app);
    let text = format!("{} {words} ", theme.mark(tone));
    let columns = u16::try_from(width(&text)).unwrap_or(0).min(area.width);
    let place = Rect {
        x: area.right() - columns,
        width: columns,
        ..area
    };
    frame.render_widget(
        Span::styled(text, theme.tone(tone).patch(theme.strong())),
        place,
    );
}

fn verdict(app: &App) -> (Tone, String) {
    match &app.shared.review {
        ReviewState::Good(review) => {
            let outcome = review.judged.outcome;
            (review::tone(outcome), outcome.to_string())
        }
        ReviewState::Reading => (Tone::Open, "reading".to_owned()),
        ReviewState::Broken(_) => (Tone::Bad, "unreadable".to_owned()),
        ReviewState::None => (Tone::Open, "no review".to_owned()),
    }
}

fn status(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.shared.theme;
    let dots = theme.either("…", "~");
    let columns = usize::from(area.width);
    if let Some(message) = &app.shared.message {
        let text = format!(" {} {}", theme.mark(message.tone), clean(&message.text));
        frame.render_widget(
            Line::styled(cut(&text, columns, dots), theme.tone(message.tone)),
            area,
        );
        return;
    }
    if app
        .overlays
        .iter()
        .any(|overlay| matches!(overlay, Overlay::Start(_)))
    {
        return;
    }
    let right = running(app, theme);
    let room = columns.saturating_sub(width(&right) + 1);
    let draft = if app.shared.scenario.is_draft() {
        format!("  {} DRAFT, not saved", theme.mark(Tone::Warn))
    } else {
        String::new()
    };
    let open = format!(" {}", what_is_open(app));
    let left = vec![
        span(
            cut(&open, room.saturating_sub(width(&draft)), dots),
            theme.dim(),
        ),
        span(draft, theme.tone(Tone::Warn)),
    ];
    frame.render_widget(Line::from(left), area);
    frame.render_widget(Line::styled(right, theme.dim()).right_aligned(), area);
}

fn what_is_open(app: &App) -> String {
    let name = app.shared.scenario.good().map_or_else(
        || "unreadable scenario".to_owned(),
        |scenario| clean(&scenario.name),
    );
    format!("{name} ({})", app.shared.scenario.name())
}

fn running(app: &App, theme: Theme) -> String {
    let study = &app.shared.study;
    let months = study
        .study()
        .and_then(|study| study.cells.iter().map(|cell| cell.months).max());
    let known = months.map_or(String::new(), |months| {
        let plural = if months == 1 { "" } else { "s" };
        format!("{months} month{plural} a cell")
    });
    if !study.running {
        return format!("{known} ");
    }
    let share = study.progress.map_or(0.0, |progress| {
        progress.done as f64 / progress.wanted.max(1) as f64
    });
    let bar = if theme.motion {
        super::widgets::bar::plain(share, 10, theme)
    } else {
        String::new()
    };
    let gap = if known.is_empty() {
        ""
    } else {
        ", sharpening "
    };
    let first = if known.is_empty() { "simulating " } else { "" };
    format!("{known}{gap}{first}{bar} ")
}

/// The footer's words, with the columns that each takes.
fn entries(app: &App, columns: usize) -> Vec<(Action, String, &'static str)> {
    let (contexts, typing) = app.contexts();
    let mut list: Vec<(Action, String, &'static str)> = Vec::new();
    for context in &contexts {
        for spec in ACTIONS
            .iter()
            .filter(|spec| spec.context == *context && !spec.footer.is_empty())
        {
            let keys = app.shared.keymap.keys(spec.action);
            // A key that an inner context has taken does something else now.
            let usable = keys.iter().find(|key| {
                (!typing || key.text().is_none())
                    && app.shared.keymap.find(&contexts, **key) == Some(spec.action)
            });
            if let Some(key) = usable {
                list.push((spec.action, key.to_string(), spec.footer));
            }
        }
    }
    // What does not fit gives way, but the way to all the rest stays.
    let needed = |list: &[(Action, String, &str)]| -> usize {
        list.iter()
            .map(|(_, key, words)| width(key) + width(words) + 4)
            .sum()
    };
    while needed(&list) > columns {
        let Some(at) = list.iter().rposition(|(action, _, _)| {
            !matches!(action, Action::Help | Action::Palette | Action::Quit)
        }) else {
            break;
        };
        list.remove(at);
    }
    list
}

/// The action under a click in the footer.
#[must_use]
pub fn footer_at(app: &App, area: Rect, at: Position) -> Option<Action> {
    let mut x = usize::from(area.x) + 1;
    for (action, key, words) in entries(app, usize::from(area.width)) {
        let end = x + width(&key) + width(words) + 4;
        if (x..end).contains(&usize::from(at.x)) {
            return Some(action);
        }
        x = end;
    }
    None
}

fn footer(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.shared.theme;
    let mut line = vec![Span::raw(" ")];
    for (_, key, words) in entries(app, usize::from(area.width)) {
        line.push(span(key, theme.key()));
        line.push(span(format!(" {words}   "), theme.dim()));
    }
    frame.render_widget(Line::from(line), area);
}
