//! One flat record of JSON, its leaves put where their names say while it is parsed.

use std::fmt;
use std::io::Write as _;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::{FOLDERS, keep};
use super::keep::{Cells, Keeper};

/// What a line turned out to be.
pub(super) enum Found {
    /// A record: its cells are filled.
    Record,
    /// It holds lists of objects.
    Nested,
    /// It is not JSON.
    Broken,
}

/// Reads a line as one record.
pub(super) fn flat(text: &[u8], cells: &mut Cells, keeper: &mut Keeper) -> Found {
    let mut nested = text.first() != Some(&b'{');
    if nested {
        return Found::Nested;
    }
    let mut path = String::new();
    let mut parser = serde_json::Deserializer::from_slice(text);
    let leaf = Leaf {
        path: &mut path,
        cells,
        keeper,
        nested: &mut nested,
    };
    match leaf.deserialize(&mut parser).and_then(|()| parser.end()) {
        Ok(()) => Found::Record,
        Err(_) if nested => Found::Nested,
        Err(_) => Found::Broken,
    }
}

/// A value and the names on the way to it.
struct Leaf<'a, 'k> {
    path: &'a mut String,
    cells: &'a mut Cells,
    keeper: &'a mut Keeper<'k>,
    nested: &'a mut bool,
}

impl Leaf<'_, '_> {
    fn put(self, text: impl FnOnce() -> Vec<u8>) {
        if let Some(use_) = self.keeper.use_of(self.path) {
            keep(self.path, use_, text(), self.cells, self.keeper);
        }
    }

    fn number(self, number: impl fmt::Display) {
        self.put(|| {
            let mut text = Vec::with_capacity(24);
            // Writing into memory does not fail.
            let _ = write!(text, "{number}");
            text
        });
    }
}

impl<'de> DeserializeSeed<'de> for Leaf<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Leaf<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, it: bool) -> Result<(), E> {
        self.number(it);
        Ok(())
    }

    fn visit_u64<E>(self, it: u64) -> Result<(), E> {
        self.number(it);
        Ok(())
    }

    fn visit_i64<E>(self, it: i64) -> Result<(), E> {
        self.number(it);
        Ok(())
    }

    fn visit_f64<E>(self, it: f64) -> Result<(), E> {
        self.number(it);
        Ok(())
    }

    fn visit_str<E>(self, it: &str) -> Result<(), E> {
        self.put(|| it.as_bytes().to_vec());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let key = self.path.rsplit('.').next().unwrap_or_default();
        let folder = key == "attributes" || FOLDERS.contains(&key);
        if !folder && self.keeper.use_of(self.path).is_none() {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        let mut text = Vec::new();
        while list
            .next_element_seed(Item {
                text: &mut text,
                folder,
                nested: self.nested,
            })?
            .is_some()
        {}
        self.put(|| text);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let length = self.path.len();
        while map
            .next_key_seed(Name {
                path: self.path,
                inner: length > 0,
            })?
            .is_some()
        {
            map.next_value_seed(Leaf {
                path: self.path,
                cells: self.cells,
                keeper: self.keeper,
                nested: self.nested,
            })?;
            self.path.truncate(length);
        }
        Ok(())
    }
}

/// Appends a key to the path.
struct Name<'a> {
    path: &'a mut String,
    inner: bool,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        if self.inner {
            self.path.push('.');
        }
        self.path.push_str(key);
        Ok(())
    }
}

/// An item of a list: its text, with a blank between two.
struct Item<'a> {
    text: &'a mut Vec<u8>,
    /// The list's name is one under which records lie.
    folder: bool,
    nested: &'a mut bool,
}

impl Item<'_> {
    fn put(self, it: impl fmt::Display) {
        if !self.text.is_empty() {
            self.text.push(b' ');
        }
        // Writing into memory does not fail.
        let _ = write!(self.text, "{it}");
    }
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put("null");
        Ok(())
    }

    fn visit_bool<E>(self, it: bool) -> Result<(), E> {
        self.put(it);
        Ok(())
    }

    fn visit_u64<E>(self, it: u64) -> Result<(), E> {
        self.put(it);
        Ok(())
    }

    fn visit_i64<E>(self, it: i64) -> Result<(), E> {
        self.put(it);
        Ok(())
    }

    fn visit_f64<E>(self, it: f64) -> Result<(), E> {
        self.put(it);
        Ok(())
    }

    fn visit_str<E>(self, it: &str) -> Result<(), E> {
        self.put(it);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.folder {
            *self.nested = true;
            return Err(A::Error::custom("records in a list"));
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
