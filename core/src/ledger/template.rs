//! Templates: which columns a ledger shows. Five come with the program; an office adds its own, or replaces one by using
//! its id, as data of the directory.

use super::field::{Field, fields};
use crate::directory::{Directory, LedgerColumn, LedgerOf, LedgerTemplate};
use crate::words::{self, Lang};

/// What is wrong with a template. Names templates and fields, never people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No template has this id.
    #[error("there is no ledger template {0}")]
    Unknown(String),
    /// Two templates share an id.
    #[error("two ledger templates have the id {0}")]
    Twice(String),
    /// A template without an id, or one that is no file name.
    #[error("{0:?} is no id for a ledger template: small letters, digits and hyphens, forty at most")]
    Id(String),
    /// A template without columns.
    #[error("ledger template {0} has no columns")]
    Empty(String),
    /// A column shows a field that such ledgers don't have.
    #[error("ledger template {template}: there is no field {field} in such a ledger")]
    Field {
        /// The template.
        template: String,
        /// The field.
        field: String,
    },
    /// Two columns show one field: in JSON they would be one.
    #[error("ledger template {template} shows field {field} twice")]
    FieldTwice {
        /// The template.
        template: String,
        /// The field.
        field: String,
    },
}

impl TemplateError {
    /// Its stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "ledger_unknown",
            Self::Twice(_) => "ledger_twice",
            Self::Id(_) => "ledger_id",
            Self::Empty(_) => "ledger_empty",
            Self::Field { .. } => "ledger_field",
            Self::FieldTwice { .. } => "ledger_field_twice",
        }
    }

    /// What it is about: the template, and the field if it is about one.
    pub fn about(&self) -> Vec<String> {
        match self {
            Self::Unknown(id) | Self::Twice(id) | Self::Id(id) | Self::Empty(id) => vec![id.clone()],
            Self::Field { template, field } | Self::FieldTwice { template, field } => vec![template.clone(), field.clone()],
        }
    }
}

/// Longest template id, bytes: it stands in file names.
const ID_MAX: usize = 40;

/// The templates that are always there: one a kind of ledger. Their titles and headings are empty, which means the
/// words of the reader's language; [`titled`] fills them in.
pub fn shipped() -> Vec<LedgerTemplate> {
    ALL.into_iter().map(|of| template(of, shown(of))).collect()
}

/// Every kind of ledger.
pub const ALL: [LedgerOf; 5] =
    [LedgerOf::Cases, LedgerOf::Visits, LedgerOf::Commitments, LedgerOf::FollowUps, LedgerOf::Months];

/// A kind's stable name; also the id of its shipped template.
pub const fn name(of: LedgerOf) -> &'static str {
    match of {
        LedgerOf::Cases => "cases",
        LedgerOf::Visits => "visits",
        LedgerOf::Commitments => "commitments",
        LedgerOf::FollowUps => "follow-ups",
        LedgerOf::Months => "months",
    }
}

/// What the shipped templates leave out of all fields: what few offices ask for. Who recorded a visit or a call is there for
/// an office that must show it; it doesn't come by itself.
const fn left_out(of: LedgerOf) -> &'static [&'static str] {
    match of {
        LedgerOf::Cases => &["building", "last_who", "last_when", "last_where"],
        LedgerOf::Visits => &["building", "planned", "recorded_by"],
        LedgerOf::Commitments => &["grid", "category", "first_due"],
        LedgerOf::FollowUps => &["grid", "category", "recorded_by"],
        LedgerOf::Months => &[super::month_line::CATEGORY],
    }
}

fn shown(of: LedgerOf) -> impl Iterator<Item = &'static str> {
    fields(of).into_iter().map(|field| field.name).filter(move |name| !left_out(of).contains(name))
}

fn template(of: LedgerOf, fields: impl Iterator<Item = &'static str>) -> LedgerTemplate {
    let column = |field: &str| LedgerColumn { field: field.into(), title: String::new(), width: None };
    LedgerTemplate { id: name(of).into(), title: String::new(), of, columns: fields.map(column).collect() }
}

/// The shipped templates and the directory's: one of these replaces the shipped one of its id.
pub fn templates(directory: &Directory) -> Vec<LedgerTemplate> {
    let mut all = shipped();
    for own in &directory.ledgers {
        match all.iter_mut().find(|known| known.id == own.id) {
            Some(known) => *known = own.clone(),
            None => all.push(own.clone()),
        }
    }
    all
}

/// The template with this id, checked.
pub fn find(directory: &Directory, id: &str) -> Result<LedgerTemplate, TemplateError> {
    let found = templates(directory).into_iter().find(|template| template.id == id);
    let found = found.ok_or_else(|| TemplateError::Unknown(id.into()))?;
    check_one(&found)?;
    Ok(found)
}

/// The template with every empty title and heading in the words of this language.
#[must_use]
pub fn titled(mut template: LedgerTemplate, lang: Lang) -> LedgerTemplate {
    if template.title.trim().is_empty() {
        template.title = words::ledger_title(template.of, lang).into();
    }
    for column in template.columns.iter_mut().filter(|column| column.title.trim().is_empty()) {
        column.title = words::ledger_field(&column.field, lang).unwrap_or(&column.field).into();
    }
    template
}

/// Whether these templates can be used: what an administrator is told before the directory is stored.
pub fn check(templates: &[LedgerTemplate]) -> Result<(), TemplateError> {
    for (at, template) in templates.iter().enumerate() {
        if templates.iter().take(at).any(|other| other.id == template.id) {
            return Err(TemplateError::Twice(template.id.clone()));
        }
        check_one(template)?;
    }
    Ok(())
}

fn check_one(template: &LedgerTemplate) -> Result<(), TemplateError> {
    let id = template.id.as_str();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=ID_MAX).contains(&id.len()) || !id.bytes().all(plain) {
        return Err(TemplateError::Id(id.into()));
    }
    if template.columns.is_empty() {
        return Err(TemplateError::Empty(id.into()));
    }
    let known: Vec<Field> = fields(template.of);
    for (at, column) in template.columns.iter().enumerate() {
        if !known.iter().any(|field| field.name == column.field) {
            return Err(TemplateError::Field { template: id.into(), field: column.field.clone() });
        }
        if template.columns.iter().take(at).any(|other| other.field == column.field) {
            return Err(TemplateError::FieldTwice { template: id.into(), field: column.field.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(id: &str, of: LedgerOf, fields: &[&'static str]) -> LedgerTemplate {
        LedgerTemplate { id: id.into(), ..template(of, fields.iter().copied()) }
    }

    #[test]
    fn the_shipped_templates_are_in_order_and_have_their_words() {
        let shipped = shipped();
        assert_eq!(shipped.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ALL.map(name));
        assert_eq!(check(&shipped), Ok(()));
        for lang in [Lang::Zh, Lang::En] {
            for template in shipped.iter().cloned().map(|template| titled(template, lang)) {
                assert!(!template.title.is_empty());
                assert!(template.columns.iter().all(|column| column.title != column.field), "{lang:?} {}", template.id);
            }
        }
    }

    #[test]
    fn every_field_has_a_heading_in_both_languages_and_one_name_means_one_thing() {
        for of in ALL {
            let fields = fields(of);
            for (at, field) in fields.iter().enumerate() {
                assert!(!fields[..at].iter().any(|other| other.name == field.name), "{} stands twice", field.name);
                for lang in [Lang::Zh, Lang::En] {
                    assert!(words::ledger_field(field.name, lang).is_some(), "{}", field.name);
                }
            }
        }
    }

    #[test]
    fn what_is_left_out_of_a_shipped_template_is_a_field() {
        for of in ALL {
            let known = fields(of);
            assert!(left_out(of).iter().all(|name| known.iter().any(|field| field.name == *name)), "{of:?}");
        }
    }

    #[test]
    fn an_unknown_field_is_an_error_that_names_it() {
        let error = check(&[own("mine", LedgerOf::Visits, &["visited_on", "shoe_size"])]).unwrap_err();
        assert_eq!(error, TemplateError::Field { template: "mine".into(), field: "shoe_size".into() });
        assert!(error.to_string().contains("shoe_size"));
        let other_kind = check(&[own("mine", LedgerOf::Visits, &["satisfaction"])]);
        assert!(other_kind.is_err(), "a field of another ledger is none here");
    }

    #[test]
    fn templates_without_columns_without_an_id_or_with_something_twice_are_refused() {
        let good = own("mine", LedgerOf::Cases, &["title"]);
        assert_eq!(check(std::slice::from_ref(&good)), Ok(()));
        assert_eq!(check(&[good.clone(), good]), Err(TemplateError::Twice("mine".into())));
        assert_eq!(check(&[own("mine", LedgerOf::Cases, &[])]), Err(TemplateError::Empty("mine".into())));
        for id in ["", "../x", "事项", "A", "a b"] {
            assert_eq!(check(&[own(id, LedgerOf::Cases, &["title"])]), Err(TemplateError::Id(id.into())));
        }
        let twice = check(&[own("mine", LedgerOf::Cases, &["title", "title"])]);
        assert_eq!(twice, Err(TemplateError::FieldTwice { template: "mine".into(), field: "title".into() }));
    }

    #[test]
    fn a_template_of_the_directory_adds_or_replaces() {
        let ledgers = vec![own("cases", LedgerOf::Cases, &["title"]), own("ours", LedgerOf::Months, &["month", "raised"])];
        let directory = Directory { ledgers, ..Directory::default() };
        assert_eq!(templates(&directory).len(), ALL.len() + 1);
        assert_eq!(find(&directory, "cases").unwrap().columns.len(), 1);
        assert_eq!(find(&directory, "ours").unwrap().of, LedgerOf::Months);
        assert_eq!(find(&directory, "theirs"), Err(TemplateError::Unknown("theirs".into())));
    }
}
