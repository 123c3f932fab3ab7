use std::path::Path;
use std::sync::Arc;

use crate::reading::{self, Problem, Problems, Source, Table};

use super::reader::Reader;
use super::types::Scenario;
use super::{canonical, effort, read};

impl Scenario {
    /// Reads a scenario. File names in it are relative to `folder`; without one (an embedded scenario), naming a file
    /// is a problem.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the scenario keeps the source"
    )]
    pub fn parse(source: Arc<Source>, folder: Option<&Path>) -> Result<Self, Problems> {
        let document = reading::parse(&source)?;
        let mut root = Table::root(&document);
        let mut reader = Reader::new(folder);
        let scenario = whole(&mut root, &source, &mut reader);
        root.finish("a scenario", &mut reader.walk);
        let walk = reader.walk;
        match scenario {
            Some(mut scenario) if walk.problems.is_empty() => {
                if let Some(problem) = effort::refuse(&scenario, &walk.places) {
                    return Err(Problems::new(&source, vec![problem]));
                }
                scenario.places = walk.places;
                scenario.folder = folder.map(Path::to_path_buf);
                scenario.digest = canonical::digest(&scenario);
                Ok(scenario)
            }
            _ => Err(Problems::new(&source, walk.problems)),
        }
    }

    /// Reads a scenario file; file names in it are relative to its folder.
    ///
    /// # Errors
    /// Why the file cannot be read, or everything that is wrong with it.
    pub fn load(path: &Path) -> Result<Self, Problems> {
        let source = reading::open(path)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        Self::parse(source, Some(folder))
    }
}

/// Order matters: what others refer to comes before them, and paths are checked when all places are known.
fn whole(
    root: &mut Table<'_, '_>,
    source: &Arc<Source>,
    reader: &mut Reader<'_>,
) -> Option<Scenario> {
    let _version = reader.integer(root, "schema");
    let name = reader
        .optional_text(root, "name")
        .unwrap_or_else(|| name_of_file(&source.name));
    let study = read::study(root, reader);
    let budget = read::budget(root, reader);
    let currency = read::currency(root, reader);
    let slo = read::slo(root, reader);
    let workload = read::workload(root, reader);
    let models = read::models(root, reader);
    let providers = read::providers(root, &models, reader);
    let strategies = read::strategies(root, reader);
    let evals = read::evals(root, reader);
    let audit = read::audit(root, reader);
    let fixed = read::fixed(root, reader);
    let drills = read::drills(root, reader);
    let sources = read::sources(root, reader);
    let optimize = read::optimize(root, reader);
    if models.is_empty() && reader.walk.problems.is_empty() {
        reader.say(
            Problem::new(0..0, "there are no models").help("add a table [models.NAME] for each"),
        );
    }
    Some(Scenario {
        source: Arc::clone(source),
        folder: None,
        places: std::collections::BTreeMap::new(),
        digest: String::new(),
        name,
        study,
        budget,
        currency,
        slo,
        workload: workload?,
        models,
        providers,
        strategies,
        evals,
        audit,
        fixed,
        sources,
        optimize,
        drills,
    })
}

/// `support-chatbot` of `scenarios/support-chatbot.toml`.
fn name_of_file(name: &str) -> String {
    Path::new(name).file_stem().map_or_else(
        || name.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{Reader, Source, Table, whole};
    use crate::reading;
    use crate::scenario::fields;

    /// The patterns that reading a file asks for.
    fn asked(file: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scenarios");
        let source = Source::new(file, std::fs::read_to_string(folder.join(file)).unwrap());
        let document = reading::parse(&source).unwrap();
        let mut reader = Reader::new(Some(&folder));
        whole(&mut Table::root(&document), &source, &mut reader);
        assert_eq!(reader.walk.problems, []);
        reader.walk.asked
    }

    #[test]
    fn what_is_read_and_what_is_documented_are_the_same() {
        let read: BTreeSet<String> = ["every-field.toml", "replay.toml"]
            .into_iter()
            .flat_map(asked)
            .collect();
        let documented: BTreeSet<String> =
            fields::all().map(|field| field.path.to_owned()).collect();
        // Entries of plain lists are described, but not looked up by name.
        let entry = |path: &&String| {
            let home = path.strip_suffix(".*").and_then(fields::get);
            home.is_some_and(|home| {
                matches!(home.kind, fields::Kind::List | fields::Kind::Choice(_))
            })
        };
        let undocumented: Vec<_> = read.difference(&documented).collect();
        let unread: Vec<_> = documented
            .difference(&read)
            .filter(|path| !entry(path))
            .collect();
        assert!(
            undocumented.is_empty(),
            "read, but not in the table of fields: {undocumented:?}"
        );
        assert!(
            unread.is_empty(),
            "in the table of fields, but never read: {unread:?}"
        );
    }

    #[test]
    fn every_example_in_the_table_is_one_that_its_field_takes() {
        for field in fields::all().filter(|field| !field.example.is_empty()) {
            let text = format!("x = {}", field.example);
            let table: Result<toml::Table, _> = text.parse();
            assert!(table.is_ok(), "{}: {text}", field.path);
        }
    }
}
