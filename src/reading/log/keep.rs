//! From cells to rows: which column is which field, what a cell means, and what is left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::hash::{BuildHasherDefault, Hasher};

use super::fields::{PRESETS, unit_s};
use super::{Broken, Ended, Field, Found, Hints, Log, NONE, Preset, Row, seconds};

/// Fields in a row of cells.
pub(super) const FIELDS: usize = 20;

/// Lines that are shown for each kind of broken row.
const LINES_SHOWN: usize = 5;

/// Names of models, classes and runs that are kept; a column with more of them is not what it was taken for.
const MOST_NAMES: usize = 10_000;

/// A row's cells by field: how sure its column's name is (lower is surer), its unit, and the text.
pub(super) type Cells = [Option<Cell>; FIELDS];

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub(super) use_: Use,
    pub(super) text: Vec<u8>,
}

/// What a column is used for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Use {
    pub(super) field: Field,
    pub(super) rank: usize,
    pub(super) unit_s: Option<f64>,
    /// It is OpenTelemetry's status, in which 2 is an error.
    pub(super) otel_status: bool,
    /// It is the mean over the requests that a row stands for.
    pub(super) mean: bool,
}

/// Numbers for names, in the order in which they come up. Only hashes are kept.
#[derive(Default)]
struct Numbered(HashMap<u64, u32, BuildHasherDefault<Hashed>>);

impl Numbered {
    fn number(&mut self, name: &[u8]) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(NONE);
        *self.0.entry(hash(name)).or_insert(next)
    }
}

/// A key that is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// FNV-1a, 64 bits, with a final mix.
fn hash(bytes: &[u8]) -> u64 {
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (sum ^ (sum >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// Names that are kept as they are.
#[derive(Default)]
struct Names {
    places: HashMap<Vec<u8>, u32>,
    list: Vec<String>,
    /// Where the last name stands: neighbours are often alike.
    last: u32,
}

impl Names {
    fn place(&mut self, name: &[u8]) -> u32 {
        if self
            .list
            .get(self.last as usize)
            .is_some_and(|last| last.as_bytes() == name)
        {
            return self.last;
        }
        if let Some(place) = self.places.get(name) {
            self.last = *place;
            return *place;
        }
        if self.list.len() >= MOST_NAMES {
            return NONE;
        }
        let place = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.places.insert(name.to_vec(), place);
        self.list.push(String::from_utf8_lossy(name).into_owned());
        place
    }
}

/// Collects a log.
pub(super) struct Keeper<'a> {
    hints: &'a Hints,
    /// Column names and what they are used for; names that were met and mean nothing are remembered too.
    uses: HashMap<String, Option<Use>>,
    /// The same names in small letters with underscores, for logs that write them in another way.
    alike: HashMap<String, Use>,
    preset: Option<&'static Preset>,
    log: Log,
    models: Names,
    classes: Names,
    runs: Names,
    conversations: Numbered,
    users: Numbered,
    prompts: Numbered,
    ids: Numbered,
    blocks: Numbered,
    broken: BTreeMap<String, (u64, Vec<u64>)>,
    found: BTreeMap<Field, (usize, String)>,
    unused: BTreeSet<String>,
    file: String,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(hints: &'a Hints) -> Self {
        let mut keeper = Self {
            hints,
            uses: HashMap::new(),
            alike: HashMap::new(),
            preset: None,
            log: Log::default(),
            models: Names::default(),
            classes: Names::default(),
            runs: Names::default(),
            conversations: Numbered::default(),
            users: Numbered::default(),
            prompts: Numbered::default(),
            ids: Numbered::default(),
            blocks: Numbered::default(),
            broken: BTreeMap::new(),
            found: BTreeMap::new(),
            unused: BTreeSet::new(),
            file: String::new(),
        };
        keeper.know(hints.preset);
        keeper
    }

    /// Sets what column names mean: those of the caller, of the export, of everybody.
    fn know(&mut self, preset: Option<&'static Preset>) {
        self.preset = preset;
        self.uses.clear();
        self.alike.clear();
        let mapped = |field: Field| self.hints.map.iter().any(|(known, _)| *known == field);
        for field in Field::all().filter(|field| !mapped(*field)) {
            let own = preset.map_or(&[][..], |preset| preset.columns);
            for (rank, name) in field.known().iter().enumerate() {
                let taken = own.iter().any(|(_, own, _)| own == name);
                let dropped = own
                    .iter()
                    .any(|(own, name, _)| *own == field && name.is_empty());
                if !taken && !dropped {
                    let it = used(field, rank + 1, unit_s(name), name);
                    self.alike.entry(alike(name)).or_insert(it);
                    self.uses.entry((*name).to_owned()).or_insert(Some(it));
                }
            }
            for (_, name, unit) in own.iter().filter(|(own, _, _)| *own == field) {
                let it = used(field, 0, Some(*unit).filter(|unit| *unit != 1.0), name);
                self.uses.insert((*name).to_owned(), Some(it));
            }
        }
        for (field, name) in &self.hints.map {
            let it = used(*field, 0, unit_s(name), name);
            self.uses.insert(name.clone(), Some(it));
        }
    }

    pub(super) fn begin(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    pub(super) fn format(&mut self, format: &'static str) {
        self.log.format = format;
    }

    /// Looks at the names of the columns of a file, or of its first record, for signs of a known export.
    pub(super) fn recognise(&mut self, names: &[String]) {
        if self.hints.preset.is_some() {
            return;
        }
        let there = |sign: &&str| names.iter().any(|name| name == sign);
        let preset = PRESETS.iter().find(|preset| preset.signs.iter().all(there));
        self.know(preset);
    }

    /// What a column is used for.
    pub(super) fn use_of(&mut self, column: &str) -> Option<Use> {
        if let Some(it) = self.uses.get(column) {
            return *it;
        }
        let it = self.alike.get(&alike(column)).map(|it| Use {
            unit_s: it
                .unit_s
                .or_else(|| used(it.field, 0, unit_s(column), column).unit_s),
            rank: it.rank + 100,
            ..*it
        });
        // A log may have a name of its own in every row.
        if self.uses.len() < 100_000 {
            self.uses.insert(column.to_owned(), it);
        }
        if it.is_none() && self.unused.len() < 200 {
            self.unused.insert(column.to_owned());
        }
        it
    }

    /// A column is really there.
    pub(super) fn seen(&mut self, it: Use, column: &str) {
        let known = self.found.get(&it.field);
        if known.is_none_or(|(rank, _)| it.rank < *rank) {
            self.found.insert(it.field, (it.rank, column.to_owned()));
        }
    }

    /// A mapped column that is not there is an error, not a log without that field.
    pub(super) fn check(&mut self, names: &[String]) -> Result<(), String> {
        for (field, name) in &self.hints.map {
            if !self.hints.optional.contains(field) && !names.contains(name) {
                return Err(format!(
                    "`{}` has no column `{name}`; there are {}",
                    self.file,
                    listed(names)
                ));
            }
        }
        let there: Vec<Field> = names
            .iter()
            .filter_map(|name| self.use_of(name))
            .map(|it| it.field)
            .collect();
        let missing = std::iter::once(&Field::Time)
            .chain(&self.hints.needed)
            .find(|field| !there.contains(field));
        missing.map_or(Ok(()), |field| {
            Err(format!(
                "`{}` has no column for {}: looked for {}; there are {}",
                self.file,
                field.name(),
                field.known().join(", "),
                listed(names)
            ))
        })
    }

    pub(super) fn broken(&mut self, line: u64, kind: &str) {
        if let Some((count, lines)) = self.broken.get_mut(kind) {
            *count += 1;
            if lines.len() < LINES_SHOWN {
                lines.push(line);
            }
        } else if self.broken.len() < 100 {
            self.broken.insert(kind.to_owned(), (1, vec![line]));
        }
    }

    /// Takes a row, or counts it as broken.
    pub(super) fn add<'c>(&mut self, line: u64, cell: impl Fn(Field) -> Option<(Use, &'c [u8])>) {
        match self.row(&cell) {
            Ok(row) => self.log.rows.push(row),
            Err((field, what)) => {
                let name = self
                    .found
                    .get(&field)
                    .map_or_else(|| field.name().to_owned(), |(_, name)| name.clone());
                self.broken(line, &format!("column `{name}` {what}"));
            }
        }
    }

    fn row<'c>(
        &mut self,
        cell: &impl Fn(Field) -> Option<(Use, &'c [u8])>,
    ) -> Result<Row, (Field, &'static str)> {
        let local_h = self.hints.utc_offset_h;
        let text = |field: Field| cell(field).filter(|(_, text)| !text.is_empty());
        let stamp = |field: Field| -> Result<Option<super::Stamp>, (Field, &'static str)> {
            let Some((it, text)) = text(field) else {
                return Ok(None);
            };
            seconds(text, it.unit_s, local_h)
                .map(Some)
                .ok_or((field, "is no time"))
        };
        let number = |field: Field| -> Result<f32, (Field, &'static str)> {
            let Some((it, text)) = text(field) else {
                return Ok(f32::NAN);
            };
            plain(text)
                .map(|number| narrow(number * it.unit_s.unwrap_or(1.0)))
                .ok_or((field, "is no number of 0 or more"))
        };
        let sent = stamp(Field::Time)?.ok_or((Field::Time, "is empty"))?;
        let mut latency_s = number(Field::Latency)?;
        if latency_s.is_nan()
            && let Some(end) = stamp(Field::End)?
        {
            latency_s = narrow((end.at_s - sent.at_s).max(0.0));
        }
        let mut first_s = number(Field::First)?;
        if first_s.is_nan()
            && let Some(first) = stamp(Field::FirstAt)?
        {
            first_s = narrow((first.at_s - sent.at_s).max(0.0));
        }
        let ended =
            text(Field::Status).map_or(Ended::Well, |(it, text)| ended(text, it.otel_status));
        let count = text(Field::Count)
            .and_then(|(_, text)| plain(text))
            .map_or(1.0, narrow);
        let each = |field: Field| match cell(field) {
            Some((it, _)) if it.mean => count,
            _ => 1.0,
        };
        let input = number(Field::Input)? * each(Field::Input);
        let mut output = number(Field::Output)? * each(Field::Output);
        if output.is_nan() {
            output = number(Field::OutputChars)?;
        }
        for field in &self.hints.needed {
            let missing = match field {
                Field::Input => input.is_nan(),
                Field::Output => output.is_nan(),
                _ => text(*field).is_none(),
            };
            if missing && ended == Ended::Well {
                return Err((*field, "is empty"));
            }
        }
        self.log.dated |= sent.dated;
        let blocks = text(Field::Blocks).map_or((0, 0), |(_, text)| self.take_blocks(text));
        let numbered =
            |those: &mut Numbered, field| text(field).map_or(NONE, |(_, it)| those.number(it));
        let named = |those: &mut Names, field| text(field).map_or(NONE, |(_, it)| those.place(it));
        Ok(Row {
            at_s: sent.at_s,
            input,
            cached: number(Field::Cached)?,
            output,
            latency_s,
            first_s,
            cost_usd: number(Field::Cost)?,
            model: named(&mut self.models, Field::Model),
            class: named(&mut self.classes, Field::Class),
            run: named(&mut self.runs, Field::Run),
            conversation: numbered(&mut self.conversations, Field::Conversation),
            user: numbered(&mut self.users, Field::User),
            prompt: numbered(&mut self.prompts, Field::Prompt),
            id: numbered(&mut self.ids, Field::Id),
            blocks,
            ended,
            count,
        })
    }

    fn take_blocks(&mut self, text: &[u8]) -> (u32, u32) {
        let start = self.log.blocks.len();
        for block in text
            .split(|byte| matches!(byte, b' ' | b',' | b'[' | b']' | b';'))
            .filter(|block| !block.is_empty())
        {
            let number = self.blocks.number(block);
            self.log.blocks.push(number);
        }
        let whole = |count: usize| u32::try_from(count).unwrap_or(NONE);
        (whole(start), whole(self.log.blocks.len() - start))
    }

    /// The log, if anything of it can be used.
    pub(super) fn finish(self) -> Result<Log, String> {
        let mut log = self.log;
        log.models = self.models.list;
        log.classes = self.classes.list;
        log.runs = self.runs.list;
        log.block_count = self.blocks.0.len();
        log.preset = self.preset.map(|preset| preset.what);
        log.columns = self
            .found
            .into_iter()
            .map(|(field, (_, column))| Found { field, column })
            .collect();
        let in_use = |name: &String| log.columns.iter().any(|found| found.column == *name);
        log.unused = self
            .unused
            .into_iter()
            .filter(|name| !in_use(name))
            .collect();
        log.broken = self
            .broken
            .into_iter()
            .map(|(kind, (count, lines))| Broken { kind, count, lines })
            .collect();
        if log.rows.is_empty() {
            let mut words = format!("`{}` has no usable row", self.file);
            for broken in &log.broken {
                let lines: Vec<String> = broken.lines.iter().map(u64::to_string).collect();
                let _ = write!(
                    words,
                    "; {}: {} (line {})",
                    broken.kind,
                    broken.count,
                    lines.join(", ")
                );
            }
            if !log.has(Field::Time) {
                let _ = write!(
                    words,
                    "; looked for a time under {}",
                    Field::Time.known().join(", ")
                );
            }
            return Err(words);
        }
        Ok(log)
    }
}

/// English text in today's tokenizers: four characters to a token.
const TOKENS_PER_CHAR: f64 = 0.25;

/// Names of columns for a complaint: the first thirty, none of them endless.
fn listed(names: &[String]) -> String {
    let short = |name: &String| -> String {
        let name: String = crate::reading::harmless(name).chars().take(40).collect();
        name
    };
    let mut list: Vec<String> = names.iter().take(30).map(short).collect();
    if names.len() > list.len() {
        list.push(format!("{} more", names.len() - list.len()));
    }
    list.join(", ")
}

/// A column's name without the ways to write it: `Prompt Tokens`, `prompt-tokens` and `PROMPT_TOKENS` are alike.
fn alike(name: &str) -> String {
    name.trim()
        .chars()
        .map(|letter| {
            if matches!(letter, ' ' | '-') {
                '_'
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .collect()
}

fn used(field: Field, rank: usize, unit_s: Option<f64>, name: &str) -> Use {
    let timed = matches!(
        field,
        Field::Time | Field::End | Field::FirstAt | Field::Latency | Field::First
    );
    Use {
        field,
        rank,
        unit_s: match field {
            _ if timed => unit_s,
            // Lengths in characters, however the column was mapped.
            Field::OutputChars => Some(TOKENS_PER_CHAR),
            Field::Input | Field::Cached | Field::Output if name.ends_with("_chars") => {
                Some(TOKENS_PER_CHAR)
            }
            _ => None,
        },
        otel_status: name == "status.code",
        mean: name.ends_with("_mean"),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rows keep seven digits, which is more than logs mean"
)]
fn narrow(number: f64) -> f32 {
    number as f32
}

/// A number of 0 or more, with commas between thousands (`1,234.5`) or for the point (`0,25`) too.
fn plain(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let number = text.parse::<f64>().ok().or_else(|| with_commas(text));
    number.filter(|number| number.is_finite() && *number >= 0.0 && *number < 1e15)
}

#[cold]
fn with_commas(text: &str) -> Option<f64> {
    let (whole, _) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let thousands = !first.is_empty() && first.len() <= 3 && groups.clone().all(|it| it.len() == 3);
    if groups.clone().count() == 0 {
        None
    } else if thousands && first != "0" {
        text.replace(',', "").parse().ok()
    } else {
        text.replacen(',', ".", 1).parse().ok()
    }
}

/// Words for a request that went well.
const WELL: [&str; 20] = [
    "",
    "ok",
    "success",
    "succeeded",
    "succeed",
    "successful",
    "completed",
    "complete",
    "finished",
    "default",
    "info",
    "debug",
    "warning",
    "unset",
    "none",
    "null",
    "true",
    "stop",
    "status_code_ok",
    "status_code_unset",
];

/// What a status says.
fn ended(text: &[u8], otel: bool) -> Ended {
    let text = String::from_utf8_lossy(text.trim_ascii()).to_ascii_lowercase();
    if let Ok(code) = text.parse::<f64>() {
        return match code {
            429.0 => Ended::Throttled,
            // llmperf's mark of an answer that came out short.
            -100.0 => Ended::Well,
            2.0 if otel => Ended::Failed,
            code if (0.0..400.0).contains(&code) => Ended::Well,
            _ => Ended::Failed,
        };
    }
    if WELL.contains(&text.as_str()) {
        Ended::Well
    } else if text.contains("429")
        || text.contains("throttl")
        || text.contains("rate_limit")
        || text.contains("rate limit")
    {
        Ended::Throttled
    } else {
        Ended::Failed
    }
}
