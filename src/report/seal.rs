//! What a report was made from, as digests: written into every format that has a place for it, and held against the
//! present files by `gonogo report --verify`.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde::{Deserialize, Serialize};

use crate::checklist::verdict::Facts;
use crate::checklist::{Project, sha256};
use crate::scenario::Scenario;
use crate::study::Study;

use super::analyses::Analyses;

/// The digests of a report's inputs, by name, shortened to 16 digits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seal {
    /// Name and digest.
    pub inputs: BTreeMap<String, String>,
}

const MARK: &str = "gonogo-inputs/1";
const DIGITS: usize = 16;
/// Files larger than this are no reports of ours.
const LARGEST: u64 = 200_000_000;

impl Seal {
    /// Digests of everything that can change what a report says, other than its date and style.
    #[must_use]
    pub fn of(
        review: Option<(&Project, &Facts)>,
        scenario: Option<&Scenario>,
        catalogue: &str,
        study: Option<&Study>,
    ) -> Self {
        let mut inputs = BTreeMap::new();
        if let Some((project, facts)) = review {
            inputs.extend(facts.parts.short());
            let signatures = format!("{:?}", project.review.signoffs);
            inputs.insert("signatures".to_owned(), sha256(&signatures));
        } else {
            inputs.insert("gonogo".to_owned(), sha256(env!("CARGO_PKG_VERSION")));
            inputs.insert("catalogue".to_owned(), sha256(catalogue));
            if let Some(scenario) = scenario {
                inputs.insert("scenario".to_owned(), scenario.digest.clone());
            }
        }
        if let Some(study) = study {
            let text = serde_json::to_string(study).unwrap_or_default();
            inputs.insert("study".to_owned(), sha256(&text));
        }
        for digest in inputs.values_mut() {
            digest.truncate(DIGITS);
        }
        Self { inputs }
    }

    /// The same with the analyses that the report shows.
    #[must_use]
    pub fn with(mut self, analyses: &Analyses) -> Self {
        if *analyses != Analyses::default() {
            let text = serde_json::to_string(analyses).unwrap_or_default();
            let mut digest = sha256(&text);
            digest.truncate(DIGITS);
            self.inputs.insert("analyses".to_owned(), digest);
        }
        self
    }

    /// One line of words.
    #[must_use]
    pub fn line(&self) -> String {
        let words: Vec<String> = self
            .inputs
            .iter()
            .map(|(name, digest)| format!("{name}={digest}"))
            .collect();
        format!("{MARK} {}", words.join(" "))
    }

    fn of_line(text: &str) -> Option<Self> {
        let words = text.strip_prefix(MARK)?.split_whitespace();
        let inputs: BTreeMap<String, String> = words
            .filter_map(|word| word.split_once('='))
            .map(|(name, digest)| (name.to_owned(), digest.to_owned()))
            .collect();
        (!inputs.is_empty()).then_some(Self { inputs })
    }

    /// Finds the seal in a written report of any format; none where there is none (CSV has no place for one).
    #[must_use]
    pub fn find(report: &[u8]) -> Option<Self> {
        if report.starts_with(b"PK") {
            return between(&core_properties(report)?, "<cp:keywords>", '<');
        }
        let text = String::from_utf8_lossy(report);
        if text.starts_with("%PDF") {
            return between(&text, "<pdf:Keywords>", '<');
        }
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            return serde_json::from_value(value.get("inputs")?.clone()).ok();
        }
        // Text of users has no angle brackets of its own in either format.
        between(&text, "<meta name=\"gonogo-inputs\" content=\"", '"')
            .or_else(|| between(&text, "<!-- ", '>'))
    }

    /// What differs from another seal, in words; a study and analyses that only one of them has are not compared.
    #[must_use]
    pub fn changed(&self, now: &Self) -> Vec<String> {
        let mut names: Vec<&String> = self.inputs.keys().chain(now.inputs.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let mut list = Vec::new();
        for name in names {
            let words = match (self.inputs.get(name), now.inputs.get(name)) {
                (Some(then), Some(now)) if then == now => continue,
                (Some(_), Some(_)) => "has changed",
                _ if name == "study" || name == "analyses" => continue,
                (Some(_), None) => "is no longer there",
                (None, _) => "was not there",
            };
            list.push(format!("{name} {words}"));
        }
        list
    }
}

fn between(text: &str, before: &str, end: char) -> Option<Seal> {
    text.split(before).skip(1).find_map(|rest| {
        let line = rest.split(end).next()?;
        Seal::of_line(line.trim().trim_end_matches("--").trim_end())
    })
}

/// `docProps/core.xml` of a workbook: the one member of the archive that is read (PKWARE's APPNOTE 6.3, section 4.3).
fn core_properties(archive: &[u8]) -> Option<String> {
    const ENTRY: &[u8] = b"PK\x01\x02";
    const NAME: &[u8] = b"docProps/core.xml";
    let mut at = 0;
    // The central directory's entries: 46 bytes and the name.
    while let Some(found) = position(archive.get(at..)?, ENTRY) {
        let entry = archive.get(at + found..)?;
        let length = usize::from(u16_at(entry, 28)?);
        if entry.get(46..46 + length)? == NAME {
            let method = u16_at(entry, 10)?;
            let packed = usize::try_from(u32_at(entry, 20)?).ok()?;
            let local = archive.get(usize::try_from(u32_at(entry, 42)?).ok()?..)?;
            let start = 30 + usize::from(u16_at(local, 26)?) + usize::from(u16_at(local, 28)?);
            let data = local.get(start..start + packed)?;
            let mut text = String::new();
            if method == 0 {
                data.take(LARGEST).read_to_string(&mut text).ok()?;
            } else {
                let reader = flate2::read::DeflateDecoder::new(data);
                reader.take(LARGEST).read_to_string(&mut text).ok()?;
            }
            return Some(text);
        }
        at += found + ENTRY.len();
    }
    None
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
