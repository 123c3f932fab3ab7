//! What is booked by the clock instead of by a request: the use of limits and slots by the hour, hosting, and the lines
//! of a whole month.

use crate::prices::Tokens;

use super::arrivals::hour_of_week;
use super::clock::{NEVER, Time, between, seconds};
use super::hosted::Usage;
use super::ledger::{Ledger, Line, Month, Peak};
use super::limits::SLOTS;
use super::month::Setting;
use super::setup::Server;
use super::world::World;

/// How often prices and the use of limits are looked at.
pub const QUARTER_HOUR: Time = 900_000_000_000;

impl World<'_> {
    /// What changes with the clock: prices, the hour of the week, and the use of limits in the hour that ends.
    pub(super) fn quarter_hour(&mut self, at: Time) {
        let since_start_s = seconds(at) - self.setting.month_starts_s();
        self.hour = hour_of_week(&self.setting, at);
        let hour_over = self.hour_over(at);
        let booked = hour_over.then(|| Booked {
            hours: between(self.booked_until, at) / 3600.0,
            counted: self.counted_since(self.booked_until, at),
        });
        if hour_over {
            self.booked_until = at;
        }
        for (server, peaks) in self.servers.iter_mut().zip(&mut self.peaks) {
            server.paid.at(since_start_s);
            if let Some(batch) = &mut server.batch {
                batch.at(since_start_s);
            }
            if let Some(booked) = booked {
                hour_ends(server, peaks, at, &mut self.ledger, booked);
            }
        }
        self.router_usd = self.router_usd();
    }

    /// Whether use is booked at `at`: at full hours, and of a window of an ordinary month as one.
    fn hour_over(&self, at: Time) -> bool {
        if self.setting.window.is_some() && !self.setting.scripted {
            return at == self.counts_from || at == self.counts_until;
        }
        (at / QUARTER_HOUR).is_multiple_of(4)
    }

    /// The counted share of the time from `from` to `at`.
    fn counted_since(&self, from: Time, at: Time) -> f64 {
        if self.setting.window.is_none() {
            return f64::from(u8::from(at > self.counts_from));
        }
        let counted = between(from.max(self.counts_from), at.min(self.counts_until));
        counted / between(from, at).max(1e-9)
    }

    /// The month is over.
    pub(super) fn close(mut self, last_event: Time) -> Month {
        let Setting {
            model,
            strategy,
            facts,
            ..
        } = self.setting;
        if let Some(mut reviewers) = self.reviewers.take() {
            reviewers.settle(NEVER);
            self.ledger.reviews = reviewers.done;
            self.ledger.review_expected_s = reviewers.expected_s;
            let per_hour = strategy
                .human_review
                .as_ref()
                .map_or(0.0, |it| facts.get(it.per_hour));
            self.charge_month(Line::HumanReview, reviewers.done.1 / 3600.0 * per_hour);
        }
        let days = self.setting.counted_s() / 86_400.0;
        let months = days / 30.0;
        for (line, usd) in by_the_month(&self.setting, &self.servers, &self.policy.route) {
            self.charge_month(line, usd * months);
        }
        if let Some(audit) = model.audit {
            // What a month logs, kept so long that the stored amount no longer changes.
            let stored_gb = self.ledger.logged_tokens
                * facts.get(audit.bytes_per_token)
                * 1e-9
                * (facts.get(audit.retention_days) / days);
            self.charge_month(
                Line::Audit,
                stored_gb * facts.get(audit.per_gb_month) * months,
            );
        }
        let budget_usd = budget_usd(&self.setting);
        let full_service_usd = self.ledger.total_usd();
        Month {
            ledger: self.ledger,
            full_service_usd,
            full_service_peaks: self.peaks.clone(),
            peaks: self.peaks,
            refusals: self.refusals,
            budget_usd,
            last_event,
            began: 0,
        }
    }

    /// A line that belongs to no hour.
    fn charge_month(&mut self, line: Line, usd: f64) {
        self.ledger.charge(usize::MAX, line, usd);
    }
}

/// The monthly budget at the setting's volume, if stated, for the length of what is counted.
pub(super) fn budget_usd(setting: &Setting<'_>) -> Option<f64> {
    let months = setting.counted_s() / 86_400.0 / 30.0;
    setting
        .model
        .budget
        .iter()
        .find(|(at, _)| *at == setting.volume)
        .map(|(_, usd)| setting.facts.get(*usd) * months)
}

/// What is paid by the month, whatever is used, US dollars per 30 days.
pub(super) fn by_the_month(
    setting: &Setting<'_>,
    servers: &[Server],
    route: &[u16],
) -> [(Line, f64); 3] {
    let Setting {
        model,
        strategy,
        facts,
        ..
    } = *setting;
    let cache = strategy
        .response_cache
        .as_ref()
        .map_or(0.0, |cache| facts.get(cache.monthly));
    let kept: f64 = strategy
        .uses
        .iter()
        .filter_map(|id| model.models.get(*id))
        .map(|server| facts.get(server.monthly))
        .sum();
    let fixed: f64 = model.fixed.iter().map(|(_, usd)| facts.get(*usd)).sum();
    [
        (Line::Cache, cache),
        (Line::Fixed, kept + fixed),
        (Line::Evals, evals_usd(setting, servers, route)),
    ]
}

/// Evaluation runs for 30 days: every model of the route answers every example, and the judge reads question and
/// answer and writes as much as an answer.
fn evals_usd(setting: &Setting<'_>, servers: &[Server], route: &[u16]) -> f64 {
    let Some(evals) = setting.model.evals else {
        return 0.0;
    };
    let facts = setting.facts;
    let (input, output) = (
        facts.get(evals.input_tokens),
        facts.get(evals.output_tokens),
    );
    let call = |model: usize, input: f64, output: f64| {
        servers.get(model).map_or(0.0, |server| {
            server.paid.usd(&Tokens {
                input_plain: input,
                output,
                ..Tokens::default()
            })
        })
    };
    let answers: f64 = route
        .iter()
        .map(|model| call(usize::from(*model), input, output))
        .sum();
    let judged = evals
        .judge
        .map_or(0.0, |judge| call(judge, input + output, output));
    facts.get(evals.examples) * facts.get(evals.runs_per_month) * (answers + judged)
}

/// What is booked: a time, usually an hour, and the share of it that counts.
#[derive(Debug, Clone, Copy)]
struct Booked {
    hours: f64,
    counted: f64,
}

/// Books an hour's use of limits and slots, and of hosting.
fn hour_ends(
    server: &mut Server,
    peaks: &mut [Peak; 7],
    at: Time,
    ledger: &mut Ledger,
    Booked { hours, counted }: Booked,
) {
    let allowed = server.limits;
    let used = std::mem::take(&mut server.used);
    if counted > 0.0 {
        for (kind, (used, limit)) in used.iter().zip(allowed).enumerate() {
            let used = match kind {
                4 => used * 24.0,
                5 => used / 3600.0,
                _ => used / 60.0,
            } / hours;
            if let Some(peak) = peaks.get_mut(kind) {
                let limit = limit.unwrap_or(f64::INFINITY);
                if used > peak.used {
                    *peak = Peak {
                        utilisation: used / limit,
                        used,
                        limit,
                    };
                }
            }
        }
    }
    let Some(hosted) = &mut server.hosted else {
        return;
    };
    let Usage {
        busy_s,
        capacity_s,
        replica_s,
        needed_s,
    } = hosted.take_usage(at);
    if counted <= 0.0 {
        return;
    }
    if let Some(peak) = peaks.get_mut(SLOTS)
        && busy_s / 3600.0 / hours > peak.used
    {
        *peak = Peak {
            utilisation: busy_s / capacity_s.max(1e-9),
            used: busy_s / 3600.0 / hours,
            limit: capacity_s / 3600.0 / hours,
        };
    }
    ledger.charge(
        usize::MAX,
        Line::Hosting,
        replica_s.max(needed_s) / 3600.0 * server.replica_per_hour * counted,
    );
}
