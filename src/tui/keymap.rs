//! Which key does what: the table's keys, changed by the configuration file.

use std::collections::HashMap;

use super::action::{ACTIONS, Action, Context};
use super::key::Key;

/// Keys by context.
#[derive(Debug, Clone)]
pub struct Keymap {
    by_key: HashMap<(Context, Key), Action>,
    shown: HashMap<Action, Vec<Key>>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut map = Self {
            by_key: HashMap::new(),
            shown: HashMap::new(),
        };
        for spec in ACTIONS {
            let keys = spec.keys.split(' ').filter_map(|key| key.parse().ok());
            map.bind(spec.context, spec.action, keys.collect());
        }
        map
    }
}

impl Keymap {
    /// Gives an action these keys instead of those it has.
    ///
    /// # Errors
    /// There is no such action, or a key cannot be read.
    pub fn change(&mut self, name: &str, keys: &[String]) -> Result<(), String> {
        let spec = ACTIONS
            .iter()
            .find(|spec| spec.name == name)
            .ok_or_else(|| {
                let near = crate::reading::nearest(name, ACTIONS.iter().map(|spec| spec.name))
                    .map(|near| format!("; did you mean `{near}`?"));
                format!("there is no action `{name}`{}", near.unwrap_or_default())
            })?;
        let keys = keys
            .iter()
            .map(|key| key.parse())
            .collect::<Result<Vec<Key>, _>>()?;
        self.by_key.retain(|_, action| *action != spec.action);
        self.bind(spec.context, spec.action, keys);
        Ok(())
    }

    fn bind(&mut self, context: Context, action: Action, keys: Vec<Key>) {
        for key in &keys {
            self.by_key.insert((context, *key), action);
        }
        self.shown.insert(action, keys);
    }

    /// What a key does, asked from the innermost context out.
    #[must_use]
    pub fn find(&self, contexts: &[Context], key: Key) -> Option<Action> {
        contexts
            .iter()
            .find_map(|context| self.by_key.get(&(*context, key)).copied())
    }

    /// All keys of an action.
    #[must_use]
    pub fn keys(&self, action: Action) -> &[Key] {
        self.shown.get(&action).map_or(&[], Vec::as_slice)
    }

    /// A text with the keys of the actions that it names in braces: `{save} saves` becomes "ctrl-s saves". Other braces stay.
    #[must_use]
    pub fn words(&self, text: &str) -> String {
        let mut words = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once('{') {
            words.push_str(before);
            let named = inside.split_once('}').and_then(|(name, after)| {
                let spec = ACTIONS.iter().find(|spec| spec.name == name)?;
                Some((spec.action, after))
            });
            if let Some((action, after)) = named {
                words.push_str(&self.key(action));
                rest = after;
            } else {
                words.push('{');
                rest = inside;
            }
        }
        words + rest
    }

    /// The key to show for an action; empty if it has none.
    #[must_use]
    pub fn key(&self, action: Action) -> String {
        self.keys(action)
            .first()
            .map(Key::to_string)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tabs::TabId;

    #[test]
    fn words_name_the_keys_that_work_now() {
        let mut keymap = Keymap::default();
        keymap.change("save", &["f12".to_owned()]).unwrap();
        assert_eq!(
            keymap.words("{save} saves { a = 1 } and {nothing}"),
            "f12 saves { a = 1 } and {nothing}"
        );
        for tab in TabId::ALL {
            let words = keymap.words(tab.about());
            assert!(!words.contains('{'), "{words}");
        }
    }

    #[test]
    fn every_key_of_the_table_is_one_and_no_context_gives_a_key_twice() {
        let mut seen = HashMap::new();
        for spec in ACTIONS {
            for text in spec.keys.split(' ').filter(|text| !text.is_empty()) {
                let key: Key = text.parse().unwrap();
                let before = seen.insert((spec.context, key), spec.name);
                assert_eq!(
                    before, None,
                    "{text} in {:?} and {}",
                    spec.context, spec.name
                );
            }
        }
    }

    #[test]
    fn a_changed_key_replaces_the_old_ones() {
        let mut map = Keymap::default();
        map.change("quit", &["ctrl-x".to_owned()]).unwrap();
        let find = |text: &str| map.find(&[Context::Global], text.parse().unwrap());
        assert_eq!(find("q"), None);
        assert_eq!(find("ctrl-x"), Some(Action::Quit));
        assert_eq!(
            map.clone().change("quitt", &[]).unwrap_err(),
            "there is no action `quitt`; did you mean `quit`?"
        );
    }
}
