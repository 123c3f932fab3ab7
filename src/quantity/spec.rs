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
    Range90 { lo: f64, hi: f64 },
    /// Log-normal through two quantiles `(probability, number)`, the lower probability first.
    Quantiles {
        low: (f64, Box<Quantity>),
        high: (f64, Box<Quantity>),
    },
    /// Log-normal with this mean and coefficient of variation.
    LognormalMeanCv {
        mean: Box<Quantity>,
        cv: Box<Quantity>,
    },
    /// Gamma with this mean and coefficient of variation.
    GammaMeanCv {
        mean: Box<Quantity>,
        cv: Box<Quantity>,
    },
    /// A mixture: shares (relative, normalised to 1) and parts.
    Mix(Vec<(Quantity, Quantity)>),
    /// Uniform between two ends.
    Uniform {
        low: Box<Quantity>,
        high: Box<Quantity>,
    },
    /// Triangular.
    Triangular {
        low: Box<Quantity>,
        mode: Box<Quantity>,
        high: Box<Quantity>,
    },
    /// PERT: a beta rescaled to `low..high` with the given mode (shape 4).
    Pert {
        low: Box<Quantity>,
        mode: Box<Quantity>,
        high: Box<Quantity>,
    },
    /// Normal.
    Normal {
        mean: Box<Quantity>,
        sd: Box<Quantity>,
    },
    /// Log-normal by the mean and standard deviation of the logarithm.
    LognormalMuSigma {
        mu: Box<Quantity>,
        sigma: Box<Quantity>,
    },
    /// Gamma by shape and scale.
    Gamma {
        shape: Box<Quantity>,
        scale: Box<Quantity>,
    },
    /// Exponential by its mean.
    Exponential { mean: Box<Quantity> },
    /// Weibull by shape and scale.
    Weibull {
        shape: Box<Quantity>,
        scale: Box<Quantity>,
    },
    /// Pareto (type I) by its minimum and its shape (tail index).
    Pareto {
        scale: Box<Quantity>,
        shape: Box<Quantity>,
    },
    /// Beta on 0..1.
    Beta {
        alpha: Box<Quantity>,
        beta: Box<Quantity>,
    },
    /// Poisson by its mean.
    Poisson { mean: Box<Quantity> },
    /// Geometric on 1, 2, 3, … by its mean (at least 1).
    Geometric { mean: Box<Quantity> },
    /// Values with weights (relative).
    Discrete { values: Vec<f64>, weights: Vec<f64> },
    /// Draws from a sample, ascending; `from` names the file and column if it was read from one.
    Empirical {
        sorted: Vec<f64>,
        from: Option<String>,
    },
}

impl Quantity {
    /// A number known exactly.
    #[must_use]
    pub const fn exact(number: f64) -> Self {
        Self {
            shape: Shape::Exact(number),
            min: None,
            max: None,
        }
    }
}
