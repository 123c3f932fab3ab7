use sha2::{Digest as _, Sha256};

use crate::quantity::{Quantity, Shape};
use crate::scenario::reader::hex;

use super::Form;
use super::text::string;

/// A quantity as it would be written; for the digest, a column of a file is replaced by what is in it.
pub(super) fn quantity(written: &Quantity, form: Form) -> String {
    let mut text = written.to_string();
    if form == Form::Digest {
        contents(written, &mut text);
    }
    text
}

fn contents(written: &Quantity, text: &mut String) {
    match &written.shape {
        Shape::Empirical {
            sorted,
            from: Some(from),
        } => {
            let mut hash = Sha256::new();
            for number in sorted {
                hash.update(number.to_le_bytes());
            }
            let named = format!(
                "file = {}, column = {}",
                string(&from.file),
                string(&from.column)
            );
            *text = text.replace(&named, &format!("samples = {}", hex(&hash.finalize())));
        }
        Shape::Mix(parts) => parts.iter().for_each(|(_, part)| contents(part, text)),
        shape => shape
            .parameters()
            .into_iter()
            .for_each(|parameter| contents(parameter, text)),
    }
}
