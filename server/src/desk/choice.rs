//! Flags whose value is one of the method's own terms: taken by their stable name or their Chinese word, listed by `--help`
//! with both. A term that the core gains and that is missing here does not compile.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use doorstep_core::case::{Asked, Channel, DisputeKind, Form, Grade, Ground, Stage, TextName};
use doorstep_core::household::{Leaving, Striking};
use doorstep_core::id::DocKind;
use doorstep_core::ledger::Format;
use doorstep_core::print::{self, Copy};
use doorstep_core::visit::Door;
use doorstep_core::words::{self, Lang};

macro_rules! named {
    ($table:ident: $type:ident { $($variant:ident = $name:literal,)* }) => {
        pub(super) const $table: &[($type, &str)] = &[$(($type::$variant, $name)),*];
        const _: fn(&$type) = |value| match value { $($type::$variant => (),)* };
    };
}

named!(CHANNELS: Channel { Phone = "phone", Letter = "letter", InPerson = "in_person", Visit = "visit", Hotline = "hotline", });
named!(FORMS: Form { AtHome = "at_home", Roadside = "roadside", OnSite = "on_site", MeetingRoom = "meeting_room", });
named!(GRADES: Grade {
    VeryDissatisfied = "very_dissatisfied",
    Dissatisfied = "dissatisfied",
    Fair = "fair",
    Satisfied = "satisfied",
    VerySatisfied = "very_satisfied",
});
named!(ASKED: Asked { InPerson = "in_person", ByPhone = "by_phone", InWriting = "in_writing", });
named!(GROUNDS: Ground { NoAgreement = "no_agreement", BeyondPowers = "beyond_powers", });
named!(DISPUTES: DisputeKind {
    Ordinary = "ordinary",
    PersonalStatus = "personal_status",
    UtilityCutOff = "utility_cut_off",
});
named!(DOORS: Door { Met = "met", NobodyHome = "nobody_home", Refused = "refused", });
named!(TEXTS: TextName { Account = "account", Minutes = "minutes", Draft = "draft", });
named!(KINDS: DocKind { Case = "case", Visit = "visit", Household = "household", });
named!(FORMATS: Format { Xlsx = "xlsx", Csv = "csv", Json = "json", });
named!(LEAVINGS: Leaving { Moved = "moved", Died = "died", Mistaken = "mistaken", });
named!(STRIKINGS: Striking { Duplicate = "duplicate", Gone = "gone", Mistaken = "mistaken", });
named!(STAGES: Stage {
    Unreported = "unreported",
    Received = "received",
    Consulting = "consulting",
    Agreed = "agreed",
    Acting = "acting",
    Done = "done",
    Reopened = "reopened",
    HandedOver = "handed_over",
    Closed = "closed",
    Withdrawn = "withdrawn",
    Merged = "merged",
});

named!(PAPERS: Paper {
    Agreement = "agreement",
    Intake = "intake",
    Notice = "notice",
    Consultations = "consultations",
    Performance = "performance",
    FollowUp = "follow_up",
    Draft = "draft",
    Dossier = "dossier",
});
named!(COPIES: Copy { Party = "party", Committee = "committee", });

/// A printed form; the core's own name for it is taken by the four forms of a consultation.
type Paper = print::Form;

/// A flag's value out of a table, by its name or its Chinese word.
pub(super) fn choice<T: Clone + Send + Sync + 'static>(
    table: &'static [(T, &'static str)],
    words: fn(&T, Lang) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let values = table.iter().map(move |(value, name)| {
        let (zh, en) = (words(value, Lang::Zh), words(value, Lang::En));
        PossibleValue::new(*name).alias(zh).help(format!("{zh} · {en}"))
    });
    PossibleValuesParser::new(values.collect::<Vec<_>>()).try_map(move |typed: String| {
        let found = table.iter().find(|(value, name)| typed == *name || typed == words(value, Lang::Zh));
        found.map(|(value, _)| value.clone()).ok_or("没有这个词 · no such word")
    })
}

pub(super) fn channel() -> impl TypedValueParser<Value = Channel> {
    choice(CHANNELS, |value, lang| words::channel(*value, lang))
}
pub(super) fn form() -> impl TypedValueParser<Value = Form> {
    choice(FORMS, |value, lang| words::form(*value, lang))
}
pub(super) fn grade() -> impl TypedValueParser<Value = Grade> {
    choice(GRADES, |value, lang| words::grade(*value, lang))
}
pub(super) fn asked() -> impl TypedValueParser<Value = Asked> {
    choice(ASKED, |value, lang| words::asked(*value, lang))
}
pub(super) fn ground() -> impl TypedValueParser<Value = Ground> {
    choice(GROUNDS, words::ground)
}
pub(super) fn dispute() -> impl TypedValueParser<Value = DisputeKind> {
    choice(DISPUTES, |value, lang| words::dispute(*value, lang))
}
pub(super) fn door() -> impl TypedValueParser<Value = Door> {
    choice(DOORS, |value, lang| words::door(*value, lang))
}
pub(super) fn stage() -> impl TypedValueParser<Value = Stage> {
    choice(STAGES, |value, lang| words::stage(*value, lang))
}
pub(super) fn kind() -> impl TypedValueParser<Value = DocKind> {
    choice(KINDS, |value, lang| kind_words(*value, lang))
}
pub(super) fn text() -> impl TypedValueParser<Value = TextName> {
    choice(TEXTS, |value, lang| text_words(*value, lang))
}
pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    choice(FORMATS, |value, lang| match value {
        Format::Xlsx => lang.pick("表格", "a workbook"),
        Format::Csv => lang.pick("逗号分隔，Excel 可直接打开", "comma-separated, as Excel opens it"),
        Format::Json => lang.pick("给程序用", "for programs"),
    })
}
pub(super) fn leaving() -> impl TypedValueParser<Value = Leaving> {
    choice(LEAVINGS, |value, lang| words::leaving(*value, lang))
}
pub(super) fn striking() -> impl TypedValueParser<Value = Striking> {
    choice(STRIKINGS, |value, lang| words::striking(*value, lang))
}
pub(super) fn paper() -> impl TypedValueParser<Value = Paper> {
    choice(PAPERS, |value, lang| match value {
        Paper::Agreement => lang.pick("人民调解协议书", "the signed agreement"),
        Paper::Intake => lang.pick("受理登记表", "the intake register"),
        Paper::Notice => lang.pick("权利义务告知书", "the notice of rights and duties"),
        Paper::Consultations => lang.pick("调解记录", "the record of consultations"),
        Paper::Performance => lang.pick("履行记录", "the performance record"),
        Paper::FollowUp => lang.pick("回访记录", "the follow-up record"),
        Paper::Draft => lang.pick("纸面签署稿", "the draft, to be signed in ink"),
        Paper::Dossier => lang.pick("卷宗", "the whole dossier"),
    })
}
pub(super) fn copy() -> impl TypedValueParser<Value = Copy> {
    choice(COPIES, |value, lang| match value {
        Copy::Party => lang.pick("当事人联", "a party's"),
        Copy::Committee => lang.pick("存档联", "the committee's"),
    })
}

/// What a document is, in words.
pub(super) const fn kind_words(kind: DocKind, lang: Lang) -> &'static str {
    match kind {
        DocKind::Case => lang.pick("事项", "case"),
        DocKind::Visit => lang.pick("走访", "visit"),
        DocKind::Household => lang.pick("户档", "household"),
    }
}

/// A shared text, in words.
pub(super) const fn text_words(text: TextName, lang: Lang) -> &'static str {
    match text {
        TextName::Account => lang.pick("情况", "account"),
        TextName::Minutes => lang.pick("记录", "minutes"),
        TextName::Draft => lang.pick("草稿", "draft"),
    }
}

/// The stable name of a value in its table.
pub(super) fn name<T: PartialEq>(table: &'static [(T, &'static str)], value: &T) -> &'static str {
    table.iter().find(|(known, _)| known == value).map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same<T: serde::Serialize>(table: &[(T, &str)]) {
        for (value, name) in table {
            assert_eq!(serde_json::to_value(value).unwrap(), *name);
        }
    }

    #[test]
    fn the_names_that_are_typed_are_the_names_in_the_records() {
        same(CHANNELS);
        same(FORMS);
        same(GRADES);
        same(ASKED);
        same(GROUNDS);
        same(DISPUTES);
        same(DOORS);
        same(TEXTS);
        same(KINDS);
        assert!(FORMATS.iter().all(|(format, name)| format.name() == *name));
        assert!(PAPERS.iter().all(|(form, name)| form.name() == *name) && PAPERS.len() == Paper::ALL.len());
        assert!(COPIES.iter().all(|(copy, name)| copy.name() == *name));
        same(LEAVINGS);
        same(STRIKINGS);
        same(STAGES);
    }
}
