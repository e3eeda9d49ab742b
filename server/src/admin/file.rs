//! The file that a sub-district is made from: TOML, written by people, so every misspelt field is an error that names
//! its line. Converted explicitly into the core's directory; the file's form may change without the core's.

use std::collections::BTreeMap;

use doorstep_core::directory::{
    AgreementTemplate, Calendar, CalendarYear, Directory, Grid, Holiday, LedgerColumn, LedgerOf, LedgerTemplate, Policy,
};
use doorstep_core::id::{BuildingId, GridId, OrgId, PersonId};
use doorstep_core::people::{Org, OrgKind, Person, Post, Role};
use doorstep_core::time::Date;
use serde::Deserialize;
use serde::de::Error as _;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Which version this was printed from, where `admin show` printed it.
    #[serde(default)]
    version: u64,
    name: String,
    #[serde(default)]
    orgs: Vec<FileOrg>,
    #[serde(default)]
    grids: Vec<FileGrid>,
    #[serde(default)]
    people: Vec<FilePerson>,
    #[serde(default)]
    policy: FilePolicy,
    /// By year.
    #[serde(default)]
    calendar: BTreeMap<String, FileYear>,
    #[serde(default)]
    templates: Vec<FileTemplate>,
    #[serde(default)]
    ledgers: Vec<FileLedger>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOrg {
    id: OrgId,
    kind: OrgKind,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGrid {
    id: GridId,
    name: String,
    community: OrgId,
    #[serde(default)]
    buildings: BTreeMap<BuildingId, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePerson {
    id: PersonId,
    name: String,
    #[serde(default)]
    posts: Vec<FilePost>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePost {
    role: Role,
    org: OrgId,
    #[serde(default)]
    grids: Vec<GridId>,
    #[serde(default)]
    buildings: Vec<BuildingId>,
}

/// What is left out keeps the handbook's default.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FilePolicy {
    first_contact_days: Option<u16>,
    consultation_days: Option<u16>,
    effect_check_days: Option<u16>,
    feedback_days: Option<u16>,
    office_days: Option<u16>,
    committee_days: Option<u16>,
    unit_days: Option<u16>,
    rounds: Option<u16>,
    visible_after_return_days: Option<u16>,
    afterlife_days: Option<u16>,
    feedback_tries: Option<u16>,
    alike_days: Option<u16>,
    categories: Option<Vec<String>>,
    care_tags: Option<Vec<String>>,
    /// The whole list: what is left out of it is not accepted.
    attachment_kib: Option<BTreeMap<String, u32>>,
    attachment_metered_kib: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileYear {
    source: String,
    #[serde(default)]
    holidays: Vec<FileHoliday>,
    #[serde(default)]
    workdays: Vec<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileHoliday {
    name: String,
    from: Date,
    to: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTemplate {
    #[serde(default)]
    category: String,
    title: String,
    #[serde(default)]
    facts: String,
    terms: String,
    #[serde(default)]
    deeds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLedger {
    id: String,
    title: String,
    of: LedgerOf,
    columns: Vec<FileColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileColumn {
    field: String,
    title: String,
    width: Option<u16>,
}

/// The directory that `text` describes. Whether it contradicts itself is the store's question.
pub(super) fn read(text: &str) -> Result<Directory, toml::de::Error> {
    let file: File = toml::from_str(text)?;
    Ok(Directory {
        calendar: calendar(file.calendar)?,
        templates: file.templates.into_iter().map(template).collect(),
        ledgers: file.ledgers.into_iter().map(ledger).collect(),
        version: file.version,
        name: file.name,
        orgs: file.orgs.into_iter().map(|org| Org { id: org.id, kind: org.kind, name: org.name }).collect(),
        grids: file
            .grids
            .into_iter()
            .map(|grid| Grid { id: grid.id, name: grid.name, community: grid.community, buildings: grid.buildings })
            .collect(),
        people: file.people.into_iter().map(person).collect(),
        policy: policy(file.policy),
    })
}

fn policy(file: FilePolicy) -> Policy {
    let default = Policy::default();
    Policy {
        first_contact_days: file.first_contact_days.unwrap_or(default.first_contact_days),
        consultation_days: file.consultation_days.unwrap_or(default.consultation_days),
        effect_check_days: file.effect_check_days.unwrap_or(default.effect_check_days),
        feedback_days: file.feedback_days.unwrap_or(default.feedback_days),
        office_days: file.office_days.unwrap_or(default.office_days),
        committee_days: file.committee_days.unwrap_or(default.committee_days),
        unit_days: file.unit_days.unwrap_or(default.unit_days),
        rounds: file.rounds.unwrap_or(default.rounds),
        visible_after_return_days: file.visible_after_return_days.unwrap_or(default.visible_after_return_days),
        afterlife_days: file.afterlife_days.unwrap_or(default.afterlife_days),
        feedback_tries: file.feedback_tries.unwrap_or(default.feedback_tries),
        alike_days: file.alike_days.unwrap_or(default.alike_days),
        categories: file.categories.unwrap_or(default.categories),
        care_tags: file.care_tags.unwrap_or(default.care_tags),
        attachment_kib: file.attachment_kib.unwrap_or(default.attachment_kib),
        attachment_metered_kib: file.attachment_metered_kib.unwrap_or(default.attachment_metered_kib),
    }
}

fn calendar(years: BTreeMap<String, FileYear>) -> Result<Calendar, toml::de::Error> {
    let holiday = |holiday: FileHoliday| Holiday { name: holiday.name, from: holiday.from, to: holiday.to };
    let year = |(year, data): (String, FileYear)| {
        let number = year.parse().map_err(|_| toml::de::Error::custom(format!("calendar.{year} is no year")))?;
        let holidays = data.holidays.into_iter().map(holiday).collect();
        Ok((number, CalendarYear { source: data.source, holidays, workdays: data.workdays }))
    };
    Ok(Calendar { years: years.into_iter().map(year).collect::<Result<_, toml::de::Error>>()? })
}

fn template(file: FileTemplate) -> AgreementTemplate {
    let FileTemplate { category, title, facts, terms, deeds } = file;
    AgreementTemplate { category, title, facts, terms, deeds }
}

fn ledger(file: FileLedger) -> LedgerTemplate {
    let column = |column: FileColumn| LedgerColumn { field: column.field, title: column.title, width: column.width };
    LedgerTemplate { id: file.id, title: file.title, of: file.of, columns: file.columns.into_iter().map(column).collect() }
}

fn person(person: FilePerson) -> Person {
    let post =
        |post: FilePost| Post { role: post.role, org: post.org, grids: post.grids, buildings: post.buildings, ended: None };
    Person { id: person.id, name: person.name, posts: person.posts.into_iter().map(post).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::SAMPLE;

    #[test]
    fn the_sample_is_whole_and_has_every_role() {
        let directory = read(SAMPLE).unwrap();
        assert_eq!(directory.check(), Ok(()));
        for role in Role::ALL {
            assert!(directory.people.iter().any(|person| person.posts().any(|post| post.role == role)), "{role:?}");
        }
        for org in directory.orgs.iter().filter(|org| org.kind == OrgKind::Community) {
            assert_eq!(directory.grids.iter().filter(|grid| grid.community == org.id).count(), 2, "{}", org.id);
        }
    }

    #[test]
    fn every_person_of_the_sample_is_marked_as_filler() {
        let mut lines = SAMPLE.lines().skip_while(|line| !line.starts_with("[[people]]"));
        let names: Vec<_> = lines.by_ref().filter(|line| line.starts_with("name = ")).collect();
        assert!(names.len() >= 16);
        assert!(names.iter().all(|line| line.ends_with("# filler")), "{names:?}");
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_line() {
        let error = read("name = \"x\"\n[[orgs]]\nid = \"a\"\nkind = \"unit\"\nnmae = \"b\"\n").err().unwrap().to_string();
        assert!(error.contains("nmae") && error.contains("line 5"), "{error}");
    }

    fn error_of(text: &str) -> String {
        read(&format!("name = \"x\"\n{text}")).err().unwrap().to_string()
    }

    #[test]
    fn every_part_of_the_file_is_read_strictly() {
        for (text, field, line) in [
            ("[policy]\nfirst_contact_day = 1\n", "first_contact_day", 3),
            ("[policy]\nrounds = -1\n", "-1", 3),
            ("[calendar.2026]\nsource = \"s\"\nworkday = []\n", "workday", 4),
            ("[calendar.2026]\nsource = \"s\"\nworkdays = [\"2026-02-30\"]\n", "2026-05-08", 4),
            ("[[calendar.2026.holidays]]\nname = \"n\"\nfrom = \"2026-01-01\"\nuntil = \"2026-01-03\"\n", "until", 5),
            ("[[templates]]\ntitle = \"t\"\nterm = \"x\"\n", "term", 4),
            ("[[ledgers]]\nid = \"l\"\ntitle = \"t\"\nof = \"case\"\ncolumns = []\n", "case", 5),
            ("[[ledgers]]\nid = \"l\"\ntitle = \"t\"\nof = \"cases\"\ncolumns = [{ feild = \"f\" }]\n", "feild", 6),
        ] {
            let error = error_of(text);
            assert!(error.contains(field) && error.contains(&format!("line {line}")), "{text}{error}");
        }
        assert!(error_of("[calendar.next]\nsource = \"s\"\n").contains("calendar.next is no year"));
    }

    #[test]
    fn a_policy_keeps_the_handbooks_default_for_what_it_leaves_out() {
        let policy = |text: &str| read(&format!("name = \"x\"\n[policy]\n{text}")).unwrap().policy;
        assert_eq!(policy(""), Policy::default());
        let set = policy("office_days = 7\ncare_tags = [\"独居老人\"]\n");
        assert_eq!(set, Policy { office_days: 7, care_tags: vec!["独居老人".into()], ..Policy::default() });
    }

    #[test]
    fn ledgers_and_templates_are_what_the_file_says() {
        let text = "name = \"x\"
            [[templates]]\ncategory = \"房屋漏水\"\ntitle = \"t\"\nfacts = \"f\"\nterms = \"w\"\ndeeds = [\"d\"]
            [[ledgers]]\nid = \"l\"\ntitle = \"t\"\nof = \"visits\"
            columns = [{ field = \"a\", title = \"b\" }, { field = \"c\", title = \"d\", width = 9 }]";
        let directory = read(text).unwrap();
        assert_eq!(directory.check(), Ok(()));
        assert_eq!(directory.templates[0].deeds, ["d"]);
        let widths: Vec<_> = directory.ledgers[0].columns.iter().map(|column| column.width).collect();
        assert_eq!((directory.ledgers[0].of, widths), (LedgerOf::Visits, vec![None, Some(9)]));
    }

    #[test]
    fn the_sample_has_the_published_calendar_of_2026_with_its_source() {
        let directory = read(SAMPLE).unwrap();
        let year = &directory.calendar.years[&2026];
        assert!(year.source.contains("国办发明电〔2025〕7号"), "{}", year.source);
        assert_eq!((year.holidays.len(), year.workdays.len()), (7, 6));
        let day = |text: &str| text.parse::<Date>().unwrap();
        let worked = directory.calendar.working_days_between(day("2025-12-31"), day("2026-12-31"));
        assert_eq!(worked, 248, "261 weekdays, 19 of them off, 6 weekend days worked");
        assert!(directory.policy.categories.iter().all(|category| !directory.templates_for(category).is_empty()));
    }
}
