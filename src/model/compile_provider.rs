//! Providers: which bad times they have, stated, by preset, or by the catalogue's default.

use crate::prices::Entry;
use crate::quantity::{Quantity, Shape};
use crate::scenario::types as written;

use super::compile::Compiler;
use super::types::{Incidents, Provider};

impl Compiler<'_> {
    /// The provider of a model, compiled when it is first met.
    pub(super) fn provider(
        &mut self,
        model: &written::Model,
        entry: Option<&Entry>,
        providers: &mut Vec<Provider>,
    ) -> usize {
        let name = model
            .provider
            .clone()
            .or_else(|| entry.map(|entry| entry.provider.clone()))
            .unwrap_or_else(|| model.name.clone());
        if let Some(index) = providers.iter().position(|provider| provider.name == name) {
            return index;
        }
        let stated = self
            .scenario
            .providers
            .iter()
            .find(|provider| provider.name == name)
            .cloned();
        let preset = entry
            .and_then(|_| self.catalogue.default_preset(&name))
            .map(str::to_owned);
        let outage_preset = match stated.as_ref().and_then(|it| it.outage.as_ref()) {
            Some(written::Incidents::Preset(preset)) => Some((preset.clone(), true)),
            Some(_) => None,
            None => preset.map(|preset| (preset, false)),
        };
        let history = outage_preset
            .as_ref()
            .and_then(|(preset, _)| self.catalogue.incidents(preset));
        let path = |kind: &str| format!("providers.{name}.{kind}");
        if let (Some((preset, true)), None) = (&outage_preset, &history) {
            let known: Vec<&str> = self.catalogue.presets().collect();
            let message = format!(
                "there is no incident history `{preset}`; there are {}",
                known.join(", ")
            );
            self.problem(&path("outage"), message);
        }
        if let Some((preset, false)) = &outage_preset
            && history.is_some()
        {
            let source = self
                .catalogue
                .incidents_source(preset)
                .unwrap_or("dated facts")
                .to_owned();
            self.assume(path("outage"), format!("{preset}: {source}"));
        }
        let process = |compiler: &mut Self,
                       kind: &str,
                       stated: Option<&written::Incidents>,
                       preset: Option<&written::IncidentProcess>| {
            match stated {
                Some(written::Incidents::Never) => None,
                Some(written::Incidents::Process(process)) => {
                    Some(compiler.incidents(&path(kind), process))
                }
                Some(written::Incidents::Preset(_)) | None => {
                    preset.map(|process| compiler.incidents(&path(kind), process))
                }
            }
        };
        let outage = process(
            self,
            "outage",
            stated.as_ref().and_then(|it| it.outage.as_ref()),
            history.as_ref().map(|it| &it.0),
        );
        // `outage = "none"` says that nothing bad happens; so does a stated process about brownouts.
        let silent = matches!(
            stated.as_ref().and_then(|it| it.outage.as_ref()),
            Some(written::Incidents::Never | written::Incidents::Process(_))
        );
        let brownout_preset = history.as_ref().map(|it| &it.1).filter(|_| !silent);
        let brownout = process(
            self,
            "brownout",
            stated.as_ref().and_then(|it| it.brownout.as_ref()),
            brownout_preset,
        );
        let nothing_said = stated.is_none() && history.is_none();
        if nothing_said && model.hosting.is_none() {
            self.unstate(path("outage"), "never fails", &["failed.outage"]);
        }
        providers.push(Provider {
            name,
            outage,
            brownout,
        });
        providers.len() - 1
    }

    pub(super) fn incidents(
        &mut self,
        path: &str,
        process: &written::IncidentProcess,
    ) -> Incidents {
        // A mean alone means exponential gaps.
        let gaps = match process.every_days.as_exact() {
            Some(mean) => Quantity {
                shape: Shape::Exponential {
                    mean: Box::new(Quantity::exact(mean)),
                },
                min: None,
                max: None,
            },
            None => process.every_days.clone(),
        };
        Incidents {
            every_days: self.draw(&format!("{path}.every_days"), &gaps),
            minutes: self.draw(&format!("{path}.minutes"), &process.minutes),
            error_rate: self.num(&format!("{path}.error_rate"), &process.error_rate),
            slowdown: self.num(&format!("{path}.slowdown"), &process.slowdown),
        }
    }
}
