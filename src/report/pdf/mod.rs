//! The report as a PDF, made without a browser: text that can be selected, fonts embedded as subsets, vector charts.
//!
//! Two steps. Layout ([`layout`], [`table`], [`first`]) measures text and puts marks on sheets of paper, a list for each
//! page, and says what they mean ([`tags`]); then the sheets are written out with their page numbers. The pages are those
//! of [`super::page`], so the content is that of the other formats; the numbers behind the charts stand at the end.

mod first;
mod layout;
mod table;
mod tags;
mod typeface;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag};

use super::chart::{Anchor, Hue, Ink, Rgb, Scene, Shape};
use super::page::{Block, Table, parts};
use super::value::{Report, Style};

use layout::{Laid, Mark, Paper, Sheet};
use tags::{Role, Tags};
use typeface::{Face, Typefaces};

/// Said where it is so.
const LACKING: &str = "Characters that the fonts of this document lack, such as emoji, stand here by their number in Unicode: [U+1F600]. The HTML form has them as they were typed.";

/// Writes the PDF.
pub(super) fn pdf(report: &Report) -> Result<Vec<u8>, String> {
    let faces = Typefaces::new()?;
    let mut paper = Paper::new(&faces, report.paper);
    paper.within(Role::Section, |paper| first::first_page(paper, report));
    let mut behind: Vec<Table> = Vec::new();
    for part in parts(report) {
        paper.within(Role::Section, |paper| {
            paper.part(part.title);
            for block in part.blocks {
                put(paper, block, &mut behind);
            }
        });
    }
    if !behind.is_empty() && report.style != Style::Executive {
        paper.within(Role::Section, |paper| {
            paper.part("The numbers behind the charts");
            for table in &behind {
                table::table(paper, table);
            }
        });
    }
    paper.space(10.0);
    paper.paragraph(super::NOTICE, layout::SMALL, Hue::Soft);
    if faces.lack() {
        paper.paragraph(LACKING, layout::SMALL, Hue::Soft);
    }
    write(report, &faces, paper.finish())
}

fn put(paper: &mut Paper<'_>, block: Block, behind: &mut Vec<Table>) {
    match block {
        Block::Text(text) => paper.paragraph(&text.replace('`', ""), layout::BODY, Hue::Ink),
        Block::List(list) => paper.list(&list),
        Block::Table(table) => table::table(paper, &table),
        Block::Figure(scene, table) => {
            paper.figure(scene);
            behind.push(table);
        }
        Block::Bars(sections) => paper.bars(&sections),
        Block::Commands(commands) => {
            for command in commands {
                paper.command(&command);
            }
        }
    }
}

fn write(report: &Report, faces: &Typefaces, laid: Laid) -> Result<Vec<u8>, String> {
    // Refuses to write what a reader for the blind could not tell: a figure without words, a glyph without a letter.
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| format!("{error:?}"))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    let Laid {
        sheets,
        contents,
        mut tags,
    } = laid;
    let count = sheets.len();
    let foot = crate::checklist::safe::line(&format!(
        "{} · {} · as of {}",
        super::numbers::clip(&report.subject.system, 60),
        report.word(),
        report.as_of
    ));
    let (width, height) = layout::size(report.paper);
    let settings = PageSettings::from_wh(width, height).ok_or("no page of this size")?;
    let aside = (width - layout::WIDTH) / 2.0;
    for (number, sheet) in (1..).zip(&sheets) {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        surface.push_transform(&Transform::from_translate(aside, 0.0));
        put_sheet(&mut surface, faces, sheet, &mut tags);
        let turned = format!("{number} of {count}");
        put_foot(&mut surface, faces, height - 24.0, &foot, &turned);
        surface.pop();
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tags.tree(aside));
    let mut outline = Outline::new();
    for (title, page, y) in contents {
        outline.push_child(OutlineNode::new(
            title,
            XyzDestination::new(page, Point::from_xy(layout::MARGIN, y)),
        ));
    }
    document.set_outline(outline);
    document.set_metadata(metadata(report));
    document.finish().map_err(|error| format!("{error:?}"))
}

/// Draws the marks; neighbours of the same element together.
fn put_sheet(surface: &mut Surface<'_>, faces: &Typefaces, sheet: &Sheet, tags: &mut Tags) {
    for marks in sheet.chunk_by(|(one, _), (next, _)| one == next) {
        let element = marks.first().and_then(|(element, _)| *element);
        let content = surface.start_tagged(match element {
            Some(_) => ContentTag::Other,
            None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        });
        for (_, mark) in marks {
            draw(surface, faces, mark);
        }
        surface.end_tagged();
        if let Some(element) = element {
            tags.hold(element, content);
        }
    }
}

/// The last line of a sheet: what it is of, and its number.
fn put_foot(surface: &mut Surface<'_>, faces: &Typefaces, y: f32, foot: &str, turned: &str) {
    let (face, size, soft) = (Face::Regular, layout::SMALL, Hue::Soft.light());
    let right = layout::WIDTH - layout::MARGIN - faces.width(face, size, turned);
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
        ArtifactType::Footer,
    )));
    for (x, text) in [(layout::MARGIN, foot), (right, turned)] {
        faces.draw(surface, face, size, soft, (x, y), text);
    }
    surface.end_tagged();
}

fn metadata(report: &Report) -> Metadata {
    let title =
        crate::checklist::safe::line(&format!("{}: {}", report.word(), report.subject.system));
    let mut metadata = Metadata::new()
        .title(title)
        .description(super::NOTICE.to_owned())
        .language("en".to_owned())
        .creator(format!("gonogo {}", env!("CARGO_PKG_VERSION")))
        .keywords(vec![report.inputs.line()])
        .document_id(report.inputs.line());
    // The day of the report, so that the same inputs give the same bytes.
    if let Ok(day) = report.as_of.parse::<jiff::civil::Date>()
        && let (Ok(year), Ok(month), Ok(of_month)) = (
            u16::try_from(day.year()),
            u8::try_from(day.month()),
            u8::try_from(day.day()),
        )
    {
        metadata = metadata.creation_date(DateTime::new(year).month(month).day(of_month));
    }
    metadata
}

fn colour((red, green, blue): Rgb) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

fn filled(hue: Rgb, opacity: f32) -> Fill {
    Fill {
        paint: colour(hue).into(),
        opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE),
        ..Fill::default()
    }
}

fn stroked(hue: Rgb, width: f32, dashes: &[f32]) -> Stroke {
    Stroke {
        paint: colour(hue).into(),
        width,
        dash: (!dashes.is_empty()).then(|| StrokeDash {
            array: dashes.to_vec(),
            offset: 0.0,
        }),
        ..Stroke::default()
    }
}

fn draw(surface: &mut Surface<'_>, faces: &Typefaces, mark: &Mark) {
    match mark {
        Mark::Text {
            face,
            size,
            hue,
            at,
            text,
        } => faces.draw(surface, *face, *size, *hue, *at, text),
        Mark::Fill {
            x,
            y,
            width,
            height,
            hue,
        } => {
            surface.set_stroke(None);
            surface.set_fill(Some(filled(*hue, 1.0)));
            if let Some(path) = rectangle(*x, *y, *width, *height) {
                surface.draw_path(&path);
            }
        }
        Mark::Rule {
            from,
            to,
            hue,
            width,
        } => {
            surface.set_fill(None);
            surface.set_stroke(Some(stroked(*hue, *width, &[])));
            if let Some(path) = line(&[*from, *to], false) {
                surface.draw_path(&path);
            }
            surface.set_stroke(None);
        }
        Mark::Figure { scene, x, y, scale } => figure(surface, faces, scene, (*x, *y), *scale),
    }
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(x, y, width, height)?);
    path.finish()
}

fn line(points: &[(f32, f32)], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    path.move_to(first.0, first.1);
    for (x, y) in rest {
        path.line_to(*x, *y);
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// A circle of four Bézier curves; the length of their handles is 4(√2 − 1)/3 of the radius.
fn circle((x, y): (f32, f32), radius: f32) -> Option<Path> {
    let handle = radius * 0.552_284_8;
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.cubic_to(
        x + radius,
        y + handle,
        x + handle,
        y + radius,
        x,
        y + radius,
    );
    path.cubic_to(
        x - handle,
        y + radius,
        x - radius,
        y + handle,
        x - radius,
        y,
    );
    path.cubic_to(
        x - radius,
        y - handle,
        x - handle,
        y - radius,
        x,
        y - radius,
    );
    path.cubic_to(
        x + handle,
        y - radius,
        x + radius,
        y - handle,
        x + radius,
        y,
    );
    path.close();
    path.finish()
}

#[expect(clippy::cast_possible_truncation, reason = "places on a page")]
fn small(number: f64) -> f32 {
    number as f32
}

/// A chart: the second back end of the scenes, beside SVG.
fn figure(
    surface: &mut Surface<'_>,
    faces: &Typefaces,
    scene: &Scene,
    (left, top): (f32, f32),
    scale: f32,
) {
    let place = |(x, y): (f64, f64)| (left + small(x) * scale, top + small(y) * scale);
    for (ink, shape) in &scene.shapes {
        let paint = ink.paint();
        let path = match shape {
            Shape::Text { anchor, at, text } => {
                let face = if paint.bold {
                    Face::Bold
                } else {
                    Face::Regular
                };
                let size = paint.size * scale;
                let (x, y) = place(*at);
                let width = faces.width(face, size, text);
                let x = match anchor {
                    Anchor::Start => x,
                    Anchor::Middle => x - width / 2.0,
                    Anchor::End => x - width,
                };
                let hue = paint.fill.unwrap_or(Hue::Ink).light();
                faces.draw(surface, face, size, hue, (x, y), text);
                continue;
            }
            Shape::Rect {
                x,
                y,
                width,
                height,
            } => {
                let (at_x, at_y) = place((*x, *y));
                rectangle(at_x, at_y, small(*width) * scale, small(*height) * scale)
            }
            Shape::Line { from, to } => line(&[place(*from), place(*to)], false),
            Shape::Path(points) => {
                let points: Vec<(f32, f32)> = points.iter().map(|point| place(*point)).collect();
                line(&points, paint.fill.is_some())
            }
            Shape::Dot { at, radius } => circle(place(*at), small(*radius) * scale),
        };
        let Some(path) = path else { continue };
        apply(surface, *ink, scale);
        surface.draw_path(&path);
        surface.set_stroke(None);
    }
}

fn apply(surface: &mut Surface<'_>, ink: Ink, scale: f32) {
    let paint = ink.paint();
    surface.set_fill(paint.fill.map(|hue| filled(hue.light(), paint.opacity)));
    surface.set_stroke(paint.stroke.map(|(hue, width, dashes)| {
        let dashes: Vec<f32> = dashes.iter().map(|dash| dash * scale).collect();
        stroked(hue.light(), width * scale, &dashes)
    }));
}
