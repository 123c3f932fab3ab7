//! When moving from the first strategy to another has paid for itself.

use super::Switch;
use super::cells::{Cells, Curve};
use super::paths::{Futures, chance, spread};

pub(super) fn switches(
    futures: &[Futures],
    cells: &Cells,
    name: &dyn Fn(usize) -> String,
    pairs: usize,
) -> Vec<Switch> {
    let Some((from, others)) = futures.split_first() else {
        return Vec::new();
    };
    others
        .iter()
        .enumerate()
        .map(|(place, to)| {
            let curves = cells.curves.first();
            let cheaper_from = curves.and_then(|it| crossing(it.first()?, it.get(place + 1)?));
            switch(from, to, (name(0), name(place + 1)), cheaper_from, pairs)
        })
        .collect()
}

fn switch(
    from: &Futures,
    to: &Futures,
    names: (String, String),
    cheaper_from: Option<f64>,
    pairs: usize,
) -> Switch {
    let paths = from.upfront.len();
    let saved: Vec<Vec<f64>> = from
        .cumulative
        .iter()
        .zip(&to.cumulative)
        .map(|(from, to)| from.iter().zip(to).map(|(from, to)| from - to).collect())
        .collect();
    let saved_by = |month: &Vec<f64>, path: usize| month.get(path).copied().unwrap_or(f64::NAN);
    // Paid for itself: ahead from then on to the end.
    let when: Vec<Option<usize>> = (0..paths)
        .map(|path| {
            let behind = saved.iter().rposition(|month| saved_by(month, path) <= 0.0);
            match behind {
                None => Some(0),
                Some(last) if last + 1 < saved.len() => Some(last + 1),
                Some(_) => None,
            }
        })
        .collect();
    let mut months: Vec<usize> = when.iter().map(|it| it.unwrap_or(usize::MAX)).collect();
    months.sort_unstable();
    let at = |tenths: usize| {
        let month = months
            .get(months.len() * tenths / 10)
            .copied()
            .filter(|it| *it < usize::MAX)?;
        u32::try_from(month + 1).ok()
    };
    let upfront: Vec<f64> = to
        .upfront
        .iter()
        .zip(&from.upfront)
        .map(|(to, from)| to - from)
        .collect();
    let end = saved.last().cloned().unwrap_or_default();
    let hits: Vec<bool> = when.iter().map(Option::is_some).collect();
    Switch {
        from: names.0,
        to: names.1,
        upfront: upfront.iter().sum::<f64>() / paths as f64,
        saves: spread(&end, pairs).with(to.windows.iter().map(|(_, apart)| apart).sum()),
        pays: chance(&hits, pairs),
        month: (at(1), at(5), at(9)),
        cheaper_from,
    }
}

/// The volume from which the second is cheaper by the month, between the volumes that were simulated.
fn crossing(from: &Curve, to: &Curve) -> Option<f64> {
    let (from, to) = (from.means(), to.means());
    let gaps: Vec<(f64, f64)> = from
        .iter()
        .zip(&to)
        .map(|((volume, a), (_, b))| (*volume, a - b))
        .collect();
    gaps.windows(2).find_map(|pair| match pair {
        [(low, before), (high, after)] if *before <= 0.0 && *after > 0.0 => {
            let share = before / (before - after);
            Some(low * libm::exp(share * libm::log(high / low)))
        }
        _ => None,
    })
}
