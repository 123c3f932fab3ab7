//! Least squares with a few unknowns: normal equations, weighted, refined by Huber's weights so that a few odd rows do
//! not bend the answer (Huber 1964; iteratively reweighted).

/// Equations `row · x = right`.
#[derive(Debug, Clone, Default)]
pub(super) struct Equations {
    rows: Vec<(Vec<f64>, f64, f64)>,
}

impl Equations {
    /// Adds one; the weight is 1/variance of the right side.
    pub(super) fn add(&mut self, row: Vec<f64>, right: f64, weight: f64) {
        if weight > 0.0 && right.is_finite() && row.iter().all(|it| it.is_finite()) {
            self.rows.push((row, right, weight));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The solution; `None` if the equations do not determine it.
    pub(super) fn solve(&self) -> Option<Vec<f64>> {
        let mut factors = vec![1.0; self.rows.len()];
        let mut x = self.weighted(&factors)?;
        for _ in 0..8 {
            for (factor, (row, right, weight)) in factors.iter_mut().zip(&self.rows) {
                let miss = (dot(row, &x) - right).abs() * weight.sqrt();
                *factor = if miss > 2.0 { 2.0 / miss } else { 1.0 };
            }
            x = self.weighted(&factors)?;
        }
        Some(x)
    }

    fn weighted(&self, factors: &[f64]) -> Option<Vec<f64>> {
        let count = self.rows.first()?.0.len();
        let mut matrix = vec![vec![0.0; count + 1]; count];
        for ((row, right, weight), factor) in self.rows.iter().zip(factors) {
            for (line, a) in matrix.iter_mut().zip(row) {
                let scaled = a * weight * factor;
                for (place, b) in line.iter_mut().zip(row.iter().chain([right])) {
                    *place += scaled * b;
                }
            }
        }
        eliminate(matrix)
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Gauss's elimination with partial pivoting; the last column is the right side.
fn eliminate(mut matrix: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let count = matrix.len();
    for column in 0..count {
        let size = |row: &Vec<f64>| row.get(column).copied().unwrap_or(0.0).abs();
        let pivot = (column..count).max_by(|a, b| {
            let at = |index: usize| matrix.get(index).map_or(0.0, size);
            at(*a).total_cmp(&at(*b))
        })?;
        matrix.swap(column, pivot);
        let top = matrix.get(column)?.clone();
        let head = *top.get(column)?;
        if head.abs() < 1e-300 {
            return None;
        }
        for (index, row) in matrix.iter_mut().enumerate() {
            if index == column {
                continue;
            }
            let factor = row.get(column)? / head;
            for (place, above) in row.iter_mut().zip(&top) {
                *place -= factor * above;
            }
        }
    }
    matrix
        .iter()
        .enumerate()
        .map(|(index, row)| Some(row.get(count)? / row.get(index)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_through_noise_and_one_absurd_point() {
        let mut equations = Equations::default();
        for x in 0..50 {
            let x = f64::from(x);
            let noise = if x % 2.0 == 0.0 { 0.01 } else { -0.01 };
            equations.add(vec![1.0, x], 3.0 + 0.5 * x + noise, 1e4);
        }
        equations.add(vec![1.0, 25.0], 1e3, 1e4);
        let found = equations.solve().unwrap();
        assert!(
            (found[0] - 3.0).abs() < 0.02 && (found[1] - 0.5).abs() < 0.002,
            "{found:?}"
        );
    }

    #[test]
    fn what_is_not_determined_is_none() {
        let mut equations = Equations::default();
        equations.add(vec![1.0, 1.0], 2.0, 1.0);
        assert_eq!(equations.solve(), None);
    }
}
