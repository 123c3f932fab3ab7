//! The laws that the tests use, written down twice: as a scenario has them, and as textbooks do.

use statrs::function::gamma::{gamma, gamma_lr};

/// z such that a standard normal stays below it with probability 0.95 (Abramowitz and Stegun, table 26.5).
const Z95: f64 = 1.644_853_626_951_472_2;

/// A law on the positive numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// Always this.
    Constant(f64),
    /// Exponential with this mean.
    Exponential(f64),
    /// Log-normal by its median and 95% quantile.
    Lognormal { p50: f64, p95: f64 },
    /// Gamma by mean and coefficient of variation.
    Gamma { mean: f64, cv: f64 },
    /// Uniform between two numbers.
    Uniform(f64, f64),
    /// Weibull.
    Weibull { shape: f64, scale: f64 },
    /// With this share the first, else the second.
    Mix(f64, Box<Law>, Box<Law>),
}

/// The standard normal distribution function.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

impl Law {
    /// As a scenario writes it.
    pub fn toml(&self) -> String {
        match self {
            Self::Constant(number) => format!("{number}"),
            Self::Exponential(mean) => format!("{{ dist = \"exponential\", mean = {mean} }}"),
            Self::Lognormal { p50, p95 } => format!("{{ p50 = {p50}, p95 = {p95} }}"),
            Self::Gamma { mean, cv } => format!("{{ dist = \"gamma\", mean = {mean}, cv = {cv} }}"),
            Self::Uniform(low, high) => {
                format!("{{ dist = \"uniform\", low = {low}, high = {high} }}")
            }
            Self::Weibull { shape, scale } => {
                format!("{{ dist = \"weibull\", shape = {shape}, scale = {scale} }}")
            }
            Self::Mix(share, first, second) => {
                let part = |share: f64, law: &Self| {
                    let inner = match law {
                        Self::Constant(number) => format!("dist = \"constant\", value = {number}"),
                        law => law.toml().trim_matches(['{', '}', ' ']).to_owned(),
                    };
                    format!("{{ share = {share}, {inner} }}")
                };
                format!(
                    "{{ mix = [ {}, {} ] }}",
                    part(*share, first),
                    part(1.0 - share, second)
                )
            }
        }
    }

    /// The law of this number times a factor.
    pub fn times(&self, factor: f64) -> Self {
        match self {
            Self::Constant(number) => Self::Constant(number * factor),
            Self::Exponential(mean) => Self::Exponential(mean * factor),
            Self::Lognormal { p50, p95 } => Self::Lognormal {
                p50: p50 * factor,
                p95: p95 * factor,
            },
            Self::Gamma { mean, cv } => Self::Gamma {
                mean: mean * factor,
                cv: *cv,
            },
            Self::Uniform(low, high) => Self::Uniform(low * factor, high * factor),
            Self::Weibull { shape, scale } => Self::Weibull {
                shape: *shape,
                scale: scale * factor,
            },
            Self::Mix(share, first, second) => Self::Mix(
                *share,
                Box::new(first.times(factor)),
                Box::new(second.times(factor)),
            ),
        }
    }

    /// The same law with another mean.
    pub fn with_mean(&self, mean: f64) -> Self {
        self.times(mean / self.moment(1.0))
    }

    /// E[X^k].
    pub fn moment(&self, k: f64) -> f64 {
        match self {
            Self::Constant(number) => number.powf(k),
            Self::Exponential(mean) => mean.powf(k) * gamma(1.0 + k),
            Self::Lognormal { p50, p95 } => {
                let sigma = (p95 / p50).ln() / Z95;
                p50.powf(k) * (0.5 * k * k * sigma * sigma).exp()
            }
            Self::Gamma { mean, cv } => {
                let shape = 1.0 / (cv * cv);
                (mean / shape).powf(k) * gamma(shape + k) / gamma(shape)
            }
            Self::Uniform(low, high) => {
                (high.powf(k + 1.0) - low.powf(k + 1.0)) / ((k + 1.0) * (high - low))
            }
            Self::Weibull { shape, scale } => scale.powf(k) * gamma(1.0 + k / shape),
            Self::Mix(share, first, second) => {
                share * first.moment(k) + (1.0 - share) * second.moment(k)
            }
        }
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.moment(1.0)
    }

    /// P(X ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Constant(number) => f64::from(u8::from(x >= *number)),
            Self::Exponential(mean) => 1.0 - (-x / mean).exp(),
            Self::Lognormal { p50, p95 } => normal_cdf((x / p50).ln() / ((p95 / p50).ln() / Z95)),
            Self::Gamma { mean, cv } => {
                let shape = 1.0 / (cv * cv);
                gamma_lr(shape, x / (mean / shape))
            }
            Self::Uniform(low, high) => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Self::Weibull { shape, scale } => 1.0 - (-(x / scale).powf(*shape)).exp(),
            Self::Mix(share, first, second) => share * first.cdf(x) + (1.0 - share) * second.cdf(x),
        }
    }

    /// P(X > x).
    pub fn survival(&self, x: f64) -> f64 {
        1.0 - self.cdf(x)
    }

    /// The number that X stays below with probability p, by bisection of the distribution function.
    pub fn quantile(&self, p: f64) -> f64 {
        if let Self::Constant(number) = self {
            return *number;
        }
        let mut high = self.mean();
        while self.cdf(high) < p {
            high *= 2.0;
        }
        let mut low = 0.0;
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if self.cdf(middle) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}

/// Laws with the same mean and very different shapes.
pub fn shapes(mean: f64) -> Vec<Law> {
    vec![
        Law::Constant(mean),
        Law::Exponential(mean),
        Law::Uniform(0.0, 2.0 * mean),
        Law::Gamma { mean, cv: 0.5 },
        Law::Lognormal { p50: 1.0, p95: 5.0 }.with_mean(mean),
        Law::Weibull {
            shape: 0.8,
            scale: 1.0,
        }
        .with_mean(mean),
        Law::Mix(
            0.9,
            Box::new(Law::Exponential(0.5)),
            Box::new(Law::Exponential(5.0)),
        )
        .with_mean(mean),
    ]
}

#[test]
fn moments_and_quantiles_of_the_laws_are_those_of_their_definitions() {
    for law in shapes(3.0) {
        assert!((law.mean() - 3.0).abs() < 1e-9, "{law:?}");
        if matches!(law, Law::Constant(_)) {
            continue;
        }
        // Midpoints in probability: the tail beyond costs the heaviest of them a few parts in ten thousand.
        let (mut first, mut second) = (0.0, 0.0);
        let steps = 100_000;
        for k in 0..steps {
            let x = law.quantile((f64::from(k) + 0.5) / f64::from(steps));
            first += x / f64::from(steps);
            second += x * x / f64::from(steps);
        }
        assert!((first / 3.0 - 1.0).abs() < 2e-4, "{law:?}: {first}");
        assert!(
            (second / law.moment(2.0) - 1.0).abs() < 3e-3,
            "{law:?}: {second}"
        );
    }
}
