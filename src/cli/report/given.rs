//! What the analyses' commands wrote, as `--analyses` takes it: read before anything long runs, and held against the
//! scenario and the prices that the report is about.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::analysis::{compare, forecast, headroom, sensitivity};
use crate::report::{Analyses, Compared, Forecast, Headroom, Moved};
use crate::scenario::Scenario;
use crate::study::{ScenarioName, Study};

use super::Failure;

/// Analyses from files, and what each file is of.
#[derive(Debug, Default)]
pub(super) struct Given {
    analyses: Analyses,
    forecast: Option<forecast::Forecast>,
    of: Vec<(String, Origin)>,
}

/// What every analysis says of where it comes from.
#[derive(Debug, Deserialize)]
struct Origin {
    scenario: ScenarioName,
    catalogue_date: String,
    gonogo_version: String,
}

const TAKES: &str = "--analyses takes what `gonogo compare`, `headroom`, `sensitivity` and `forecast` write with --json -o FILE";

impl Given {
    /// Reads them all.
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, Failure> {
        let mut all = Self::default();
        for file in files {
            let text = std::fs::read_to_string(file)
                .map_err(|error| Failure::system(format!("reading {}", file.display()), error))?;
            all.take(file, &text)
                .map_err(|why| Failure::input(format!("{}: {why}", file.display()), TAKES))?;
        }
        Ok(all)
    }

    fn take(&mut self, file: &Path, text: &str) -> Result<(), String> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("this is no analysis: {error}"))?;
        let all = &mut self.analyses;
        let schema = value.get("schema").and_then(Value::as_str);
        match schema {
            Some(compare::SCHEMA) => all.compared.push(Compared::of(&typed(&value)?)),
            Some(headroom::SCHEMA) => all.headroom.extend(Headroom::of(&typed(&value)?)),
            Some(sensitivity::SCHEMA) => all.moved.extend(Moved::of(&typed(&value)?)),
            Some(forecast::SCHEMA) => self.forecast = Some(typed(&value)?),
            Some(other) => {
                return Err(format!(
                    "its schema is `{other}`, which no part of a report is made from"
                ));
            }
            None => return Err("it has no `schema`".to_owned()),
        }
        self.of.push((file.display().to_string(), typed(&value)?));
        Ok(())
    }

    /// What a report shows of them: of a forecast the strategy that it is about, else the first.
    pub(super) fn shown(mut self, chosen: Option<&str>) -> Analyses {
        if let Some(found) = &self.forecast {
            let first = found.strategies.first().map(|one| one.strategy.as_str());
            self.analyses.forecast = [chosen, first]
                .into_iter()
                .flatten()
                .find_map(|name| Forecast::of(found, name));
        }
        self.analyses
    }

    /// Refuses what is of another scenario, or of other prices or another gonogo than the study.
    pub(super) fn hold(
        &self,
        scenario: Option<&Scenario>,
        study: Option<&Study>,
    ) -> Result<(), Failure> {
        for (file, origin) in &self.of {
            let mut differs = Vec::new();
            let digest = study
                .map(|study| &study.scenario.digest)
                .or(scenario.map(|scenario| &scenario.digest));
            if digest.is_some_and(|digest| *digest != origin.scenario.digest) {
                differs.push(format!("the scenario (it is of {})", origin.scenario.name));
            }
            if let Some(study) = study {
                if study.catalogue_date != origin.catalogue_date {
                    let date = &origin.catalogue_date;
                    differs.push(format!("the price catalogue (it has that of {date})"));
                }
                if study.gonogo_version != origin.gonogo_version {
                    let version = &origin.gonogo_version;
                    differs.push(format!("gonogo (it is by {version})"));
                }
            }
            if !differs.is_empty() {
                return Err(Failure::input(
                    format!(
                        "{file} does not fit the study: different is {}",
                        differs.join(", ")
                    ),
                    "make it again from this scenario, or leave it out",
                ));
            }
        }
        Ok(())
    }
}

fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}
