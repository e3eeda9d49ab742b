//! `doorstep admin list`: people, posts, devices.

use doorstep_core::directory::Directory;
use doorstep_core::people::{OrgKind, Post};
use doorstep_core::time::Timestamp;
use unicode_width::UnicodeWidthStr as _;

use super::{failed, kind_words, role_name, role_words};
use crate::store::Store;
use crate::words::{Lang, Said, say};

pub(super) fn run(store: &Store, lang: Lang) -> Result<(), Said> {
    let directory = store.directory().map_err(|error| failed(&error))?;
    let devices = store.devices().map_err(|error| failed(&error))?;
    say!("{}（{} {}）", directory.name, lang.pick("名录版本", "directory version"), directory.version);

    heading(lang.pick("单位", "Orgs"));
    let kinds = [OrgKind::Community, OrgKind::Office, OrgKind::Committee, OrgKind::Unit, OrgKind::Body];
    let mut rows = Vec::new();
    for kind in kinds {
        for org in directory.orgs.iter().filter(|org| org.kind == kind) {
            let grids = directory.grids.iter().filter(|grid| grid.community == org.id).map(|grid| grid.id.as_str());
            rows.push(vec![
                org.id.to_string(),
                org.name.clone(),
                kind_words(kind, lang).into(),
                grids.collect::<Vec<_>>().join(" "),
            ]);
        }
    }
    table(&rows);

    heading(lang.pick("人员与岗位", "People and posts"));
    let mut rows = Vec::new();
    for person in &directory.people {
        let mut posts: Vec<_> = person.posts().map(|post| describe(post, &directory, lang)).collect();
        if posts.is_empty() {
            posts.push(lang.pick("（无岗位）", "(no post)").into());
        }
        rows.push(vec![person.id.to_string(), person.name.clone(), posts.join("; ")]);
    }
    table(&rows);

    heading(lang.pick("设备", "Devices"));
    if devices.is_empty() {
        say!("  {}", lang.pick("还没有。用 doorstep admin enrol 登记。", "none yet; enrol one with: doorstep admin enrol"));
    }
    let rows: Vec<_> = devices
        .iter()
        .map(|device| {
            let state = match device.revoked_at {
                None => lang.pick("在用", "in use").to_owned(),
                Some(at) => format!("{} {}", lang.pick("停用于", "revoked"), minute(at)),
            };
            let since = format!("{} {}", lang.pick("登记于", "enrolled"), minute(device.enrolled_at));
            vec![device.id.to_string(), device.person.to_string(), device.label.clone(), since, state]
        })
        .collect();
    table(&rows);
    Ok(())
}

fn describe(post: &Post, directory: &Directory, lang: Lang) -> String {
    let mut places: Vec<&str> = post.grids.iter().map(doorstep_core::id::GridId::as_str).collect();
    places.extend(post.buildings.iter().map(doorstep_core::id::BuildingId::as_str));
    let places = if places.is_empty() { String::new() } else { format!(" [{}]", places.join(" ")) };
    let role = match lang {
        Lang::Zh => role_words(post.role, lang),
        // As it is typed after --role.
        Lang::En => role_name(post.role),
    };
    format!("{} {role}{places}", directory.org_name(&post.org))
}

fn minute(at: Timestamp) -> String {
    let (hour, minute) = at.clock();
    format!("{} {hour:02}:{minute:02}", at.date())
}

fn heading(text: &str) {
    say!("\n{text}");
}

/// Columns as wide as their widest entry; a Chinese character is two columns wide.
fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
        }
        say!("{}", line.trim_end());
    }
}
