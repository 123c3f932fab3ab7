//! Closed forms and numerical references, each with its source, and each checked here against independent values.

use statrs::function::beta::beta_reg;

use super::law::Law;

/// Erlang's loss formula: the chance that an arrival finds all `servers` busy, at `offered` erlangs (Erlang 1917), by
/// the usual stable recursion. Insensitive to the service law (Sevastyanov 1957).
pub fn erlang_b(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, n| {
        offered * blocked / (f64::from(n) + offered * blocked)
    })
}

/// Erlang's delay formula: the chance that an arrival has to wait in M/M/c (Erlang 1917).
pub fn erlang_c(servers: u32, offered: f64) -> f64 {
    let blocked = erlang_b(servers, offered);
    let load = offered / f64::from(servers);
    blocked / (1.0 - load * (1.0 - blocked))
}

/// Mean wait in M/M/c, in units of `service`.
pub fn mmc_wait(servers: u32, offered: f64, service: f64) -> f64 {
    erlang_c(servers, offered) * service / (f64::from(servers) - offered)
}

/// P(time in system ≤ t) in M/M/c: a wait (exponential with chance C, else none) and an independent service
/// (Kleinrock, Queueing Systems I, 1975, §3.5).
pub fn mmc_sojourn_cdf(servers: u32, offered: f64, service: f64, t: f64) -> f64 {
    let waits = erlang_c(servers, offered);
    let (mu, theta) = (1.0 / service, (f64::from(servers) - offered) / service);
    let later = if (theta - mu).abs() < 1e-9 * mu {
        mu * t * (-mu * t).exp()
    } else {
        mu / (mu - theta) * ((-theta * t).exp() - (-mu * t).exp())
    };
    // P(W + S > t) = e^(-mu t) + C × (chance that the service ends before t, but wait and service do not).
    1.0 - (-mu * t).exp() - waits * later
}

/// Mean wait in M/G/1 (Pollaczek 1930, Khinchine 1932): λE[S²] / (2(1 − ρ)).
pub fn pollaczek_khinchine(rate: f64, service: &Law) -> f64 {
    rate * service.moment(2.0) / (2.0 * (1.0 - rate * service.mean()))
}

/// Chance that an arrival finds M/D/1 with room for `places` (the one in service included) full, at load `rho`, from
/// the chain embedded at departures (Gross and Harris, Fundamentals of Queueing Theory, §5.1.8).
pub fn md1k_loss(places: usize, rho: f64) -> f64 {
    // Numbers of arrivals during one service are Poisson; unnormalised probabilities follow one from the other.
    let arrivals =
        |k: usize| (0..k).fold((-rho).exp(), |chance, n| chance * rho / (n as f64 + 1.0));
    let mut left = vec![1.0];
    for state in 0..places - 1 {
        let inflow: f64 = (1..=state)
            .map(|from| left[from] * arrivals(state - from + 1))
            .sum();
        left.push((left[state] - left[0] * arrivals(state) - inflow) / arrivals(0));
    }
    let empty = left[0] / left.iter().sum::<f64>();
    // What is served is what is let in: (1 − P(empty in time)) = ρ(1 − loss), and P(empty) = π₀ / (π₀ + ρ).
    1.0 - 1.0 / (empty + rho)
}

/// Long-run share of bad times in an alternating renewal process (renewal-reward theorem; Ross, Stochastic Processes,
/// §3.4).
pub fn bad_share(mean_good: f64, mean_bad: f64) -> f64 {
    mean_bad / (mean_good + mean_bad)
}

/// Zipf's law over `count` ranks.
pub fn zipf(count: u32, exponent: f64) -> Vec<f64> {
    let weights: Vec<f64> = (1..=count)
        .map(|rank| f64::from(rank).powf(-exponent))
        .collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// Hit rate of a cache whose entries live `ttl` from when they were stored, by the renewal-reward theorem: a cycle of
/// question i is one miss and λᵢT hits (Jung, Berger, Balakrishnan 2003). Rates and `ttl` in one unit of time.
pub fn ttl_hit_rate(popularity: &[f64], rate: f64, ttl: f64) -> f64 {
    popularity
        .iter()
        .map(|share| share * (share * rate * ttl) / (1.0 + share * rate * ttl))
        .sum()
}

/// Che's approximation for least recently used (Che, Tung, Wang 2002): items stay for a characteristic time t with
/// Σ(1 − e^(−pᵢt)) = capacity; one-time questions of share `unique` take room and never hit.
pub fn che_hit_rate(popularity: &[f64], unique: f64, capacity: f64) -> f64 {
    let repeated = 1.0 - unique;
    let filled = |t: f64| {
        unique * t
            + popularity
                .iter()
                .map(|share| 1.0 - (-repeated * share * t).exp())
                .sum::<f64>()
    };
    let (mut low, mut high) = (0.0, 1.0);
    while filled(high) < capacity {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if filled(middle) < capacity {
            low = middle;
        } else {
            high = middle;
        }
    }
    repeated
        * popularity
            .iter()
            .map(|share| share * (1.0 - (-repeated * share * low).exp()))
            .sum::<f64>()
}

/// Share of prompts that find a shared prefix warm under Poisson arrivals with rate × time to live `x`: with use
/// renewing it, the last arrival must be younger than T; without, a cycle is one miss and λT hits.
pub fn warm_share(x: f64, refresh: bool) -> f64 {
    if refresh {
        1.0 - (-x).exp()
    } else {
        x / (1.0 + x)
    }
}

/// Mean number in a processor-sharing system in which n jobs together progress at `speed(n)` times the speed of one
/// alone, truncated at `places`, and its chance of being full: insensitive to the law of the work (Kelly,
/// Reversibility and Stochastic Networks, 1979, §3.3). `offered` is arrival rate × mean work.
pub fn sharing(offered: f64, places: Option<u32>, speed: impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut weight, mut sum, mut number) = (1.0, 1.0, 0.0);
    let most = places.unwrap_or(1_000_000);
    let mut n = 0;
    while n < most {
        n += 1;
        weight *= offered / speed(f64::from(n));
        sum += weight;
        number += f64::from(n) * weight;
        if weight < 1e-18 * sum {
            break;
        }
    }
    (number / sum, weight / sum)
}

/// P(F + X·Y ≤ t) by numerical convolution: X and Y over a grid of midpoints in probability, F by its distribution
/// function.
pub fn sum_and_product_cdf(f: &Law, x: &Law, y: &Law, t: f64) -> f64 {
    let grid = |law: &Law| -> Vec<f64> {
        let steps = if matches!(law, Law::Constant(_)) {
            1
        } else {
            600
        };
        (0..steps)
            .map(|k| law.quantile((f64::from(k) + 0.5) / f64::from(steps)))
            .collect()
    };
    let (x, y) = (grid(x), grid(y));
    let sum: f64 = x
        .iter()
        .flat_map(|x| y.iter().map(move |y| x * y))
        .map(|product| f.cdf(t - product))
        .sum();
    sum / (x.len() * y.len()) as f64
}

/// The number that a Student variable with so many degrees of freedom exceeds with the chance that a standard normal
/// exceeds `sigmas`.
pub fn student(sigmas: f64, freedom: f64) -> f64 {
    let tail = 0.5 * libm::erfc(sigmas / std::f64::consts::SQRT_2);
    let exceeds = |t: f64| 0.5 * beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t));
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if exceeds(middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

fn near(got: f64, expected: f64, relative: f64) {
    assert!(
        (got / expected - 1.0).abs() < relative,
        "{got} for {expected}"
    );
}

#[test]
fn erlangs_formulas_agree_with_printed_traffic_tables() {
    // Offered traffic at 1% and 5% blocking, from the tables that every telephone engineer had.
    for (servers, offered, blocked) in [
        (5, 1.361, 0.01),
        (10, 4.461, 0.01),
        (20, 12.03, 0.01),
        (10, 6.216, 0.05),
        (1, 0.0526, 0.05),
    ] {
        near(erlang_b(servers, offered), blocked, 2e-3);
    }
    // With one server the chance to wait is the load.
    near(erlang_c(1, 0.7), 0.7, 1e-12);
    // Two servers: 2ρ²/(1 + ρ) with ρ = a/2 (Kleinrock I, §3.5).
    near(erlang_c(2, 1.5), 2.0 * 0.75 * 0.75 / 1.75, 1e-12);
    // One server: the time in system is exponential with rate μ − λ.
    near(
        mmc_sojourn_cdf(1, 0.8, 2.0, 9.0),
        1.0 - (-0.1_f64 * 9.0).exp(),
        1e-9,
    );
    // The mean of the distribution is the mean wait and one service.
    let mean: f64 = (0..400_000)
        .map(|k| (1.0 - mmc_sojourn_cdf(4, 3.2, 1.0, (f64::from(k) + 0.5) * 1e-3)) * 1e-3)
        .sum();
    near(mean, 1.0 + mmc_wait(4, 3.2, 1.0), 1e-6);
}

#[test]
fn single_server_formulas_agree_with_each_other_and_with_their_limits() {
    near(
        pollaczek_khinchine(0.8, &Law::Exponential(1.0)),
        mmc_wait(1, 0.8, 1.0),
        1e-12,
    );
    near(
        pollaczek_khinchine(0.8, &Law::Constant(1.0)),
        0.5 * mmc_wait(1, 0.8, 1.0),
        1e-12,
    );
    // One place: Erlang's loss, whatever the law. Two: e^(−ρ) has a hand-made solution, π₀ = e^(−ρ).
    near(md1k_loss(1, 0.7), erlang_b(1, 0.7), 1e-12);
    let empty = (-0.7_f64).exp();
    near(md1k_loss(2, 0.7), 1.0 - 1.0 / (empty + 0.7), 1e-12);
    near(md1k_loss(40, 1.3), 1.0 - 1.0 / 1.3, 1e-3);
}

#[test]
fn cache_formulas_agree_with_a_cache() {
    // A plain list as a least recently used cache, fed by a linear congruential generator (Knuth's MMIX constants).
    let popularity = zipf(300, 0.9);
    let (mut state, mut cache, mut hits) = (7_u64, Vec::<usize>::new(), 0_u32);
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let draws = 200_000;
    for _ in 0..draws {
        let mut point = uniform();
        let rank = popularity
            .iter()
            .position(|share| {
                point -= share;
                point < 0.0
            })
            .unwrap_or(299);
        if let Some(place) = cache.iter().position(|known| *known == rank) {
            hits += 1;
            cache.remove(place);
        } else if cache.len() == 50 {
            cache.remove(0);
        }
        cache.push(rank);
    }
    near(
        f64::from(hits) / f64::from(draws),
        che_hit_rate(&popularity, 0.0, 50.0),
        0.01,
    );
    // Room for everything: every repeat hits.
    near(che_hit_rate(&popularity, 0.0, 299.999), 1.0, 1e-3);
    // One question only: a cycle is one miss and λT hits.
    near(ttl_hit_rate(&[1.0], 2.0, 3.0), 6.0 / 7.0, 1e-12);
}

#[test]
fn sharing_agrees_with_its_special_cases() {
    // One processor shared by all: ρ/(1 − ρ), as in M/M/1.
    near(sharing(0.8, None, |_| 1.0).0, 4.0, 1e-9);
    // Each job alone: Poisson, and with a bound Erlang's loss.
    near(sharing(3.0, None, |n| n).0, 3.0, 1e-9);
    near(sharing(3.0, Some(5), |n| n).1, erlang_b(5, 3.0), 1e-12);
}

#[test]
fn students_quantiles_agree_with_printed_tables() {
    // A normal exceeds 1.959964 with chance 0.025 and 3.290527 with 0.0005.
    near(student(1.959_964, 10.0), 2.228, 2e-4);
    near(student(3.290_527, 30.0), 3.646, 2e-4);
    near(student(4.5, 1e7), 4.5, 1e-4);
}

#[test]
fn numerical_convolution_agrees_with_exact_sums() {
    // A sum of two exponentials with the same mean is a gamma with shape 2.
    let both = sum_and_product_cdf(
        &Law::Exponential(1.0),
        &Law::Exponential(1.0),
        &Law::Constant(1.0),
        2.5,
    );
    near(
        both,
        Law::Gamma {
            mean: 2.0,
            cv: 0.5_f64.sqrt(),
        }
        .cdf(2.5),
        1e-4,
    );
    // A product of two log-normals is one: its logarithm's variances add.
    let (x, y) = (
        Law::Lognormal {
            p50: 100.0,
            p95: 300.0,
        },
        Law::Lognormal {
            p50: 0.02,
            p95: 0.05,
        },
    );
    let sigma = (3.0_f64.ln().powi(2) + 2.5_f64.ln().powi(2)).sqrt();
    let exact = Law::Lognormal {
        p50: 2.0,
        p95: 2.0 * sigma.exp(),
    };
    for t in [0.5, 2.0, 5.0, 9.0] {
        let product = sum_and_product_cdf(
            &Law::Gamma {
                mean: 1e-9,
                cv: 0.1,
            },
            &x,
            &y,
            t,
        );
        assert!(
            (product - exact.cdf(t)).abs() < 2e-4,
            "{product} for {}",
            exact.cdf(t)
        );
    }
}
