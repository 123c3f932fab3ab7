//! A pane of an analysis: its chart, and the page that its command prints.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::super::super::analyse::{Chart, State, Which, drills};
use super::super::super::moving::last_on_top;
use super::super::super::shared::Shared;
use super::super::super::theme::{Theme, Tone};
use super::super::super::widgets::bar;
use super::super::super::widgets::bars::Bars;
use super::super::super::widgets::page;
use super::super::super::widgets::text::{clean, span, width, wrapped};
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
    let below = under_heading(area);
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
            let [chart, text] = places(below, &found.chart, large);
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

fn under_heading(area: Rect) -> Rect {
    Rect {
        y: (area.y + 1).min(area.bottom()),
        height: area.height.saturating_sub(1),
        ..area
    }
}

/// Where the chart and the page stand.
fn places(area: Rect, chart: &Chart, large: bool) -> [Rect; 2] {
    if large && !matches!(chart, Chart::None) {
        return [area, Rect { height: 0, ..area }];
    }
    parts(area, chart)
}

/// The first line of a pane's page that may stand on top.
pub fn last_line(which: Which, large: bool, shared: &Shared, area: Rect) -> usize {
    let Some(State::Done(found)) = shared.analysis(which) else {
        return 0;
    };
    let [_, text] = places(under_heading(area), &found.chart, large);
    let lines = lines_of(&found.text, text, shared.theme);
    last_on_top(lines.len(), usize::from(text.height))
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
    let height = wanted.min((area.height * 3 / 5).max(area.height.saturating_sub(4)));
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

/// The command's page in the lines that it takes here.
fn lines_of(text: &str, area: Rect, theme: Theme) -> Vec<String> {
    let columns = usize::from(area.width).saturating_sub(2);
    page::fitted(text, columns, theme.either("…", "~"))
}

fn draw_text(text: &str, scroll: usize, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let lines = lines_of(text, area, theme);
    let last = last_on_top(lines.len(), usize::from(area.height));
    let scroll = scroll.min(last);
    let shown = lines.into_iter().skip(scroll).map(Line::raw);
    frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()), inset(area));
    if last > scroll {
        more_below(last - scroll, frame, area, theme);
    }
}

/// How many lines are below, at the end of the row above the page, which its chart or its heading leaves free.
fn more_below(lines: usize, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let words = format!(" {lines} more below {}", theme.either("↓", ""));
    let columns = u16::try_from(width(words.trim_end())).unwrap_or(0);
    let place = Rect {
        x: area.right().saturating_sub(columns + 1),
        y: area.y.saturating_sub(1),
        width: columns,
        height: 1,
    };
    let place = place.intersection(frame.area());
    frame.render_widget(Line::styled(words, theme.dim()), place);
}
