//! Special functions, accurate in both tails.
//!
//! Everything here goes through `libm` alone, so a scenario gives the same bytes on every platform (a generic crate
//! would take `exp` and `ln` from std or from `libm` depending on what else is in the build). Each function returns
//! both tails, the smaller one without cancellation.
#![expect(
    clippy::many_single_char_names,
    reason = "the letters are those of the formulas cited"
)]

/// `sqrt(2 π)`.
const SQRT_2PI: f64 = 2.506_628_274_631_000_5;

/// Density of the standard normal.
pub(super) fn normal_density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / SQRT_2PI
}

/// `P(Z <= z)` of the standard normal; for the upper tail ask for `-z`.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The standard normal quantile at `p`, where `q = 1 - p`; the smaller of the two decides.
///
/// M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988),
/// PPND16: relative error about 1e-16.
pub(super) fn normal_quantile(p: f64, q: f64) -> f64 {
    const A: [f64; 8] = [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ];
    const B: [f64; 8] = [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ];
    const C: [f64; 8] = [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ];
    const D: [f64; 8] = [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ];
    const E: [f64; 8] = [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ];
    const F: [f64; 8] = [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ];
    let from_middle = if p <= q { p - 0.5 } else { 0.5 - q };
    if from_middle.abs() <= 0.425 {
        let r = 0.180_625 - from_middle * from_middle;
        return from_middle * polynomial(&A, r) / polynomial(&B, r);
    }
    let tail = p.min(q);
    if tail <= 0.0 {
        return if p <= q {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    let r = (-libm::log(tail)).sqrt();
    let size = if r <= 5.0 {
        polynomial(&C, r - 1.6) / polynomial(&D, r - 1.6)
    } else {
        polynomial(&E, r - 5.0) / polynomial(&F, r - 5.0)
    };
    if p <= q { -size } else { size }
}

/// Horner's rule, constant term first.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// `ln n! - ln(sqrt(2 π n) (n/e)^n)` for real `n > 0` (C. Loader, "Fast and accurate computation of binomial
/// probabilities", 2000).
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * libm::log(n) + n - libm::log(SQRT_2PI);
    }
    let nn = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - (1.0 / 1188.0) / nn) / nn) / nn) / nn)
        / n
}

/// Deviance `x ln(x/m) + m - x` without cancellation (Loader, as above).
fn deviance(x: f64, m: f64) -> f64 {
    let gap = x - m;
    if gap.abs() >= 0.1 * (x + m) {
        return x * libm::log(x / m) + m - x;
    }
    let v = gap / (x + m);
    let mut sum = gap * v;
    let mut term = 2.0 * x * v;
    let mut odd = 1.0;
    loop {
        term *= v * v;
        odd += 2.0;
        let next = sum + term / odd;
        if next == sum {
            return sum;
        }
        sum = next;
    }
}

/// `x^a e^-x / Γ(a + 1)`: the Poisson probability of `a`, for real `a > 0`.
pub(super) fn poisson_weight(a: f64, x: f64) -> f64 {
    if x <= 0.0 || x.is_infinite() {
        return 0.0;
    }
    libm::exp(-stirling_error(a) - deviance(a, x)) / (SQRT_2PI * a.sqrt())
}

/// The regularised incomplete gamma functions `(P(a, x), Q(a, x))`.
///
/// Series below `a + 1`, Lentz's continued fraction above (DLMF 8.7.1 and 8.9.2), Temme's uniform expansion from
/// `a = 100,000` on (DLMF 8.12; coefficients of `DiDonato` and Morris, ACM TOMS 12, 1986).
pub(super) fn gamma_tails(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x.is_infinite() {
        return (1.0, 0.0);
    }
    if a >= 1e5 {
        return gamma_tails_large(a, x);
    }
    let weight = poisson_weight(a, x);
    if x < a + 1.0 {
        let mut term = 1.0;
        let mut sum = 1.0;
        let mut n = a;
        while term > sum * 1e-17 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        let p = (weight * sum).min(1.0);
        return (p, 1.0 - p);
    }
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut h = d;
    let mut i = 0.0;
    while i < 100_000.0 {
        i += 1.0;
        let an = -i * (i - a);
        b += 2.0;
        d = an * d + b;
        c = b + an / c;
        if d.abs() < tiny {
            d = tiny;
        }
        if c.abs() < tiny {
            c = tiny;
        }
        d = 1.0 / d;
        let change = d * c;
        h *= change;
        if (change - 1.0).abs() <= 2.0 * f64::EPSILON {
            break;
        }
    }
    let q = (weight * a * h).min(1.0);
    (1.0 - q, q)
}

/// Temme's expansion with three terms, exact to about 1e-14 for `a >= 100,000`.
fn gamma_tails_large(a: f64, x: f64) -> (f64, f64) {
    const C0: [f64; 8] = [
        -1.0 / 3.0,
        1.0 / 12.0,
        -2.0 / 135.0,
        1.0 / 864.0,
        1.0 / 2835.0,
        -139.0 / 777_600.0,
        1.0 / 25_515.0,
        -571.0 / 261_273_600.0,
    ];
    const C1: [f64; 4] = [-1.0 / 540.0, -1.0 / 288.0, 1.0 / 378.0, -77.0 / 77_760.0];
    let half_eta_squared = deviance(a, x) / a;
    let eta = (2.0 * half_eta_squared.max(0.0)).sqrt() * if x < a { -1.0 } else { 1.0 };
    if eta.abs() > 0.5 {
        return if x < a { (0.0, 1.0) } else { (1.0, 0.0) };
    }
    let z = eta * a.sqrt();
    let rest = libm::exp(-a * half_eta_squared) / (SQRT_2PI * a.sqrt())
        * (polynomial(&C0, eta) + polynomial(&C1, eta) / a);
    // DLMF 8.12.3 and 8.12.4 with the sign of S turned into that of these coefficients.
    let p = (normal_cdf(z) - rest).clamp(0.0, 1.0);
    let q = (normal_cdf(-z) + rest).clamp(0.0, 1.0);
    (p, q)
}

/// The regularised incomplete beta function `(I_x(a, b), 1 - I_x(a, b))`, where `y = 1 - x`.
///
/// Lentz's continued fraction (DLMF 8.17.22) on the side where it converges fast.
pub(super) fn beta_tails(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    let weight = beta_weight(a, b, x, y);
    if x < (a + 1.0) / (a + b + 2.0) {
        let p = (weight * beta_fraction(a, b, x) / a).min(1.0);
        (p, 1.0 - p)
    } else {
        let q = (weight * beta_fraction(b, a, y) / b).min(1.0);
        (1.0 - q, q)
    }
}

/// `x^a y^b / B(a, b)`.
pub(super) fn beta_weight(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let ln_inverse_beta = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
    libm::exp(ln_inverse_beta + a * libm::log(x) + b * libm::log(y))
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let keep = |value: f64| if value.abs() < tiny { tiny } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    let mut m = 0.0;
    while m < 100_000.0 {
        m += 1.0;
        let even = m * (b - m) * x / ((a - 1.0 + 2.0 * m) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 1.0 + 2.0 * m));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        let change = d * c;
        h *= change;
        if (change - 1.0).abs() <= 2.0 * f64::EPSILON {
            break;
        }
    }
    h
}

/// `Γ(x)` for `x > 0`.
pub(super) fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}

/// Finds the root of an increasing function between `low` and `high` by Newton's method kept inside a shrinking
/// bracket. `error` gives the function and its slope; with `log`, steps are taken in `ln x` (both ends > 0).
pub(super) fn solve(
    mut low: f64,
    mut high: f64,
    start: f64,
    log: bool,
    error: impl Fn(f64) -> (f64, f64),
) -> f64 {
    let mut x = if start > low && start < high {
        start
    } else {
        middle(low, high, log)
    };
    for step in 0..400 {
        let (off, slope) = error(x);
        if off == 0.0 {
            return x;
        }
        if off < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = if log {
            x * libm::exp(-off / (slope * x))
        } else {
            x - off / slope
        };
        if (newton - x).abs() <= 1e-15 * x.abs() && off.abs() <= 1e-12 {
            return newton.clamp(low, high);
        }
        // A Newton step that keeps missing gives way to bisection.
        let creeping = step % 4 == 3 && off.abs() > 0.1;
        x = if newton > low && newton < high && !creeping {
            newton
        } else {
            middle(low, high, log)
        };
        if x <= low || x >= high {
            break;
        }
    }
    high
}

fn middle(low: f64, high: f64, log: bool) -> f64 {
    if log && low > 0.0 {
        low.sqrt() * high.sqrt()
    } else {
        low + 0.5 * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64, relative: f64) {
        assert!(
            (found - wanted).abs() <= relative * wanted.abs(),
            "found {found:e}, wanted {wanted:e}"
        );
    }

    #[test]
    fn the_normal_quantile_undoes_the_normal_cdf_far_into_both_tails() {
        for p in [
            1e-300,
            1e-100,
            1e-20,
            2f64.powi(-33),
            1e-9,
            1e-3,
            0.05,
            0.074,
            0.076,
            0.3,
            0.5,
        ] {
            let z = normal_quantile(p, 1.0 - p);
            close(normal_cdf(z), p, 1e-12);
            assert_eq!(normal_quantile(1.0 - p, p), -z);
        }
        close(normal_quantile(0.95, 0.05), 1.644_853_626_951_472_2, 1e-15);
    }

    #[test]
    fn the_incomplete_gamma_agrees_with_another_implementation() {
        close(gamma(0.5) * gamma(0.5), std::f64::consts::PI, 1e-15);
        for a in [0.05, 0.5, 1.0, 2.7777, 30.0, 400.0] {
            for factor in [1e-6, 0.1, 0.7, 1.0, 1.3, 2.0] {
                let (p, q) = gamma_tails(a, a * factor);
                close(p, statrs::function::gamma::gamma_lr(a, a * factor), 1e-10);
                let other = statrs::function::gamma::gamma_ur(a, a * factor);
                assert!((q - other).abs() < 1e-10 * other + 1e-14);
            }
        }
    }

    #[test]
    fn the_expansion_for_large_shapes_joins_the_series() {
        let a = 99_999.999_999_f64;
        for z in [-6.0, -3.0, -0.5, 0.0, 0.5, 3.0, 6.0] {
            let x = a + z * a.sqrt();
            let (p, q) = gamma_tails(a, x);
            let (large_p, large_q) = gamma_tails_large(a, x);
            close(large_p, p, 1e-9);
            close(large_q, q, 1e-9);
        }
    }

    #[test]
    fn the_incomplete_beta_agrees_with_another_implementation() {
        for (a, b) in [
            (0.3, 0.4),
            (1.0, 3.0),
            (2.0, 5.0),
            (40.0, 3.0),
            (900.0, 1100.0),
        ] {
            for x in [1e-6, 0.1, 0.45, 0.5, 0.9, 0.999] {
                let (p, q) = beta_tails(a, b, x, 1.0 - x);
                let other = statrs::function::beta::beta_reg(a, b, x);
                assert!((p - other).abs() < 1e-9 * other + 1e-14, "{a} {b} {x}");
                assert!((p + q - 1.0).abs() < 1e-14);
            }
        }
    }
}
