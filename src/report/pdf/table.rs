//! Tables: columns as wide as they need, letters small enough that no word is broken if that can be, heads repeated on
//! every sheet, rows never cut unless one is higher than a sheet.

use std::ops::Range;

use crate::report::chart::Hue;
use crate::report::numbers::clip;
use crate::report::page::{Table, is_number};

use super::layout::{COLUMN, LEADING, MARGIN, Mark, Paper, clean};
use super::tags::{Element, Role};
use super::typeface::{Face, Typefaces};

const SIZES: [f32; 4] = [8.5, 7.5, 6.5, 5.2];
const GAP: f32 = 7.0;
/// A word longer than this many points at size 8.5 may be broken.
const WORD: f32 = 150.0;
/// Longest cell: half a page of a narrow column.
const CELL: usize = 900;

struct Columns {
    size: f32,
    widths: Vec<f32>,
    /// Numbers stand at the right of their column.
    right: Vec<bool>,
}

pub(super) fn table(paper: &mut Paper<'_>, table: &Table) {
    let cells: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| row.iter().map(|cell| clean(&clip(cell, CELL))).collect())
        .collect();
    let (size, widths) = columns(paper.faces, &table.head, &cells);
    let columns = Columns {
        size,
        widths,
        right: table.numeric(),
    };
    let line = columns.size * LEADING;
    // Caption, head and a row stay together.
    paper.need(line * 5.0 + 12.0);
    paper.within(Role::Table, |paper| {
        paper.within(Role::Caption, |paper| caption(paper, &table.caption));
        paper.space(2.0);
        paper.within(Role::TableHead, |paper| head(paper, &table.head, &columns));
        paper.within(Role::TableRows, |paper| {
            for row in &cells {
                put_row(paper, &table.head, row, &columns);
            }
        });
    });
    paper.space(10.0);
}

fn caption(paper: &mut Paper<'_>, words: &str) {
    let lines = paper.faces.lines(Face::Regular, 8.0, &clean(words), COLUMN);
    for text in lines {
        paper.line(Face::Regular, 8.0, Hue::Soft, (MARGIN, paper.y), &text);
        paper.space(8.0 * LEADING);
    }
}

/// Size of the letters, and widths of the columns.
fn columns(faces: &Typefaces, head: &[String], rows: &[Vec<String>]) -> (f32, Vec<f32>) {
    let count = head.len();
    let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
    let mut chosen = (SIZES[0], Vec::new(), Vec::new());
    for size in SIZES {
        let widest = |text: &str, bold: bool| {
            let face = if bold { Face::Bold } else { Face::Regular };
            if is_number(text) {
                return faces.width(face, size, text);
            }
            text.split_whitespace()
                .map(|word| faces.width(face, size, word))
                .fold(0.0, f32::max)
                .min(WORD * size / 8.5)
        };
        let whole = |text: &str, bold: bool| {
            faces.width(if bold { Face::Bold } else { Face::Regular }, size, text)
        };
        let least: Vec<f32> = (0..count)
            .map(|column| {
                let bold = column == 0;
                rows.iter()
                    .map(|row| widest(&cell(row, column), bold))
                    .fold(
                        head.get(column).map_or(0.0, |word| widest(word, true)),
                        f32::max,
                    )
            })
            .collect();
        let natural: Vec<f32> = (0..count)
            .map(|column| {
                let bold = column == 0;
                rows.iter()
                    .map(|row| whole(&cell(row, column), bold).min(330.0))
                    .fold(
                        head.get(column)
                            .map_or(0.0, |word| whole(word, true).min(70.0)),
                        f32::max,
                    )
            })
            .collect();
        let room = COLUMN - GAP * count.saturating_sub(1) as f32;
        // Columns of text that get no more than their longest word read badly.
        let crowded = natural.iter().sum::<f32>() > room;
        let fits = least.iter().sum::<f32>() <= room * if crowded { 0.75 } else { 1.0 };
        chosen = (size, least, natural);
        if fits {
            break;
        }
    }
    let (size, least, natural) = chosen;
    let room = COLUMN - GAP * count.saturating_sub(1) as f32;
    let (needed, wanted) = (least.iter().sum::<f32>(), natural.iter().sum::<f32>());
    let widths = if needed >= room {
        least.iter().map(|width| width * room / needed).collect()
    } else if wanted <= room {
        natural
            .iter()
            .zip(&least)
            .map(|(natural, least)| natural.max(*least))
            .collect()
    } else {
        let spare = room - needed;
        let hunger: f32 = natural
            .iter()
            .zip(&least)
            .map(|(natural, least)| (natural - least).max(0.0))
            .sum();
        least
            .iter()
            .zip(&natural)
            .map(|(least, natural)| least + spare * (natural - least).max(0.0) / hunger.max(0.01))
            .collect()
    };
    (size, widths)
}

fn head(paper: &mut Paper<'_>, words: &[String], columns: &Columns) {
    let lines: Vec<Vec<String>> = words
        .iter()
        .zip(&columns.widths)
        .map(|(word, width)| {
            paper
                .faces
                .lines(Face::Bold, columns.size, word, width + 0.5)
        })
        .collect();
    let height = lines.iter().map(Vec::len).max().unwrap_or(1);
    let cells = row_of(paper, words, |_| Role::HeadOfColumn);
    draw(paper, &lines, &cells, columns, 0..height, true);
    let y = paper.y + 1.0;
    paper.decorate(rule(y, Hue::Soft, 1.0));
    paper.space(3.0);
}

fn rule(y: f32, hue: Hue, width: f32) -> Mark {
    Mark::Rule {
        from: (MARGIN, y),
        to: (MARGIN + COLUMN, y),
        hue: hue.light(),
        width,
    }
}

fn put_row(paper: &mut Paper<'_>, words: &[String], row: &[String], columns: &Columns) {
    let lines: Vec<Vec<String>> = row
        .iter()
        .zip(&columns.widths)
        .enumerate()
        .map(|(column, (cell, width))| {
            let face = if column == 0 {
                Face::Bold
            } else {
                Face::Regular
            };
            paper.faces.lines(face, columns.size, cell, width + 0.5)
        })
        .collect();
    let cells = row_of(paper, row, |column| match column {
        0 => Role::HeadOfRow,
        _ => Role::Cell,
    });
    let line = columns.size * LEADING;
    let height = lines.iter().map(Vec::len).max().unwrap_or(1);
    let mut from = 0;
    while from < height {
        let needed = (height - from) as f32 * line + 4.0;
        let heads = line * 3.0;
        if paper.left() < needed.min(paper.whole() - heads) {
            paper.new_sheet();
            // Who has the table read aloud has heard its head.
            paper.inside(None, |paper| head(paper, words, columns));
        }
        let room = (1..=height)
            .take_while(|count| *count as f32 * line <= paper.left())
            .count()
            .max(1);
        let count = room.min(height - from);
        draw(paper, &lines, &cells, columns, from..from + count, false);
        from += count;
    }
    let y = paper.y + 1.5;
    paper.decorate(rule(y, Hue::Rule, 0.5));
    paper.space(3.5);
}

/// A row and its cells, none of them if it is only there to be seen again.
fn row_of(
    paper: &mut Paper<'_>,
    cells: &[String],
    role: impl Fn(usize) -> Role,
) -> Vec<Option<Element>> {
    if !paper.tells() {
        return vec![None; cells.len()];
    }
    paper.within(Role::Row, |paper| {
        let cells = 0..cells.len();
        cells
            .map(|column| Some(paper.element(role(column))))
            .collect()
    })
}

fn draw(
    paper: &mut Paper<'_>,
    lines: &[Vec<String>],
    cells: &[Option<Element>],
    columns: &Columns,
    shown: Range<usize>,
    bold: bool,
) {
    let line = columns.size * LEADING;
    let mut x = MARGIN;
    for (column, (texts, width)) in lines.iter().zip(&columns.widths).enumerate() {
        let cell = cells.get(column).copied().flatten();
        let face = if bold || column == 0 {
            Face::Bold
        } else {
            Face::Regular
        };
        let mut y = paper.y;
        for text in texts.iter().take(shown.end).skip(shown.start) {
            let shift = if columns.right.get(column).copied().unwrap_or(false) {
                (width - paper.faces.width(face, columns.size, text.trim_end())).max(0.0)
            } else {
                0.0
            };
            paper.inside(cell, |paper| {
                paper.line(face, columns.size, Hue::Ink, (x + shift, y), text);
            });
            y += line;
        }
        x += width + GAP;
    }
    paper.space(shown.len() as f32 * line);
}
