//! What one call costs: dollars per token by context tier, and the sum over a call's tokens.

/// Tokens of one call by how they are billed; the fields do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tokens {
    /// Input neither read from nor written to the prompt cache.
    pub input_plain: f64,
    /// Input read from the prompt cache.
    pub cached: f64,
    /// Input written to the prompt cache, with the time to live that the tariff was compiled for.
    pub cache_write: f64,
    /// Input written to the prompt cache for an hour.
    pub cache_write_1h: f64,
    /// Visible output.
    pub output: f64,
    /// Reasoning, billed beside the visible output.
    pub reasoning: f64,
}

impl Tokens {
    /// All input tokens: what context tiers go by.
    #[must_use]
    pub fn input(&self) -> f64 {
        self.input_plain + self.cached + self.cache_write + self.cache_write_1h
    }
}

/// US dollars of one call, by line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Lines {
    /// Plain input.
    pub input: f64,
    /// Input read from the prompt cache.
    pub cached_input: f64,
    /// Input written to the prompt cache, for whatever time.
    pub cache_write: f64,
    /// Visible output.
    pub output: f64,
    /// Reasoning.
    pub reasoning: f64,
    /// Fee for the call itself.
    pub request: f64,
}

impl Lines {
    /// The sum of the lines.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.input
            + self.cached_input
            + self.cache_write
            + self.output
            + self.reasoning
            + self.request
    }
}

/// US dollars per token of one context tier, and per call.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PerToken {
    /// Plain input.
    pub input: f64,
    /// Input read from the prompt cache; the plain price where the provider has no other.
    pub cached_input: f64,
    /// Input written to the prompt cache for the tariff's time to live; the plain price where writes are free of extra.
    pub cache_write: f64,
    /// Input written to the prompt cache for an hour.
    pub cache_write_1h: f64,
    /// Visible output.
    pub output: f64,
    /// Reasoning.
    pub reasoning: f64,
    /// US dollars for the call itself.
    pub per_request: f64,
}

impl PerToken {
    /// The prices by name: US dollars per million tokens, and the fee for the call as it is.
    #[must_use]
    pub fn per_million(&self) -> [(&'static str, f64); 7] {
        // Without the rounding that the division by a million left.
        let million = |per_token: f64| (per_token * 1e15).round() / 1e9;
        [
            ("input", million(self.input)),
            ("cached_input", million(self.cached_input)),
            ("cache_write", million(self.cache_write)),
            ("cache_write_1h", million(self.cache_write_1h)),
            ("output", million(self.output)),
            ("reasoning", million(self.reasoning)),
            ("per_call", self.per_request),
        ]
    }

    /// Every price times `factor`: a discount, batch, or a service tier.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            input: self.input * factor,
            cached_input: self.cached_input * factor,
            cache_write: self.cache_write * factor,
            cache_write_1h: self.cache_write_1h * factor,
            output: self.output * factor,
            reasoning: self.reasoning * factor,
            per_request: self.per_request * factor,
        }
    }
}

/// One context tier. Tiers are cliffs: past the threshold the whole call is priced by this tier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateTier {
    /// A call with at least this many input tokens is priced here; 0 for the first tier. "More than 200,000" is
    /// 200,001 here, "200,000 and more" is 200,000.
    pub above_tokens: f64,
    /// Its prices.
    pub per_token: PerToken,
}

/// The prices that hold at one time, context tiers ascending; the first starts at 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rates {
    /// The tiers.
    pub tiers: Vec<RateTier>,
}

impl Rates {
    /// One tier that holds for every length.
    #[must_use]
    pub fn flat(per_token: PerToken) -> Self {
        Self {
            tiers: vec![RateTier {
                above_tokens: 0.0,
                per_token,
            }],
        }
    }

    /// The prices of a call with this many input tokens.
    #[must_use]
    pub fn tier(&self, input_tokens: f64) -> PerToken {
        let mut found = PerToken::default();
        for tier in &self.tiers {
            if tier.above_tokens > input_tokens {
                break;
            }
            found = tier.per_token;
        }
        found
    }

    /// What a call costs, by line.
    #[must_use]
    pub fn price(&self, tokens: &Tokens) -> Lines {
        let rate = self.tier(tokens.input());
        Lines {
            input: tokens.input_plain * rate.input,
            cached_input: tokens.cached * rate.cached_input,
            cache_write: tokens.cache_write * rate.cache_write
                + tokens.cache_write_1h * rate.cache_write_1h,
            output: tokens.output * rate.output,
            reasoning: tokens.reasoning * rate.reasoning,
            request: rate.per_request,
        }
    }

    /// Every price times `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let scale = |tier: &RateTier| RateTier {
            per_token: tier.per_token.scaled(factor),
            ..*tier
        };
        Self {
            tiers: self.tiers.iter().map(scale).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_tiers() -> Rates {
        let cheap = PerToken {
            input: 1e-6,
            output: 2e-6,
            reasoning: 2e-6,
            ..PerToken::default()
        };
        Rates {
            tiers: vec![
                RateTier {
                    above_tokens: 0.0,
                    per_token: cheap,
                },
                RateTier {
                    above_tokens: 100_000.0,
                    per_token: cheap.scaled(2.0),
                },
            ],
        }
    }

    #[test]
    fn past_a_threshold_the_whole_call_is_repriced() {
        let call = |input_plain| {
            two_tiers()
                .price(&Tokens {
                    input_plain,
                    output: 10.0,
                    ..Tokens::default()
                })
                .total()
        };
        assert!((call(99_999.0) - (0.099_999 + 0.000_02)).abs() < 1e-12);
        assert!((call(100_000.0) - (0.2 + 0.000_04)).abs() < 1e-12);
    }

    #[test]
    fn cached_and_written_tokens_count_towards_the_threshold() {
        let tokens = Tokens {
            input_plain: 1.0,
            cached: 50_000.0,
            cache_write: 25_000.0,
            cache_write_1h: 24_999.0,
            ..Tokens::default()
        };
        assert_eq!(tokens.input(), 100_000.0);
        assert!((two_tiers().price(&tokens).input - 2e-6).abs() < 1e-18);
    }

    #[test]
    fn the_lines_sum_to_the_total() {
        let rate = PerToken {
            input: 1.0,
            cached_input: 2.0,
            cache_write: 4.0,
            cache_write_1h: 8.0,
            output: 16.0,
            reasoning: 32.0,
            per_request: 64.0,
        };
        let one = Tokens {
            input_plain: 1.0,
            cached: 1.0,
            cache_write: 1.0,
            cache_write_1h: 1.0,
            output: 1.0,
            reasoning: 1.0,
        };
        assert_eq!(Rates::flat(rate).price(&one).total(), 127.0);
    }
}
