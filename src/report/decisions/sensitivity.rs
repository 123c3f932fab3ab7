//! Sensitivity as tornadoes and sentences.

use std::fmt::Write as _;

use crate::analysis::sensitivity::{Input, Measuring, Moved, Sensitivity};

use super::super::numbers::{percent, usd};
use super::super::table::{aligned, wrapped};
use super::{in_unit, times};

/// Half the width of a tornado's bars.
const HALF: usize = 12;
/// Changes of the choice below this are noise.
const RARE: f64 = 0.01;

/// The whole page: a tornado for each metric, what is worth measuring, sentences.
#[must_use]
pub fn sensitivity_page(found: &Sensitivity) -> String {
    let mut text = format!(
        "{}: what moves `{}` at {} ({} months a run, {} uncertain fact{}, seed {})\n",
        crate::reading::harmless(&found.scenario.name),
        found.chosen,
        times(found.volume),
        found.months,
        found.facts,
        if found.facts == 1 { "" } else { "s" },
        found.seed,
    );
    for moved in &found.moved {
        text.push('\n');
        text.push_str(&tornado(moved, found.facts));
    }
    if !found.measuring.is_empty() {
        text.push_str("\nWorth measuring before choosing a strategy\n");
        text.push_str(&worth(&found.measuring));
    }
    text.push_str("\nWhat stands out\n");
    for sentence in sentences(found) {
        text.push_str(&wrapped(&crate::reading::harmless(&sentence)));
    }
    text
}

fn tornado(moved: &Moved, facts: usize) -> String {
    let unit = |value: f64| in_unit(&moved.metric, value);
    let mut text = format!(
        "{}: {} ± {} on average, a month strays by {}\n",
        moved.metric,
        unit(moved.mean),
        unit(moved.se),
        unit(moved.sd)
    );
    if moved.inputs.is_empty() {
        return text;
    }
    let widest = moved
        .inputs
        .iter()
        .flat_map(|input| [input.at.0 - moved.mean, input.at.1 - moved.mean])
        .map(f64::abs)
        .fold(0.0, f64::max);
    let heads = [
        "fact", "from", "to", "gives", "to", "", "± se", "share", "± se", "rank",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for input in &moved.inputs {
        rows.push(vec![
            input.path.clone(),
            plain(input.ends.0),
            plain(input.ends.1),
            unit(input.at.0),
            unit(input.at.1),
            bar(input, moved.mean, widest),
            unit(input.swing_se),
            percent(input.share),
            percent(input.share_se),
            if input.rank.is_finite() {
                format!("{:+.2}", input.rank)
            } else {
                "–".to_owned()
            },
        ]);
    }
    text.push_str(&aligned(&rows));
    let _ = writeln!(
        text,
        "The rest of the variance: {} chance, {} {}.",
        percent(moved.chance),
        percent(moved.rest),
        if facts > 1 {
            "facts acting together or left out"
        } else {
            "not explained"
        },
    );
    text
}

/// A bar from one end to the other, the mean in the middle.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place within the bar's width"
)]
fn bar(input: &Input, mean: f64, widest: f64) -> String {
    let place = |value: f64| {
        let at = if widest > 0.0 {
            (value - mean) / widest
        } else {
            0.0
        };
        ((at.clamp(-1.0, 1.0) + 1.0) * HALF as f64).round() as usize
    };
    let (a, b) = (place(input.at.0), place(input.at.1));
    (0..=2 * HALF)
        .map(|column| match column {
            column if column == HALF => '|',
            column if column >= a.min(b) && column <= a.max(b) => '=',
            _ => ' ',
        })
        .collect()
}

/// A fact's number with four digits.
fn plain(number: f64) -> String {
    let size = number.abs();
    if size >= 1000.0 {
        super::super::numbers::count(number)
    } else if size >= 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.3}")
    }
}

fn worth(measuring: &[Measuring]) -> String {
    let heads = [
        "fact",
        "choice changes",
        "± se",
        "saves a month",
        "± se",
        "keeps a promise",
        "to",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for it in measuring {
        rows.push(vec![
            it.path.clone(),
            percent(it.changes),
            percent(it.changes_se),
            usd(it.saves_usd),
            usd(it.saves_se),
            percent(it.keeps),
            it.instead
                .first()
                .map_or_else(|| "–".to_owned(), |(name, _)| name.clone()),
        ]);
    }
    aligned(&rows)
}

fn sentences(found: &Sensitivity) -> Vec<String> {
    let mut list = Vec::new();
    if found.facts == 0 {
        list.push("Every fact of the scenario is written as known exactly, so nothing but chance moves it. `--shake 20%` asks what each of them would do if it were off by a fifth; better still, write what is uncertain as a range, such as \"8_000 to 12_000\".".to_owned());
    }
    if !found.chosen_holds {
        list.push(format!(
            "`{}` breaks a promise in too many months at {}: what moves its cost matters less than that. `gonogo headroom` says what breaks it and what would help, `gonogo optimize` looks for a setting that holds.",
            found.chosen,
            times(found.volume)
        ));
    }
    for moved in &found.moved {
        let Some(first) = moved.inputs.first() else {
            continue;
        };
        let unit = |value: f64| in_unit(&moved.metric, value);
        if moved.chance > 0.5 {
            list.push(format!(
                "{} of the spread of {} is chance: knowing more would not narrow it.",
                percent(moved.chance),
                moved.metric
            ));
        }
        if moved.sd == 0.0 {
            list.push(format!("Nothing moves {}.", moved.metric));
        } else if first.share > 0.0 {
            list.push(format!(
                "`{}` moves {} most: from {} to {}, {} of its variance.",
                first.path,
                moved.metric,
                unit(first.at.0.min(first.at.1)),
                unit(first.at.0.max(first.at.1)),
                percent(first.share)
            ));
        }
    }
    if !found.measuring.is_empty() {
        list.push(measure(&found.measuring));
    }
    if let Some((path, most)) = found.left_out.first() {
        list.push(format!(
            "{} facts were left out of the tables, because at a glance they moved the answer least; the largest of them, `{path}`, by {}. --most looks at more.",
            found.left_out.len(),
            percent(*most)
        ));
    }
    if found.stopped {
        list.push(
            "It was stopped early, and facts are missing. Let it run on, or give it a longer --time.".to_owned(),
        );
    }
    list
}

fn measure(measuring: &[Measuring]) -> String {
    let worth = |it: &&Measuring| it.changes >= RARE && (it.saves_usd >= 0.005 || it.keeps >= RARE);
    let idle = measuring.iter().find(|it| it.changes >= RARE);
    match (measuring.iter().find(worth), idle) {
        (None, Some(it)) => format!(
            "Nothing needs measuring before choosing: `{}` would change the choice in {} of cases, but that would save nothing and keep no promise.",
            it.path,
            percent(it.changes)
        ),
        (None, None) => "No fact would change the choice of strategy, whatever it turns out to be: nothing needs measuring for that.".to_owned(),
        (Some(it), _) => {
            let instead = it.instead.first().map_or("another strategy", |(name, _)| name.as_str());
            let keeps = if it.keeps >= RARE {
                format!(", and in {} of cases a promise that would be broken is kept", percent(it.keeps))
            } else {
                String::new()
            };
            format!(
                "Measure `{}` first: in {} of cases it would change the choice, mostly to `{instead}`, which saves {} a month on average{keeps}.",
                it.path,
                percent(it.changes),
                usd(it.saves_usd)
            )
        }
    }
}
