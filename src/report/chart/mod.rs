//! Charts as inline SVG: a title that says what is shown, units, a text alternative, and nothing by colour alone.

mod bill;
mod heat;
mod stacks;
mod svg;
mod whiskers;

pub(super) use bill::Bill;
pub(super) use heat::Heat;
pub(super) use stacks::{Stack, Stacks};
pub(super) use whiskers::{Whisker, Whiskers};

/// A chart.
#[derive(Debug)]
pub(super) enum Figure {
    Bill(Bill),
    Stacks(Stacks),
    Whiskers(Whiskers),
    Heat(Heat),
}

impl Figure {
    /// The heading above it.
    pub(super) fn title(&self) -> &str {
        match self {
            Self::Bill(chart) => &chart.title,
            Self::Stacks(chart) => &chart.title,
            Self::Whiskers(chart) => &chart.title,
            Self::Heat(chart) => &chart.title,
        }
    }

    /// The drawing; `number` makes its ids unique on the page.
    pub(super) fn svg(&self, number: usize) -> String {
        match self {
            Self::Bill(chart) => chart.svg(number),
            Self::Stacks(chart) => chart.svg(number),
            Self::Whiskers(chart) => chart.svg(number),
            Self::Heat(chart) => chart.svg(number),
        }
    }
}
