//! What can happen: the one table from which the keymap, the footer, the help, the palette and the reference come.
//!
//! A line of the table is an action: its name in the configuration, what it does in words, the context in which its keys
//! count, those keys, a short word for the footer (empty: not shown there), and the command that does the same.

/// Where keys count. Contexts of the moment are asked from the innermost out; [`Context::Global`] comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere, except where text is typed.
    Global,
    /// Wherever something is selected or scrolled.
    Move,
    /// The first screen outside a project.
    Start,
    /// The Overview tab.
    Overview,
    /// Where there is no review yet.
    NoReview,
    /// The Review tab.
    Review,
    /// The Review tab, after the key that begins an answer.
    Answer,
    /// One question a screen, for a review held in a room.
    Meeting,
    /// A note that is being written.
    Note,
    /// Words that are searched for.
    Search,
    /// The Scenario tab.
    Scenario,
    /// The Study tab.
    Study,
    /// The Report tab.
    Report,
    /// A form's fields.
    Form,
    /// A question that waits for yes or no.
    Confirm,
    /// The help, laid over the screen.
    Help,
}

impl Context {
    /// Its heading in the help.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Move => "Moving",
            Self::Start => "First screen",
            Self::Overview => "Overview",
            Self::NoReview => "Without a review",
            Self::Review => "Review",
            Self::Answer => "Answering",
            Self::Meeting => "Meeting",
            Self::Note => "Writing a note",
            Self::Search => "Searching",
            Self::Scenario => "Scenario",
            Self::Study => "Study",
            Self::Report => "Report",
            Self::Form => "Filling in",
            Self::Confirm => "Being asked",
            Self::Help => "Reading the help",
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The action.
    pub action: Action,
    /// Its name in the configuration file.
    pub name: &'static str,
    /// What it does.
    pub title: &'static str,
    /// Where its keys count.
    pub context: Context,
    /// Its keys as delivered, blanks between them; the first is the one that is shown.
    pub keys: &'static str,
    /// A word for the footer; empty: not there.
    pub footer: &'static str,
    /// The command that does the same; empty where it only concerns the screen.
    pub command: &'static str,
}

macro_rules! actions {
    ($($action:ident $name:literal $title:literal $context:ident $keys:literal $footer:literal $command:literal;)*) => {
        /// Something that can happen, whatever made it happen: a key, a click, the palette.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $title] $action,)*
        }

        /// Every action.
        pub const ACTIONS: &[Spec] = &[
            $(Spec {
                action: Action::$action,
                name: $name,
                title: $title,
                context: Context::$context,
                keys: $keys,
                footer: $footer,
                command: $command,
            },)*
        ];
    };
}

actions! {
    NextTab "next-tab" "Next tab" Global "tab ]" "next tab" "";
    PreviousTab "previous-tab" "Previous tab" Global "shift-tab [" "" "";
    TabOverview "overview" "Go to Overview" Global "alt-1 f1" "" "gonogo check";
    TabReview "review" "Go to Review" Global "alt-2 f2" "" "gonogo review list";
    TabScenario "scenario" "Go to Scenario" Global "alt-3 f3" "" "gonogo validate";
    TabStudy "study" "Go to Study" Global "alt-4 f4" "" "gonogo simulate";
    TabReport "report" "Go to Report" Global "alt-5 f5" "" "gonogo report";
    Palette "palette" "Find an action by name" Global ": ctrl-p /" "find" "";
    Help "help" "Keys and what this tab is for" Global "?" "help" "";
    Save "save" "Save the scenario" Global "ctrl-s" "" "";
    Undo "undo" "Undo the last change" Global "u" "" "";
    Redo "redo" "Do it again" Global "ctrl-r" "" "";
    Rerun "rerun" "Simulate again from the files" Global "ctrl-l" "" "gonogo simulate";
    Copy "copy" "Copy what is selected" Global "Y" "" "";
    Mouse "mouse" "Give the mouse to the terminal, to select text; or take it back" Global "ctrl-t" "" "";
    Background "background" "Colours for a light background, or for a dark one" Global "ctrl-o" "" "";
    Suspend "suspend" "Back to the shell; `fg` returns" Global "ctrl-z" "" "";
    Quit "quit" "Quit" Global "q ctrl-c ctrl-q" "quit" "";

    Up "up" "Up" Move "k up" "" "";
    Down "down" "Down" Move "j down" "" "";
    Left "left" "Left" Move "h left" "" "";
    Right "right" "Right" Move "l right" "" "";
    PageUp "page-up" "A page up" Move "pageup ctrl-b" "" "";
    PageDown "page-down" "A page down" Move "pagedown ctrl-f" "" "";
    Top "top" "To the first" Move "g home" "" "";
    Bottom "bottom" "To the last" Move "G end" "" "";
    Open "open" "Open what is selected" Move "enter" "open" "";
    Back "back" "Back" Move "esc" "" "";

    GoThere "go-there" "Go to where the selected step is done" Overview "enter" "go there" "";
    BeginReview "begin-review" "Start a review in this folder" NoReview "i enter" "start a review" "gonogo init";

    BeginAnswer "answer" "Answer the question; then y p n k x" Review "a" "answer" "gonogo review set";
    NextOpen "next-open" "Next question that is not answered" Review "n" "next" "gonogo review list --open";
    PreviousOpen "previous-open" "The one before it" Review "N" "" "";
    WriteNote "note" "Write a note" Review "o" "note" "gonogo review note";
    AttachEvidence "evidence" "Attach evidence" Review "e" "evidence" "gonogo review evidence add";
    SetWho "who" "Owner, due day, who else looked at it" Review "d" "who" "gonogo review set --owner --due --reviewed-by";
    Waive "waive" "Accept the risk for a while (waive)" Review "w" "waive" "gonogo review waive";
    RevokeWaiver "revoke-waiver" "Take the waiver back" Review "W" "" "gonogo review waive --revoke";
    SignOff "sign" "Sign for a role" Review "S" "sign" "gonogo review sign";
    Filter "filter" "Show all, open, mine, contradicted, expired" Review "f" "filter" "gonogo review list --open";
    SearchReview "search" "Search" Review "/" "" "";
    Meeting "meeting" "Meeting: one question a screen" Review "m" "meeting" "gonogo --plain";
    ApproveBudget "budget" "Write down an approved budget" Review "b" "" "gonogo review budget";
    ListPerson "person" "List a person under a role" Review "R" "" "gonogo review role";
    AboutReview "about" "Release, stage, dates, who decides" Review "A" "" "gonogo review about";
    WhoAmI "me" "Say who you are" Review "I" "" "gonogo review --by";
    AddQuestion "add-question" "Add a question of your own" Review "+" "" "gonogo review add-question";
    ChangeQuestion "change-question" "Change the question's wording" Review "E" "" "gonogo review change-question";

    AnswerYes "answer-yes" "Yes" Answer "y" "yes" "gonogo review set QUESTION yes";
    AnswerPartial "answer-partial" "Partial" Answer "p" "partial" "gonogo review set QUESTION partial";
    AnswerNo "answer-no" "No" Answer "n" "no" "gonogo review set QUESTION no";
    AnswerUnknown "answer-unknown" "Unknown" Answer "k" "unknown" "gonogo review set QUESTION unknown";
    AnswerNa "answer-na" "Not applicable, with a reason" Answer "x" "not applicable" "gonogo review set QUESTION na";

    MeetingNext "meeting-next" "Next question" Meeting "right space enter down" "next" "";
    MeetingPrevious "meeting-previous" "Question before" Meeting "left backspace up" "back" "";
    MeetingEnd "meeting-end" "Leave the meeting" Meeting "esc" "leave" "";

    NoteDone "note-done" "Keep the note" Note "esc ctrl-s" "keep the note" "gonogo review note";
    NoteEditor "note-editor" "Write it in your editor" Note "ctrl-e" "your editor" "";

    SearchDone "search-done" "Stay with what was found" Search "enter" "stay" "";
    SearchDrop "search-drop" "Show everything again" Search "esc" "drop" "";

    CloseHelp "close-help" "Close the help" Help "esc enter q ?" "close" "";

    FormNext "form-next" "Next field; done after the last" Form "enter" "next" "";
    FormDown "form-down" "Field below" Form "down tab" "" "";
    FormUp "form-up" "Field above" Form "up shift-tab" "" "";
    FormDone "form-done" "Take what is filled in" Form "ctrl-s" "done" "";
    FormCancel "form-cancel" "Back without it" Form "esc" "back" "";

    StartExample "start-example" "Look at the example, a support chatbot" Start "e" "example" "gonogo simulate";
    StartInit "start-init" "Start a project in this folder" Start "i" "new project" "gonogo init";
    StartFolder "start-folder" "Open another folder" Start "o" "open a folder" "";

    EditField "edit" "Change the field" Scenario "enter i" "change" "";
    DefaultField "default" "Back to what holds without it" Scenario "x delete" "default" "";
    SourceField "source" "Say where the number comes from" Scenario "s" "source" "";
    AllFields "all-fields" "Show every field, or only those that are set" Scenario "v" "all fields" "gonogo schema scenario --markdown";
    SearchScenario "find-field" "Search the fields" Scenario "/" "search" "";
    NextSection "next-section" "Next section" Scenario "n } pagedown" "section" "";
    PreviousSection "previous-section" "Section before" Scenario "N { pageup" "" "";
    AddEntry "add-entry" "Add a model, strategy, class, budget: what this section lists" Scenario "+" "add" "";
    EditFile "edit-file" "Open the whole file in your editor" Scenario "ctrl-e" "" "";
    StrategyLive "strategy-live" "The strategy of this section is the one that goes live" Scenario "L" "" "gonogo review about --strategy";

    PaneResults "pane-results" "Results: strategies and volumes" Study "1" "" "gonogo simulate";
    PaneCompare "pane-compare" "Compare: what each strategy saves" Study "2" "" "gonogo compare";
    PaneDrivers "pane-drivers" "Drivers: what moves the answer, what to measure" Study "3" "" "gonogo sensitivity";
    PaneHeadroom "pane-headroom" "Headroom: how far volume can grow" Study "4" "" "gonogo headroom";
    PaneDrill "pane-drill" "Drill: an incident, minute by minute" Study "5" "" "gonogo drill";
    PaneOptimise "pane-optimise" "Optimise: the cheapest setting that holds" Study "6" "" "gonogo optimize";
    PaneForecast "pane-forecast" "Forecast: a budget of twelve months" Study "7" "" "gonogo forecast";
    NextChart "next-chart" "Next chart" Study "c" "chart" "";
    PreviousChart "previous-chart" "Previous chart" Study "C" "" "";
    Enlarge "enlarge" "The chart alone, and back" Study "enter z" "enlarge" "";
    GoLive "go-live" "The selected strategy is the one that goes live" Study "L" "goes live" "gonogo review about --strategy";

    ReportStyle "report-style" "Executive, full or audit" Report "s" "style" "gonogo report --style executive";
    WriteReport "write-report" "Write the report into files: formats and folder" Report "w enter" "write" "gonogo report --out .";
}

impl Action {
    /// Its line in the table.
    #[must_use]
    pub fn spec(self) -> Option<&'static Spec> {
        ACTIONS.iter().find(|spec| spec.action == self)
    }

    /// What it does, in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.spec().map_or("", |spec| spec.title)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ACTIONS;

    #[test]
    fn names_are_unique_and_titles_say_something() {
        let names: BTreeSet<_> = ACTIONS.iter().map(|spec| spec.name).collect();
        assert_eq!(names.len(), ACTIONS.len());
        assert!(ACTIONS.iter().all(|spec| !spec.title.is_empty()));
    }
}
