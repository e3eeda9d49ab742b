//! What an edited directory changes, by id, and what becomes of what it leaves out. Pure: two directories in, words out.
//!
//! Nobody's past is rewritten: a post that the file no longer has ends now, and who once held a post keeps their name in the
//! directory, because old records show it.

use doorstep_core::directory::Directory;
use doorstep_core::people::{Person, Post};
use doorstep_core::time::Timestamp;
use serde::Serialize;

use super::print::is_listed;
use super::role_words;
use crate::words::Lang;

/// What happens to one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    Added,
    Changed,
    Removed,
}

/// One thing that becomes another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    /// `name`, `org`, `grid`, `person`, `policy`, `calendar`, `template`, `ledger`.
    pub(super) what: &'static str,
    /// Its id, a policy's field, a calendar's year, a template's title.
    pub(super) id: String,
    pub(super) change: Change,
    /// What becomes of it, in words.
    pub(super) words: String,
}

/// The present directory with what the file says of it; `now` is when posts that it leaves out end.
pub(super) fn merged(present: &Directory, wanted: &Directory, now: Timestamp) -> Directory {
    let mut next = wanted.clone();
    next.people = Vec::new();
    for person in &wanted.people {
        let known = present.person(&person.id);
        let mut posts: Vec<Post> = known.map(|known| known.posts.clone()).unwrap_or_default();
        for post in posts.iter_mut().filter(|post| post.ended.is_none() && !person.posts.contains(post)) {
            post.ended = Some(now);
        }
        let new = person.posts.iter().filter(|post| !posts.iter().any(|held| held.ended.is_none() && held == *post));
        let new: Vec<Post> = new.cloned().collect();
        posts.extend(new);
        next.people.push(Person { posts, ..person.clone() });
    }
    for person in present.people.iter().filter(|person| wanted.person(&person.id).is_none() && !person.posts.is_empty()) {
        let mut gone = person.clone();
        for post in gone.posts.iter_mut().filter(|post| post.ended.is_none()) {
            post.ended = Some(now);
        }
        next.people.push(gone);
    }
    next
}

/// What changes between two directories.
pub(super) fn between(present: &Directory, next: &Directory, lang: Lang) -> Vec<Line> {
    let mut lines = Vec::new();
    if present.name != next.name {
        lines.push(Line { what: "name", id: String::new(), change: Change::Changed, words: arrow(&present.name, &next.name) });
    }
    by_id(&mut lines, "org", &present.orgs, &next.orgs, |org| org.id.to_string(), |org| org.name.clone());
    by_id(&mut lines, "grid", &present.grids, &next.grids, |grid| grid.id.to_string(), |grid| grid.name.clone());
    let listed = |directory: &Directory| directory.people.iter().filter(|one| is_listed(one)).map(active).collect::<Vec<_>>();
    let posts = |person: &Person| {
        let post = |post: &Post| {
            let places = post.grids.iter().map(ToString::to_string).chain(post.buildings.iter().map(ToString::to_string));
            let places = places.collect::<Vec<_>>().join(" ");
            let role = role_words(post.role, lang);
            format!("{} {role}{}", post.org, if places.is_empty() { String::new() } else { format!(" [{places}]") })
        };
        format!("{}: {}", person.name, person.posts.iter().map(post).collect::<Vec<_>>().join(lang.pick("、", "; ")))
    };
    by_id(&mut lines, "person", &listed(present), &listed(next), |person| person.id.to_string(), posts);
    policy(&mut lines, present, next);
    let years = |directory: &Directory| directory.calendar.years.clone().into_iter().collect::<Vec<_>>();
    by_id(&mut lines, "calendar", &years(present), &years(next), |(year, _)| year.to_string(), |(_, year)| year.source.clone());
    by_id(
        &mut lines,
        "template",
        &present.templates,
        &next.templates,
        |template| template.title.clone(),
        |template| template.category.clone(),
    );
    by_id(&mut lines, "ledger", &present.ledgers, &next.ledgers, |ledger| ledger.id.clone(), |ledger| ledger.title.clone());
    lines
}

/// A person with the posts that hold now.
fn active(person: &Person) -> Person {
    Person { posts: person.posts().cloned().collect(), ..person.clone() }
}

fn arrow(from: &str, to: &str) -> String {
    if from == to { to.to_owned() } else { format!("{from} → {to}") }
}

fn by_id<T: PartialEq>(
    lines: &mut Vec<Line>,
    what: &'static str,
    before: &[T],
    after: &[T],
    id: impl Fn(&T) -> String,
    words: impl Fn(&T) -> String,
) {
    for one in after {
        match before.iter().find(|known| id(known) == id(one)) {
            None => lines.push(Line { what, id: id(one), change: Change::Added, words: words(one) }),
            Some(known) if known != one => {
                lines.push(Line { what, id: id(one), change: Change::Changed, words: arrow(&words(known), &words(one)) });
            }
            Some(_) => {}
        }
    }
    for gone in before.iter().filter(|known| !after.iter().any(|one| id(one) == id(known))) {
        lines.push(Line { what, id: id(gone), change: Change::Removed, words: words(gone) });
    }
}

fn policy(lines: &mut Vec<Line>, present: &Directory, next: &Directory) {
    let fields = |directory: &Directory| match serde_json::to_value(&directory.policy) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (fields(present), fields(next));
    for (name, value) in &after {
        let known = before.get(name);
        if known != Some(value) {
            let from = known.map(ToString::to_string).unwrap_or_default();
            lines.push(Line {
                what: "policy",
                id: name.clone(),
                change: Change::Changed,
                words: arrow(&from, &value.to_string()),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Directory {
        crate::admin::sample().unwrap()
    }

    fn told(present: &Directory, wanted: &Directory) -> Vec<(&'static str, String, Change)> {
        let next = merged(present, wanted, Timestamp(9));
        between(present, &next, Lang::En).into_iter().map(|line| (line.what, line.id, line.change)).collect()
    }

    #[test]
    fn the_same_directory_changes_nothing() {
        let present = sample();
        assert_eq!(told(&present, &present), []);
        assert_eq!(merged(&present, &present, Timestamp(9)), present);
    }

    #[test]
    fn what_was_added_changed_and_left_out_is_told_by_id() {
        let present = sample();
        let mut wanted = present.clone();
        wanted.orgs[0].name = "新名".into();
        wanted.orgs.retain(|org| org.id.as_str() != "builder");
        wanted.people.retain(|person| !["contact-builder", "w-ncg-1"].contains(&person.id.as_str()));
        wanted.people.push(Person { id: "w-new".parse().unwrap(), name: "某".into(), posts: vec![] });
        wanted.policy.rounds = 5;
        wanted.calendar.years.insert(2027, doorstep_core::directory::CalendarYear::default());
        let told = told(&present, &wanted);
        for expected in [
            ("org", "nanchenggen", Change::Changed),
            ("org", "builder", Change::Removed),
            ("person", "w-ncg-1", Change::Removed),
            ("person", "w-new", Change::Added),
            ("policy", "rounds", Change::Changed),
            ("calendar", "2027", Change::Added),
        ] {
            assert!(
                told.iter().any(|(what, id, change)| (*what, id.as_str(), *change) == expected),
                "{expected:?} in {told:?}"
            );
        }
        assert_eq!(told.len(), 7, "{told:?}");
    }

    #[test]
    fn a_post_that_is_left_out_ends_and_stays_on_record() {
        let present = sample();
        let mut wanted = present.clone();
        let worker: doorstep_core::id::PersonId = "w-ncg-1".parse().unwrap();
        wanted.people.iter_mut().filter(|person| person.id == worker).for_each(|person| {
            person.posts[0].grids = vec!["ncg-2".parse().unwrap()];
        });
        let next = merged(&present, &wanted, Timestamp(9));
        let posts = &next.person(&worker).unwrap().posts;
        assert_eq!((posts.len(), posts[0].ended, posts[1].ended), (2, Some(Timestamp(9)), None));
        wanted.people.retain(|person| person.id != worker);
        let gone = merged(&next, &wanted, Timestamp(10));
        let posts = &gone.person(&worker).unwrap().posts;
        assert_eq!((posts[0].ended, posts[1].ended), (Some(Timestamp(9)), Some(Timestamp(10))), "the first end stands");
        assert_eq!(told(&gone, &wanted), [], "who is gone is gone");
    }
}
