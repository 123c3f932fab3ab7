//! What a draw costs, and what compiling a law costs. Run alone: `cargo bench --bench sampler`.

use divan::{Bencher, black_box};
use gonogo::quantity::{Law, Quantity, Sampler, Shape};

fn main() {
    divan::main();
}

const DRAWS: u32 = 10_000;

fn law(shape: Shape) -> Law {
    Quantity::of(shape)
        .law(&mut |_| 0.0)
        .expect("valid parameters")
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "parameters are boxed where they are held"
)]
fn exact(number: f64) -> Box<Quantity> {
    Box::new(Quantity::exact(number))
}

fn lognormal() -> Law {
    law(Shape::LognormalMeanCv {
        mean: exact(400.0),
        cv: exact(0.6),
    })
}

fn mixture() -> Law {
    let part = |p50, p95| {
        Quantity::of(Shape::Quantiles {
            low: (0.5, exact(p50)),
            high: (0.95, exact(p95)),
        })
    };
    law(Shape::Mix(vec![
        (Quantity::exact(0.98), part(0.6, 1.1)),
        (Quantity::exact(0.02), part(4.0, 12.0)),
    ]))
}

/// Scattered words at the price of one multiplication.
fn draws(bencher: Bencher, law: &Law) {
    let sampler = Sampler::compile(law);
    bencher.counter(DRAWS).bench_local(|| {
        let sampler = black_box(&sampler);
        let mut word: u32 = 1;
        let mut sum = 0.0;
        for _ in 0..DRAWS {
            word = word.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            sum += sampler.draw(word);
        }
        sum
    });
}

#[divan::bench]
fn draw_lognormal(bencher: Bencher) {
    draws(bencher, &lognormal());
}

#[divan::bench]
fn draw_mixture(bencher: Bencher) {
    draws(bencher, &mixture());
}

#[divan::bench]
fn draw_geometric(bencher: Bencher) {
    draws(bencher, &law(Shape::Geometric { mean: exact(3.0) }));
}

#[divan::bench]
fn draw_constant(bencher: Bencher) {
    draws(bencher, &Law::constant(700.0));
}

#[divan::bench]
fn compile_lognormal(bencher: Bencher) {
    let law = lognormal();
    bencher.bench_local(|| Sampler::compile(black_box(&law)));
}

#[divan::bench]
fn compile_mixture(bencher: Bencher) {
    let law = mixture();
    bencher.bench_local(|| Sampler::compile(black_box(&law)));
}

#[divan::bench]
fn compile_gamma(bencher: Bencher) {
    let law = law(Shape::GammaMeanCv {
        mean: exact(400.0),
        cv: exact(0.6),
    });
    bencher.bench_local(|| Sampler::compile(black_box(&law)));
}
