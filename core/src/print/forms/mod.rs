//! The forms: what stands on each, in which order. Everything comes from what was recorded once: the case's state and texts, the
//! directory's names, the agreement's own bytes.

mod agreement;
mod consultations;
mod dossier;
mod draft;
mod evidence;
mod follow_up;
mod intake;
mod notice;
mod performance;

use super::PrintError;
use super::fonts::Fonts;
use super::pdf::{self, About};
use super::sheet::{HEIGHT, LEFT, MEASURE, Mark, Page};
use super::typeset::{Align, Style, Typesetter};
use super::words::{foot, label, title};
use crate::case::CaseState;
use crate::directory::Directory;
use crate::id::{DocId, PersonId};
use crate::time::{Date, Timestamp};
use crate::words::{self, Lang};

pub use agreement::agreement;

/// The forms of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// 人民调解协议书: the signed agreement in force.
    Agreement,
    /// 受理登记表.
    Intake,
    /// 权利义务告知书.
    Notice,
    /// 调解记录: every sitting.
    Consultations,
    /// 履行记录.
    Performance,
    /// 回访记录.
    FollowUp,
    /// The draft, to be signed in wet ink.
    Draft,
    /// 卷宗: cover, contents, and all of them that there are.
    Dossier,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Agreement,
        Self::Intake,
        Self::Notice,
        Self::Consultations,
        Self::Performance,
        Self::FollowUp,
        Self::Draft,
        Self::Dossier,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agreement => "agreement",
            Self::Intake => "intake",
            Self::Notice => "notice",
            Self::Consultations => "consultations",
            Self::Performance => "performance",
            Self::FollowUp => "follow_up",
            Self::Draft => "draft",
            Self::Dossier => "dossier",
        }
    }

    /// Its title, as it stands on it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Agreement => title::AGREEMENT,
            Self::Intake => title::INTAKE,
            Self::Notice => title::NOTICE,
            Self::Consultations => title::CONSULTATIONS,
            Self::Performance => title::PERFORMANCE,
            Self::FollowUp => title::FOLLOW_UP,
            Self::Draft => title::DRAFT,
            Self::Dossier => title::DOSSIER,
        }
    }
}

/// Whose copy it is. Handwriting dynamics stand on nobody's; photos and other attachments are named on the committee's alone,
/// and so are telephone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Copy {
    /// 当事人联.
    Party,
    /// 存档联.
    Committee,
}

impl Copy {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Committee => "committee",
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Party => foot::PARTY,
            Self::Committee => foot::COMMITTEE,
        }
    }
}

/// What was recorded of a case: what its forms are made of.
#[derive(Debug, Clone, Copy)]
pub struct Papers<'a> {
    /// The case.
    pub case: DocId,
    /// Its state.
    pub state: &'a CaseState,
    /// Names.
    pub directory: &'a Directory,
    /// The account, as it grew.
    pub account: &'a str,
    /// The minutes.
    pub minutes: &'a str,
    /// The signed agreement in force: its file or its bundle, where there is one and its bytes are at hand.
    pub agreement: Option<&'a [u8]>,
    /// When it is printed: stands on the draft and in the file's dates. The agreement's own form has the sealing's instead.
    pub at: Timestamp,
}

impl Papers<'_> {
    /// The community's name.
    fn community(&self) -> &str {
        self.state.place().map_or("", |place| self.directory.org_name(&place.community))
    }

    fn committee(&self) -> String {
        format!("{}{}", self.community(), super::words::cover::COMMITTEE)
    }

    fn person(&self, id: &PersonId) -> &str {
        match self.directory.person(id) {
            Some(person) => &person.name,
            None => "",
        }
    }

    fn title(&self) -> &str {
        self.state.report.as_ref().map_or("", |(_, report)| &report.title)
    }
}

/// Prints a form.
pub fn form(form: Form, papers: &Papers<'_>, copy: Copy, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
    if form == Form::Agreement {
        return agreement(papers.agreement.ok_or(PrintError::Nothing)?, copy, fonts);
    }
    let mut setter = Typesetter::new(fonts);
    let (pages, embedded) = match form {
        Form::Dossier => (dossier::pages(papers, copy, &mut setter)?, papers.agreement),
        form => (pages(form, papers, copy, &mut setter)?, None),
    };
    let id = format!("{}/{}/{}", papers.case, form.name(), copy.name());
    finish(pages, About { title: form.title().into(), id, at: papers.at }, embedded, &mut setter)
}

/// The pages of one form of a case.
fn pages(form: Form, papers: &Papers<'_>, copy: Copy, setter: &mut Typesetter<'_>) -> Result<Vec<Page>, PrintError> {
    match form {
        Form::Intake => Ok(intake::pages(papers, copy, setter)),
        Form::Notice => Ok(notice::pages(papers, copy, setter)),
        Form::Consultations => Ok(consultations::pages(papers, copy, setter)),
        Form::Performance => Ok(performance::pages(papers, copy, setter)),
        Form::FollowUp => Ok(follow_up::pages(papers, copy, setter)),
        Form::Draft => draft::pages(papers, setter),
        Form::Agreement => agreement::pages(papers.agreement.ok_or(PrintError::Nothing)?, copy, setter),
        Form::Dossier => Err(PrintError::Nothing),
    }
}

/// Numbers the pages and writes them.
fn finish(
    mut pages: Vec<Page>,
    about: About,
    embedded: Option<&[u8]>,
    setter: &mut Typesetter<'_>,
) -> Result<Vec<u8>, PrintError> {
    let count = pages.len();
    for (at, page) in pages.iter_mut().enumerate() {
        number(page, at + 1, count, setter);
    }
    pdf::write(&pages, about, embedded, setter.fonts())
}

/// The foot of a page: what it belongs to, and which of how many it is.
fn number(page: &mut Page, place: usize, count: usize, setter: &mut Typesetter<'_>) {
    /// From the paper's lower edge to the rule above the foot, points.
    const FOOT: f32 = 52.0;
    let rule = HEIGHT - FOOT;
    page.marks.push(Mark::Rule { from: (LEFT, rule), to: (LEFT + MEASURE, rule), width: 0.4 });
    let left = Style::SMALL.aligned(Align::Left);
    let texts = [(page.foot.clone(), left), (format!("第 {place} 页　共 {count} 页"), left.aligned(Align::Right))];
    for (text, style) in texts {
        for (x, line) in setter.lines(&text, &style, MEASURE).into_iter().take(1) {
            let baseline = rule + 3.0 + super::typeset::to_baseline(&style);
            page.marks.push(Mark::Text { x: LEFT + x, baseline, line });
        }
    }
}

/// A day as it stands on paper.
fn day(date: Date) -> String {
    words::date(date, Lang::Zh)
}

/// A day and the minute.
fn minute(at: Timestamp) -> String {
    let (hour, minute) = at.clock();
    format!("{} {hour:02}:{minute:02}", day(at.date()))
}

/// An amount of renminbi, fen.
fn yuan(fen: u64) -> String {
    let (yuan, rest) = (fen / 100, fen % 100);
    if rest == 0 { format!("{yuan}元") } else { format!("{yuan}.{rest:02}元") }
}

/// `label：`.
fn colon(label: &str) -> String {
    format!("{label}：")
}

/// What stands at the foot of a case's form: which form, of which case.
fn case_foot(papers: &Papers<'_>, form: Form, copy: Copy) -> String {
    format!("{}　{}　{}", form.title(), label_of(papers.case), copy.words())
}

/// A case's number as people read it: the first eight digits of its id, as screens and `doorstep phone` show them.
fn label_of(case: DocId) -> String {
    let short: String = case.to_string().chars().take(8).collect();
    format!("{}{}", colon(label::NUMBER), short)
}

/// A check number in groups of four, as it stands everywhere.
fn grouped(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
