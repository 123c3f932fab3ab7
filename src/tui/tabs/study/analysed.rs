//! A pane of an analysis: its chart, and the page that its command prints.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::super::super::analyse::{Chart, State, Which, drills};
use super::super::super::shared::Shared;
use super::super::super::theme::{Theme, Tone};
use super::super::super::widgets::bar;
use super::super::super::widgets::bars::Bars;
use super::super::super::widgets::text::{clean, cut, span, wrapped};
use super::super::super::widgets::timeline::Timeline;
use super::super::super::widgets::volumes::Volumes;

/// What is shown of an analysis.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// Which one.
    pub which: Which,
    /// Lines that its text is scrolled by.
    pub scroll: usize,
    /// Number of the drill.
    pub drill: usize,
    /// The chart alone.
    pub large: bool,
}

/// Draws it.
pub fn draw(shown: Shown, shared: &Shared, frame: &mut Frame<'_>, area: Rect) {
    let Shown {
        which,
        scroll,
        drill,
        large,
    } = shown;
    let theme = shared.theme;
    let head = Rect {
        height: 1.min(area.height),
        ..area
    };
    frame.render_widget(heading(which, drill, shared, theme), head);
    let below = Rect {
        y: (area.y + 1).min(area.bottom()),
        height: area.height.saturating_sub(1),
        ..area
    };
    let columns = usize::from(area.width).saturating_sub(2);
    match shared.analysis(which) {
        None => frame.render_widget(
            Line::styled(" Waiting for the first numbers of the study.", theme.dim()),
            below,
        ),
        Some(State::Running(share)) => {
            let words = format!(" Working. {}", bar::plain(*share, 30, theme));
            frame.render_widget(Line::styled(words, theme.dim()), below);
        }
        Some(State::Failed(why)) => {
            let lines: Vec<Line<'_>> = wrapped(&clean(why), columns)
                .into_iter()
                .map(|line| line.style(theme.tone(Tone::Warn)))
                .collect();
            frame.render_widget(Paragraph::new(lines), inset(below));
        }
        Some(State::Done(found)) => {
            let [chart, text] = match found.chart {
                Chart::None => parts(below, &found.chart),
                _ if large => [below, Rect { height: 0, ..below }],
                _ => parts(below, &found.chart),
            };
            draw_chart(&found.chart, frame, chart, theme);
            draw_text(&found.text, scroll, frame, text, theme);
        }
    }
}

fn heading(which: Which, drill: usize, shared: &Shared, theme: Theme) -> Line<'static> {
    let mut line = super::about(shared, theme);
    if which == Which::Headroom {
        line = Line::styled(" how far volume can grow", theme.title());
    }
    if which == Which::Drill
        && let (Some(scenario), Some(model)) = (shared.scenario.good(), &shared.study.model)
    {
        let known = drills(scenario, model);
        let count = known.len().max(1);
        let name = known
            .get(drill % count)
            .map_or("", |script| script.name.as_str());
        line.push_span(span(format!("   {}", clean(name)), theme.strong()));
        line.push_span(span(
            format!(
                " ({} of {count}; left and right change it)",
                drill % count + 1
            ),
            theme.dim(),
        ));
    } else if which != Which::Headroom {
        line.push_span(span("   left and right change the strategy", theme.dim()));
    }
    line
}

/// The chart gets what it needs, up to all but a few lines.
fn parts(area: Rect, chart: &Chart) -> [Rect; 2] {
    let wanted = match chart {
        Chart::None => 0,
        Chart::Timeline(_) => 14,
        Chart::Volumes { reaches, .. } => u16::try_from(reaches.len() * 2 + 1).unwrap_or(u16::MAX),
        Chart::Bars { rows, .. } if rows.is_empty() => 0,
        Chart::Bars { rows, .. } => u16::try_from(rows.len() + 1).unwrap_or(u16::MAX),
    };
    // The text below scrolls: a few lines of it are enough to see that it is there.
    let height = wanted.min((area.height * 3 / 5).max(area.height.saturating_sub(6)));
    let top = Rect { height, ..area };
    let gap = u16::from(height > 0);
    let bottom = Rect {
        y: (area.y + height + gap).min(area.bottom()),
        height: area.height.saturating_sub(height + gap),
        ..area
    };
    [top, bottom]
}

fn inset(area: Rect) -> Rect {
    Rect {
        x: (area.x + 1).min(area.right()),
        width: area.width.saturating_sub(2),
        ..area
    }
}

fn draw_chart(chart: &Chart, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    match chart {
        Chart::None => {}
        Chart::Timeline(drilled) => Timeline(drilled).draw(frame.buffer_mut(), area, theme),
        Chart::Volumes { reaches, range } => Volumes {
            reaches,
            range: *range,
        }
        .draw(frame.buffer_mut(), area, theme),
        Chart::Bars { title, rows, line } => {
            let head = Rect {
                height: 1.min(area.height),
                ..area
            };
            frame.render_widget(Line::styled(format!(" {title}"), theme.strong()), head);
            let below = Rect {
                y: (area.y + 1).min(area.bottom()),
                height: area.height.saturating_sub(1),
                ..area
            };
            Bars { rows, line: *line }.draw(frame.buffer_mut(), below, theme);
        }
    }
}

/// The command's page; tables keep their columns, sentences wrap.
fn draw_text(text: &str, scroll: usize, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let columns = usize::from(area.width).saturating_sub(2);
    let lines: Vec<Line<'_>> = text
        .lines()
        .flat_map(|line| {
            let line = crate::reading::harmless(line);
            if line.contains("  ") && !line.starts_with("- ") {
                vec![Line::raw(cut(&line, columns, theme.either("…", "~")))]
            } else {
                wrapped(&line, columns)
            }
        })
        .collect();
    let last = lines.len().saturating_sub(usize::from(area.height));
    let scroll = u16::try_from(scroll.min(last)).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(lines).scroll((scroll, 0)), inset(area));
}
