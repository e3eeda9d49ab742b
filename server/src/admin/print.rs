//! The writing side of the sub-district's file: the directory as the TOML that `admin init` and `admin apply` read.
//!
//! Whatever [`super::file`] reads is printed, so that printing and reading lose nothing but ended posts, which stand in
//! comments: they are history, and `admin apply` keeps them whatever the file says.

use std::fmt::Write as _;

use doorstep_core::directory::Directory;
use doorstep_core::people::{Person, Post};
use doorstep_core::words::{self, Lang};
use serde::Serialize;
use serde_json::Value;

use super::role_name;

/// A text as TOML writes it: one line in quotes, several between three.
pub(crate) fn toml_text(text: &str) -> String {
    let several = text.contains('\n');
    let mut out = String::from(if several { "\"\"\"\n" } else { "\"" });
    for character in text.chars() {
        match character {
            '\n' if several => out.push('\n'),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push('\t'),
            control if control.is_control() => {
                // Writing to a string can't fail.
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push_str(if several { "\"\"\"" } else { "\"" });
    out
}

/// The directory as a file.
pub(super) fn directory(directory: &Directory) -> String {
    let mut out = Printed::default();
    out.comment("doorstep admin show 打印的名录；修改后：doorstep admin apply 本文件 --data DIR（--dry-run 先看改了什么）");
    out.comment("Printed by doorstep admin show; edit it, then: doorstep admin apply FILE --data DIR (--dry-run to see first)");
    out.comment("version 不要改：它说明这份文件出自哪一版 · leave version as it is: it says which version this was made from");
    out.field("version", &directory.version);
    out.text("name", &directory.name);
    for org in &directory.orgs {
        out.table("[orgs]");
        out.text("id", org.id.as_str());
        out.field("kind", &org.kind);
        out.text("name", &org.name);
    }
    for grid in &directory.grids {
        out.table("[grids]");
        out.text("id", grid.id.as_str());
        out.text("name", &grid.name);
        out.text("community", grid.community.as_str());
        if !grid.buildings.is_empty() {
            out.line("[grids.buildings]");
            for (id, name) in &grid.buildings {
                out.text(id.as_str(), name);
            }
        }
    }
    let (listed, gone): (Vec<&Person>, Vec<&Person>) = directory.people.iter().partition(|person| is_listed(person));
    for person in listed {
        out.table("[people]");
        out.text("id", person.id.as_str());
        out.text("name", &person.name);
        for post in &person.posts {
            print_post(&mut out, post);
        }
    }
    if !gone.is_empty() {
        out.line("");
        out.comment("已无岗位，姓名留着供旧记录显示 · no post any more; their names stay for old records:");
        for person in gone {
            out.comment(&format!("  {} {}", person.id, person.name));
        }
    }
    out.table("policy");
    policy(&mut out, directory);
    for (year, of) in &directory.calendar.years {
        out.table(&format!("calendar.{year}"));
        out.text("source", &of.source);
        out.field("workdays", &of.workdays);
        let holidays = of.holidays.iter().map(|holiday| {
            format!("  {{ name = {}, from = \"{}\", to = \"{}\" }},\n", toml_text(&holiday.name), holiday.from, holiday.to)
        });
        out.line(&format!("holidays = [\n{}]", holidays.collect::<String>()));
    }
    for template in &directory.templates {
        out.table("[templates]");
        if !template.category.is_empty() {
            out.text("category", &template.category);
        }
        out.text("title", &template.title);
        if !template.facts.is_empty() {
            out.text("facts", &template.facts);
        }
        out.text("terms", &template.terms);
        if !template.deeds.is_empty() {
            out.field("deeds", &template.deeds);
        }
    }
    for ledger in &directory.ledgers {
        out.table("[ledgers]");
        out.text("id", &ledger.id);
        out.text("title", &ledger.title);
        out.field("of", &ledger.of);
        out.line("columns = [");
        for column in &ledger.columns {
            let width = column.width.map(|width| format!(", width = {width}")).unwrap_or_default();
            let (field, title) = (toml_text(&column.field), toml_text(&column.title));
            out.line(&format!("  {{ field = {field}, title = {title}{width} }},"));
        }
        out.line("]");
    }
    out.0
}

/// Whether somebody stands in the file: who holds a post, or never held one.
pub(super) fn is_listed(person: &Person) -> bool {
    person.posts.is_empty() || person.posts().next().is_some()
}

fn print_post(out: &mut Printed, post: &Post) {
    if let Some(at) = post.ended {
        out.comment(&format!("已卸任 · ended: {} {} {}", role_name(post.role), post.org, at.date()));
        return;
    }
    out.line("[[people.posts]]");
    out.text("role", role_name(post.role));
    out.text("org", post.org.as_str());
    if !post.grids.is_empty() {
        out.field("grids", &post.grids);
    }
    if !post.buildings.is_empty() {
        out.field("buildings", &post.buildings);
    }
}

fn policy(out: &mut Printed, directory: &Directory) {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(&directory.policy) else { return };
    // First the limits in the handbook's order, then the lists, whatever there are: nothing of the policy gets lost.
    let limits = directory.policy.limits().into_iter().filter_map(|(name, _)| Some((name.to_owned(), fields.remove(name)?)));
    let ordered: Vec<(String, Value)> = limits.collect();
    for (name, value) in ordered.into_iter().chain(fields) {
        let said = |lang| words::policy_field(&name, lang).unwrap_or_default();
        out.line(&format!("{name} = {} # {} · {}", toml(&value), said(Lang::Zh), said(Lang::En)));
    }
}

/// A plain value as TOML writes it, a map as a table on one line; there are no nothings among them.
fn toml(value: &Value) -> String {
    match value {
        Value::String(text) => toml_text(text),
        Value::Array(all) => format!("[{}]", all.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{} = {}", toml_text(name), toml(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[derive(Default)]
struct Printed(String);

impl Printed {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn comment(&mut self, text: &str) {
        self.line(&format!("# {text}"));
    }

    fn table(&mut self, name: &str) {
        self.line(&format!("\n[{name}]"));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.line(&format!("{name} = {}", toml_text(text)));
    }

    fn field<T: Serialize>(&mut self, name: &str, value: &T) {
        self.line(&format!("{name} = {}", toml(&serde_json::to_value(value).unwrap_or_default())));
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::directory::{LedgerColumn, LedgerOf, LedgerTemplate};
    use doorstep_core::time::Timestamp;

    use super::*;
    use crate::admin::file::read;

    #[test]
    fn what_is_printed_reads_back_as_it_was() {
        let mut sample = crate::admin::sample().unwrap();
        sample.version = 7;
        sample.policy.rounds = 4;
        sample.policy.attachment_kib = [("image/jpeg".into(), 900), ("audio/mp4".into(), 20)].into();
        sample.policy.attachment_metered_kib = 0;
        assert!(sample.calendar.knows(2026) && !sample.templates.is_empty(), "there is something to lose");
        sample.ledgers = vec![LedgerTemplate {
            id: "weekly".into(),
            title: "周报".into(),
            of: LedgerOf::Cases,
            columns: vec![
                LedgerColumn { field: "title".into(), title: "事项".into(), width: Some(20) },
                LedgerColumn { field: "stage".into(), title: "阶段".into(), width: None },
            ],
        }];
        sample.policy.categories.push("带\"引号\"和\\的".into());
        assert_eq!(read(&directory(&sample)).unwrap(), sample);
    }

    #[test]
    fn a_text_of_several_lines_reads_back() {
        for text in ["", "一行", "两\n行", "\n头尾\n", "引\"\"\"号\\", "\u{7f}\u{1b}[2J", "制\t表\r\n"] {
            let file = format!("a = {}\n", toml_text(text));
            let read: std::collections::BTreeMap<String, String> = toml::from_str(&file).unwrap();
            assert_eq!(read["a"], text, "{file}");
        }
    }

    #[test]
    fn ended_posts_stand_in_comments_and_who_has_none_left_too() {
        let mut sample = crate::admin::sample().unwrap();
        sample.people[0].posts[0].ended = Some(Timestamp(0));
        let file = directory(&sample);
        let again = read(&file).unwrap();
        assert!(file.contains(&format!("#   {} {}", sample.people[0].id, sample.people[0].name)));
        assert_eq!(again.people, sample.people[1..]);
    }
}
