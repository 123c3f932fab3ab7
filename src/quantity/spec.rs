//! What was written: the syntax tree of a quantity.

/// A number as written in a file: known exactly, or spread by some shape, possibly truncated.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// How the number is spread.
    pub shape: Shape,
    /// Lower truncation (by conditioning), if any.
    pub min: Option<f64>,
    /// Upper truncation (by conditioning), if any.
    pub max: Option<f64>,
}

/// How a number is spread. Parameters are quantities themselves: in a draw they may be uncertain facts, in a fact
/// they are exact.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Known exactly.
    Exact(f64),
    /// `"lo to hi"`: 90% of the mass lies between; log-normal where both ends are > 0, else normal.
    Range90 {
        /// 5% lie below.
        lo: f64,
        /// 5% lie above.
        hi: f64,
    },
    /// Log-normal through two quantiles `(probability, number)`, the lower probability first.
    Quantiles {
        /// The lower one.
        low: (f64, Box<Quantity>),
        /// The higher one.
        high: (f64, Box<Quantity>),
    },
    /// Log-normal with this mean and coefficient of variation.
    LognormalMeanCv {
        /// Mean.
        mean: Box<Quantity>,
        /// Standard deviation over mean.
        cv: Box<Quantity>,
    },
    /// Gamma with this mean and coefficient of variation.
    GammaMeanCv {
        /// Mean.
        mean: Box<Quantity>,
        /// Standard deviation over mean.
        cv: Box<Quantity>,
    },
    /// A mixture: shares (relative, normalised to 1) and parts.
    Mix(Vec<(Quantity, Quantity)>),
    /// Uniform between two ends.
    Uniform {
        /// Lower end.
        low: Box<Quantity>,
        /// Upper end.
        high: Box<Quantity>,
    },
    /// Triangular.
    Triangular {
        /// Lower end.
        low: Box<Quantity>,
        /// The likeliest number.
        mode: Box<Quantity>,
        /// Upper end.
        high: Box<Quantity>,
    },
    /// PERT: a beta rescaled to `low..high` with the given mode (shape 4).
    Pert {
        /// Lower end.
        low: Box<Quantity>,
        /// The likeliest number.
        mode: Box<Quantity>,
        /// Upper end.
        high: Box<Quantity>,
    },
    /// Normal.
    Normal {
        /// Mean.
        mean: Box<Quantity>,
        /// Standard deviation.
        sd: Box<Quantity>,
    },
    /// Log-normal by the mean and standard deviation of the logarithm.
    LognormalMuSigma {
        /// Mean of the logarithm.
        mu: Box<Quantity>,
        /// Standard deviation of the logarithm.
        sigma: Box<Quantity>,
    },
    /// Gamma by shape and scale.
    Gamma {
        /// Shape.
        shape: Box<Quantity>,
        /// Scale.
        scale: Box<Quantity>,
    },
    /// Exponential by its mean.
    Exponential {
        /// Mean.
        mean: Box<Quantity>,
    },
    /// Exponential by its rate.
    ExponentialRate {
        /// One over the mean.
        rate: Box<Quantity>,
    },
    /// Weibull by shape and scale.
    Weibull {
        /// Shape.
        shape: Box<Quantity>,
        /// Scale.
        scale: Box<Quantity>,
    },
    /// Pareto (type I) by its minimum and its shape (tail index).
    Pareto {
        /// The smallest number.
        scale: Box<Quantity>,
        /// Tail index.
        shape: Box<Quantity>,
    },
    /// Beta on 0..1.
    Beta {
        /// First shape.
        alpha: Box<Quantity>,
        /// Second shape.
        beta: Box<Quantity>,
    },
    /// Beta on 0..1 with this mean and coefficient of variation.
    BetaMeanCv {
        /// Mean.
        mean: Box<Quantity>,
        /// Standard deviation over mean.
        cv: Box<Quantity>,
    },
    /// Poisson by its mean.
    Poisson {
        /// Mean.
        mean: Box<Quantity>,
    },
    /// Geometric on 1, 2, 3, … by its mean (at least 1).
    Geometric {
        /// Mean.
        mean: Box<Quantity>,
    },
    /// Values with weights (relative).
    Discrete {
        /// The possible numbers.
        values: Vec<f64>,
        /// One for each of them.
        weights: Vec<f64>,
    },
    /// Draws from a sample, ascending; `from` names the file and column if it was read from one.
    Empirical {
        /// The sample.
        sorted: Vec<f64>,
        /// Where it was read from.
        from: Option<Column>,
    },
}

/// A column of a file of samples, as written in the scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// File name as written.
    pub file: String,
    /// Name of the column.
    pub column: String,
}

impl Quantity {
    /// A number known exactly.
    #[must_use]
    pub const fn exact(number: f64) -> Self {
        Self::of(Shape::Exact(number))
    }

    /// A shape without truncation.
    #[must_use]
    pub const fn of(shape: Shape) -> Self {
        Self {
            shape,
            min: None,
            max: None,
        }
    }

    /// The number, if this is one: written plainly, or a spread of width 0 (a cv of 0, equal ends).
    #[must_use]
    pub fn as_exact(&self) -> Option<f64> {
        match &self.shape {
            Shape::Exact(number) => return Some(*number),
            Shape::Empirical { sorted, .. } if sorted.first() != sorted.last() => return None,
            _ => {}
        }
        if self.has_uncertain_parameters() {
            return None;
        }
        self.law(&mut |_| f64::NAN).ok()?.as_constant()
    }

    /// The same with every number multiplied by a factor above 0; `None` where that has no such form (counts, shares), or
    /// a parameter is uncertain.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Option<Self> {
        if self.has_uncertain_parameters() {
            return None;
        }
        let by = |number: f64| number * factor;
        Some(Self {
            shape: self.shape.scaled(factor)?,
            min: self.min.map(by),
            max: self.max.map(by),
        })
    }

    /// Whether only one number is possible.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.as_exact().is_some()
    }

    /// Whether parameters are themselves uncertain, so that the law differs between simulated months.
    #[must_use]
    pub fn has_uncertain_parameters(&self) -> bool {
        !self.nested().is_empty()
    }

    /// The parameters that are not exact, in the order in which [`Self::law`] asks for them.
    #[must_use]
    pub fn nested(&self) -> Vec<&Quantity> {
        let mut found = Vec::new();
        self.collect_nested(&mut found);
        found
    }

    fn collect_nested<'a>(&'a self, found: &mut Vec<&'a Quantity>) {
        if let Shape::Mix(parts) = &self.shape {
            for (share, part) in parts {
                found.extend((!share.is_exact()).then_some(share));
                part.collect_nested(found);
            }
        } else {
            found.extend(
                self.shape
                    .parameters()
                    .into_iter()
                    .filter(|parameter| !parameter.is_exact()),
            );
        }
    }
}

impl Shape {
    /// Every number times a factor, where the family allows it.
    fn scaled(&self, factor: f64) -> Option<Self> {
        let times = |it: &Quantity| Some(Box::new(Quantity::exact(it.as_exact()? * factor)));
        let same = |it: &Quantity| Box::new(it.clone());
        Some(match self {
            Self::Exact(number) => Self::Exact(number * factor),
            Self::Range90 { lo, hi } => Self::Range90 {
                lo: lo * factor,
                hi: hi * factor,
            },
            Self::Quantiles { low, high } => Self::Quantiles {
                low: (low.0, times(&low.1)?),
                high: (high.0, times(&high.1)?),
            },
            Self::LognormalMeanCv { mean, cv } => Self::LognormalMeanCv {
                mean: times(mean)?,
                cv: same(cv),
            },
            Self::GammaMeanCv { mean, cv } => Self::GammaMeanCv {
                mean: times(mean)?,
                cv: same(cv),
            },
            Self::Mix(parts) => Self::Mix(
                parts
                    .iter()
                    .map(|(share, part)| Some((share.clone(), part.scaled(factor)?)))
                    .collect::<Option<_>>()?,
            ),
            Self::Uniform { low, high } => Self::Uniform {
                low: times(low)?,
                high: times(high)?,
            },
            Self::Triangular { low, mode, high } => Self::Triangular {
                low: times(low)?,
                mode: times(mode)?,
                high: times(high)?,
            },
            Self::Pert { low, mode, high } => Self::Pert {
                low: times(low)?,
                mode: times(mode)?,
                high: times(high)?,
            },
            Self::Normal { mean, sd } => Self::Normal {
                mean: times(mean)?,
                sd: times(sd)?,
            },
            Self::LognormalMuSigma { mu, sigma } => Self::LognormalMuSigma {
                mu: Box::new(Quantity::exact(mu.as_exact()? + libm::log(factor))),
                sigma: same(sigma),
            },
            Self::Gamma { shape, scale } => Self::Gamma {
                shape: same(shape),
                scale: times(scale)?,
            },
            Self::Weibull { shape, scale } => Self::Weibull {
                shape: same(shape),
                scale: times(scale)?,
            },
            Self::Pareto { scale, shape } => Self::Pareto {
                scale: times(scale)?,
                shape: same(shape),
            },
            Self::Exponential { mean } => Self::Exponential { mean: times(mean)? },
            Self::Empirical { sorted, from } => Self::Empirical {
                sorted: sorted.iter().map(|number| number * factor).collect(),
                from: from.clone(),
            },
            Self::ExponentialRate { .. }
            | Self::Beta { .. }
            | Self::BetaMeanCv { .. }
            | Self::Poisson { .. }
            | Self::Geometric { .. }
            | Self::Discrete { .. } => return None,
        })
    }

    /// The parameters that are quantities, in the order of the file format; none for a mixture, whose parts are
    /// shapes of their own.
    #[must_use]
    pub fn parameters(&self) -> Vec<&Quantity> {
        match self {
            Self::Exact(_)
            | Self::Range90 { .. }
            | Self::Mix(_)
            | Self::Discrete { .. }
            | Self::Empirical { .. } => Vec::new(),
            Self::Quantiles {
                low: (_, low),
                high: (_, high),
            }
            | Self::Uniform { low, high } => vec![low, high],
            Self::Triangular { low, mode, high } | Self::Pert { low, mode, high } => {
                vec![low, mode, high]
            }
            Self::LognormalMeanCv { mean, cv }
            | Self::GammaMeanCv { mean, cv }
            | Self::BetaMeanCv { mean, cv } => {
                vec![mean, cv]
            }
            Self::Normal { mean, sd } => vec![mean, sd],
            Self::LognormalMuSigma { mu, sigma } => vec![mu, sigma],
            Self::Gamma { shape, scale } | Self::Weibull { shape, scale } => vec![shape, scale],
            Self::Pareto { scale, shape } => vec![scale, shape],
            Self::Beta { alpha, beta } => vec![alpha, beta],
            Self::Exponential { mean } | Self::Poisson { mean } | Self::Geometric { mean } => {
                vec![mean]
            }
            Self::ExponentialRate { rate } => vec![rate],
        }
    }
}
