//! The Study tab: what came out of the simulation, one pane at a time, chosen by number.

mod analysed;
mod results;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::action::{Action, Context};
use super::super::analyse::{State, Which};
use super::super::frame;
use super::super::moving::moved;
use super::super::shared::Shared;
use super::super::theme::{Theme, Tone};
use super::super::widgets::text::{clean, span, width, wrapped};
use super::Tab;
use crate::study::{Cell, Study};

pub(super) const ABOUT: &str = "What the simulation says of each strategy at each volume, sharpening while it runs. Numbers choose a pane, {next-chart} the next chart; what is selected in the results is what the other panes are about. {go-live} makes the selected strategy the one that goes live in the review.";

/// What is in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    Results,
    Analysis(Which),
}

const PANES: [(Pane, &str, Action); 7] = [
    (Pane::Results, "results", Action::PaneResults),
    (
        Pane::Analysis(Which::Compare),
        "compare",
        Action::PaneCompare,
    ),
    (
        Pane::Analysis(Which::Drivers),
        "drivers",
        Action::PaneDrivers,
    ),
    (
        Pane::Analysis(Which::Headroom),
        "headroom",
        Action::PaneHeadroom,
    ),
    (Pane::Analysis(Which::Drill), "drill", Action::PaneDrill),
    (
        Pane::Analysis(Which::Optimise),
        "optimise",
        Action::PaneOptimise,
    ),
    (
        Pane::Analysis(Which::Forecast),
        "forecast",
        Action::PaneForecast,
    ),
];

/// The tab's state.
#[derive(Debug, Default)]
pub struct StudyTab {
    pane: Pane,
    chart: usize,
    scroll: usize,
    drill: usize,
    /// The chart alone.
    large: bool,
}

impl Tab for StudyTab {
    fn contexts(&self, _: &Shared) -> Vec<Context> {
        vec![Context::Study, Context::Move]
    }

    fn entered(&mut self, shared: &mut Shared) {
        if let Pane::Analysis(which) = self.pane {
            shared.analyse(which, self.drill);
        }
    }

    fn update(&mut self, action: Action, shared: &mut Shared) -> bool {
        if let Some((pane, _, _)) = PANES.iter().find(|(_, _, known)| *known == action) {
            self.pane = *pane;
            self.scroll = 0;
            self.entered(shared);
            return true;
        }
        match (action, self.pane) {
            (Action::Enlarge, _) => self.large = !self.large,
            (Action::GoLive, _) => shared.go_live(),
            (Action::NextChart, Pane::Results) => {
                self.chart = (self.chart + 1) % results::CHARTS.len();
            }
            (Action::PreviousChart, Pane::Results) => {
                self.chart = (self.chart + results::CHARTS.len() - 1) % results::CHARTS.len();
            }
            (_, Pane::Results) => return step(action, shared),
            (_, Pane::Analysis(which)) => return self.update_analysis(action, which, shared),
        }
        true
    }

    fn click(&mut self, at: Position, area: Rect, shared: &mut Shared) {
        let [heading, body] = parts(area);
        if heading.contains(at) {
            let found = titles(heading).find(|(_, place)| place.contains(at));
            if let Some((pane, _)) = found {
                self.pane = pane;
                self.scroll = 0;
                self.entered(shared);
            }
            return;
        }
        if self.pane == Pane::Results
            && let Some(study) = shared.study.study()
            && !self.large
            && let Some(row) = results::row_at(study, shared, body, at)
        {
            select(row, shared);
        }
    }

    fn copied(&self, shared: &Shared) -> Option<String> {
        match self.pane {
            Pane::Results => results::copied(shared.study.study()?, shared),
            Pane::Analysis(which) => match shared.analysis(which)? {
                State::Done(found) => Some(found.text.clone()),
                _ => None,
            },
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
        let theme = shared.theme;
        let [heading, body] = parts(area);
        self.draw_heading(frame, heading, theme);
        let Some(study) = shared.study.study() else {
            let words = shared
                .study
                .trouble
                .clone()
                .unwrap_or_else(|| "Simulating the first months.".to_owned());
            let lines = wrapped(&words, usize::from(body.width));
            return frame.render_widget(Paragraph::new(lines), body);
        };
        match self.pane {
            Pane::Results => {
                let shown = results::Shown {
                    chart: self.chart,
                    large: self.large,
                };
                results::draw(study, shared, shown, frame, body);
            }
            Pane::Analysis(which) => {
                let shown = analysed::Shown {
                    which,
                    scroll: self.scroll,
                    drill: self.drill,
                    large: self.large,
                };
                analysed::draw(shown, shared, frame, body);
            }
        }
    }
}

impl StudyTab {
    fn update_analysis(&mut self, action: Action, which: Which, shared: &mut Shared) -> bool {
        let [_, body] = parts(frame::parts(shared.size.into()).body);
        let last = analysed::last_line(which, self.large, shared, body);
        if let Some(to) = moved(action, self.scroll, last, 10) {
            self.scroll = to;
            return true;
        }
        match action {
            Action::NextChart | Action::Right if which == Which::Drill => {
                self.drill += 1;
                self.entered(shared);
            }
            Action::PreviousChart | Action::Left if which == Which::Drill => {
                self.drill = self.drill.saturating_sub(1);
                self.entered(shared);
            }
            Action::Right | Action::NextChart => next_strategy(1, shared),
            Action::Left | Action::PreviousChart => next_strategy(-1, shared),
            _ => return false,
        }
        true
    }

    fn draw_heading(&self, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
        for (number, (pane, place)) in titles(area).enumerate() {
            let name = PANES.get(number).map_or("", |(_, name, _)| name);
            let style = if pane == self.pane {
                theme.selected()
            } else {
                theme.dim()
            };
            let line = Line::from(vec![
                span(format!(" {}", number + 1), theme.key()),
                span(format!(" {name} "), theme.text()),
            ]);
            frame.render_widget(line.patch_style(style), place.intersection(area));
        }
    }
}

fn parts(area: Rect) -> [Rect; 2] {
    let heading = Rect {
        height: 1.min(area.height),
        ..area
    };
    let body = Rect {
        y: (area.y + 2).min(area.bottom()),
        height: area.height.saturating_sub(2),
        ..area
    };
    [heading, body]
}

fn titles(area: Rect) -> impl Iterator<Item = (Pane, Rect)> {
    let mut x = area.x;
    PANES.into_iter().map(move |(pane, name, _)| {
        let columns = u16::try_from(width(name)).unwrap_or(0) + 4;
        let place = Rect {
            x,
            width: columns,
            ..area
        };
        x = x.saturating_add(columns);
        (pane, place.intersection(area))
    })
}

/// The cell that is looked at.
fn selected(study: &Study, shared: &Shared) -> usize {
    let here = |cell: &Cell| {
        Some(&cell.strategy) == shared.strategy.as_ref() && cell.volume == shared.volume
    };
    study.cells.iter().position(here).unwrap_or(0)
}

fn select(row: usize, shared: &mut Shared) {
    let cell = shared.study.study().and_then(|study| study.cells.get(row));
    if let Some((strategy, volume)) = cell.map(|cell| (cell.strategy.clone(), cell.volume)) {
        shared.strategy = Some(strategy);
        shared.volume = volume;
    }
}

fn step(action: Action, shared: &mut Shared) -> bool {
    let Some(study) = shared.study.study() else {
        return false;
    };
    let at = selected(study, shared);
    let Some(to) = moved(action, at, study.cells.len().saturating_sub(1), 5) else {
        return false;
    };
    select(to, shared);
    true
}

/// The same volume under the next or the previous strategy.
fn next_strategy(by: isize, shared: &mut Shared) {
    let Some(study) = shared.study.study() else {
        return;
    };
    let names: Vec<&str> = study
        .cells
        .iter()
        .filter(|cell| cell.volume == shared.volume)
        .map(|cell| cell.strategy.as_str())
        .collect();
    let at = names
        .iter()
        .position(|name| Some(*name) == shared.strategy.as_deref())
        .unwrap_or(0);
    let to = at
        .saturating_add_signed(by)
        .min(names.len().saturating_sub(1));
    if let Some(name) = names.get(to) {
        shared.strategy = Some((*name).to_owned());
    }
}

/// What everything on a pane is about: "cached at 10x, 12 months, DRAFT".
fn about(shared: &Shared, theme: Theme) -> Line<'static> {
    let name = shared.strategy.as_deref().map(clean).unwrap_or_default();
    let mut line = vec![
        span(format!(" {name}"), theme.title()),
        Span::raw(format!(
            " at {}",
            super::super::widgets::volumes::times(shared.volume)
        )),
    ];
    if shared.is_draft() {
        line.push(span("  DRAFT", theme.tone(Tone::Warn)));
    }
    Line::from(line)
}
