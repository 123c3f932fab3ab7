//! Charts: each struct of numbers draws itself once, as a [`Scene`] of a few shapes, and there are two back ends: [`svg`]
//! for the page, and the PDF writer. Every chart has a title that says what it shows, units, a description for whoever
//! cannot see it, and nothing by colour alone.

mod bill;
mod curves;
mod heat;
mod palette;
mod scene;
mod stacks;
mod svg;
mod timeline;
mod tornado;
mod waterfall;
mod whiskers;

pub(super) use bill::Bill;
pub(super) use curves::{Axis, Curve, Curves, Point};
pub(super) use heat::Heat;
pub(super) use palette::{Hue, Ink, Rgb, style_sheet};
pub(super) use scene::{Anchor, Scene, Shape, WIDTH};
pub(super) use stacks::{Stack, Stacks};
pub(super) use svg::svg;
pub(super) use timeline::Timeline;
pub(super) use tornado::{Bar, Tornado};
pub(super) use waterfall::{Step, Waterfall};
pub(super) use whiskers::{Whisker, Whiskers};
