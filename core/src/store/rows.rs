//! List rows: written with the document they stand for, read a page at a time without loading any document.
//!
//! Paging is by key, not by offset: a page costs the page, wherever it lies, and a row that moves up meanwhile is neither
//! shown twice in what follows nor makes another one disappear. What a row means is not this module's business.

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::{Store, StoreError, doc_id, search, waits};
use crate::id::{DocId, DocKind, GridId, OrgId, PersonId};
use crate::row::Row;
use crate::time::{Date, Hlc};

/// Most rows of one page: several screens full, well below a frame's time.
pub const PAGE_MAX: usize = 500;

/// Rows up to which a text is rare: they are fetched and put in order, some microseconds each, instead of reading a whole list.
const FEW: i64 = 300;

/// The stage shown for a row whose record can't be decoded; the document itself may be sound.
const STAGE_UNREADABLE: &str = "unreadable";

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What was changed last comes first.
    #[default]
    Newest,
    /// What is due first comes first; what has no date is left out.
    Due,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    key: i64,
    doc: DocId,
}

impl Position {
    /// Just behind `row` in this order; none if the order leaves the row out.
    pub fn after(row: &Row, order: Order) -> Option<Self> {
        let key = match order {
            Order::Newest => sortable(row.updated),
            Order::Due => i64::from(row.due?.days()),
        };
        Some(Self { key, doc: row.doc })
    }
}

/// Which rows. Empty: all of the kind.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// In this stage.
    pub stage: Option<&'a str>,
    /// In this community.
    pub community: Option<&'a OrgId>,
    /// In this grid.
    pub grid: Option<&'a GridId>,
    /// With this org now.
    pub holder: Option<&'a OrgId>,
    /// Assigned to this person.
    pub assignee: Option<&'a PersonId>,
    /// Only what wants a look.
    pub look: bool,
    /// Due on this day or before.
    pub due_until: Option<Date>,
    /// Visits of this household.
    pub household: Option<&'a DocId>,
    /// Households with this care tag.
    pub tag: Option<&'a str>,
    /// With this text in the title.
    pub text: Option<&'a str>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    /// Cases or visits.
    pub kind: DocKind,
    /// In which order.
    pub order: Order,
    /// Which ones.
    pub filter: Filter<'a>,
    /// Behind which row; none for the first page.
    pub after: Option<Position>,
    /// Most rows; [`PAGE_MAX`] at most.
    pub limit: usize,
}

impl Query<'_> {
    /// The first page of everything of a kind, newest first.
    pub fn first(kind: DocKind, limit: usize) -> Self {
        Self { kind, order: Order::Newest, filter: Filter::default(), after: None, limit }
    }

    /// The documents of the page, in order, from one index alone; or, where `few` documents can have the text that is asked for,
    /// from those.
    fn sql(&self, few: Option<String>) -> (String, Vec<Value>) {
        // The kind as a literal: only then SQLite knows that an index of visits alone will do.
        let (from, mut values) = match few {
            None => (format!("INDEXED BY {} WHERE", self.index()), Vec::new()),
            Some(expression) => (
                "WHERE doc IN (SELECT doc FROM search CROSS JOIN search_doc ON n = search.rowid WHERE search MATCH ?) AND"
                    .into(),
                vec![expression.into()],
            ),
        };
        let mut sql = format!("SELECT doc FROM list_row {from} kind = '{}'", self.kind.name());
        let mut narrow = |condition: &str, value: Value| {
            sql.push_str(condition);
            values.push(value);
        };
        let filter = &self.filter;
        let texts = [
            (" AND stage = ?", filter.stage),
            (" AND community = ?", filter.community.map(OrgId::as_str)),
            (" AND grid = ?", filter.grid.map(GridId::as_str)),
            (" AND holder = ?", filter.holder.map(OrgId::as_str)),
            (" AND assignee = ?", filter.assignee.map(PersonId::as_str)),
            (" AND instr(title, ?) > 0", filter.text),
        ];
        for (condition, text) in texts {
            if let Some(text) = text {
                narrow(condition, text.to_owned().into());
            }
        }
        if let Some(tag) = filter.tag {
            narrow(" AND instr(tags, ?) > 0", tagged([tag]).into());
        }
        if let Some(household) = filter.household {
            narrow(" AND household = ?", household.as_bytes().to_vec().into());
        }
        if let Some(day) = filter.due_until {
            narrow(" AND due <= ?", i64::from(day.days()).into());
        }
        if let Some(position) = self.after {
            narrow(
                match self.order {
                    Order::Newest => " AND (updated, doc) < (?, ",
                    Order::Due => " AND (due, doc) > (?, ",
                },
                position.key.into(),
            );
            narrow("?)", position.doc.as_bytes().to_vec().into());
        }
        if filter.look {
            sql.push_str(" AND look = 1");
        }
        sql.push_str(match self.order {
            Order::Newest => " ORDER BY updated DESC, doc DESC",
            Order::Due => " AND due IS NOT NULL ORDER BY due, doc",
        });
        sql.push_str(" LIMIT ?");
        values.push(i64::try_from(self.limit.min(PAGE_MAX)).unwrap_or(0).into());
        (sql, values)
    }

    /// The index that the page is read from: the one that reads past least.
    const fn index(&self) -> &'static str {
        let filter = &self.filter;
        match (self.order, self.kind) {
            (Order::Due, _) => "list_due",
            _ if filter.look => "list_look",
            _ if filter.household.is_some() => "list_visit_household",
            // Both: a phone holds a few grids at most, and a rare result is what somebody looks for.
            (_, DocKind::Visit) if filter.stage.is_some() => "list_visit_stage",
            (_, DocKind::Visit) if filter.grid.is_some() => "list_visit_grid",
            (_, DocKind::Visit) if filter.community.is_some() => "list_visit_community",
            _ => "list_newest",
        }
    }

    /// Whether nothing can be on the page: only cases are handed over, assigned and due.
    const fn is_empty(&self) -> bool {
        let filter = &self.filter;
        !matches!(self.kind, DocKind::Case)
            && (filter.holder.is_some()
                || filter.assignee.is_some()
                || filter.due_until.is_some()
                || matches!(self.order, Order::Due))
    }
}

/// Care tags as they stand in the column: each between line feeds, so that none is found inside another.
fn tagged<'a>(tags: impl IntoIterator<Item = &'a str>) -> String {
    let mut column = String::new();
    for tag in tags {
        if column.is_empty() {
            column.push('\n');
        }
        column.push_str(tag);
        column.push('\n');
    }
    column
}

/// What the screen shows beside the list: every change is on the server, waiting, or set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Documents held.
    pub documents: u64,
    /// Changes to be pushed.
    pub waiting: u64,
    /// Changes that the server takes once it has others.
    pub wanted: u64,
    /// Changes that the server set aside.
    pub set_aside: u64,
    /// Documents that could not be loaded.
    pub unreadable: u64,
    /// Documents out of scope that something unsent still keeps.
    pub leaving: u64,
}

impl Store {
    /// One page of list rows.
    pub fn rows(&self, query: &Query<'_>) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        if query.is_empty() {
            return Ok(rows);
        }
        let (sql, values) = query.sql(self.few_with(query.filter.text)?);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(values))?;
        while let Some(columns) = found.next()? {
            let doc = columns.get_ref(0)?.as_blob().map_err(|_| StoreError::Damaged { what: "value" })?;
            rows.extend(self.row(&doc_id(doc)?)?);
        }
        Ok(rows)
    }

    /// What the search index is to be asked for the rows with this text in them, if it can tell and they are few. Else the newest
    /// rows are read until the page is full, which is soon where many have it.
    fn few_with(&self, text: Option<&str>) -> Result<Option<String>, StoreError> {
        let Some(expression) = text.and_then(crate::search::stands_in) else { return Ok(None) };
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM search WHERE search MATCH ?1 LIMIT 1 OFFSET ?2")?;
        let many = statement.exists(params![expression, FEW])?;
        Ok((!many).then_some(expression))
    }

    /// The list row of one document.
    pub fn row(&self, doc: &DocId) -> Result<Option<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT kind, updated, record FROM list_row WHERE doc = ?1")?;
        let mut found = statement.query([doc.as_bytes()])?;
        let Some(columns) = found.next()? else { return Ok(None) };
        let kind: String = columns.get(0)?;
        let kind = DocKind::from_name(&kind).ok_or(StoreError::Damaged { what: "value" })?;
        let record: Vec<u8> = columns.get(2)?;
        match minicbor_serde::from_slice(&record) {
            Ok(row) => Ok(Some(row)),
            Err(_) => Ok(Some(unreadable(*doc, kind, columns.get(1)?))),
        }
    }

    /// How much is here, waiting, set aside.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT count(*) FROM document),
                    (SELECT count(*) FROM outbox WHERE state = 'waiting'),
                    (SELECT count(*) FROM outbox WHERE state = 'wanted'),
                    (SELECT count(*) FROM outbox WHERE state = 'set_aside'),
                    (SELECT count(*) FROM document WHERE trust = 'unreadable'),
                    (SELECT count(*) FROM document WHERE leaving = 1)",
        )?;
        let number = |row: &rusqlite::Row<'_>, at| row.get::<_, i64>(at).map(i64::cast_unsigned);
        Ok(statement.query_row([], |row| {
            Ok(Counts {
                documents: number(row, 0)?,
                waiting: number(row, 1)?,
                wanted: number(row, 2)?,
                set_aside: number(row, 3)?,
                unreadable: number(row, 4)?,
                leaving: number(row, 5)?,
            })
        })?)
    }
}

/// Writes the document's row, in place of the one before.
pub(super) fn put(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    let record = minicbor_serde::to_vec(row).map_err(|_| StoreError::Record)?;
    let tags = tagged(row.tags.iter().map(String::as_str));
    connection
        .prepare_cached(
            "INSERT INTO list_row (doc, kind, stage, updated, due, holder, community, grid, assignee, look, title, record,
                                   began, category, household, building, tags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
             ON CONFLICT (doc) DO UPDATE SET
                 kind = excluded.kind, stage = excluded.stage, updated = excluded.updated, due = excluded.due,
                 holder = excluded.holder, community = excluded.community, grid = excluded.grid,
                 assignee = excluded.assignee, look = excluded.look, title = excluded.title, record = excluded.record,
                 began = excluded.began, category = excluded.category, household = excluded.household,
                 building = excluded.building, tags = excluded.tags",
        )?
        .execute(params![
            row.doc.as_bytes(),
            row.kind.name(),
            row.stage,
            sortable(row.updated),
            row.due.map(Date::days),
            row.holder.as_ref().map(OrgId::as_str),
            row.place.as_ref().map(|place| place.community.as_str()),
            row.place.as_ref().map(|place| place.grid.as_str()),
            row.assignee.as_ref().map(PersonId::as_str),
            row.look,
            row.title,
            record,
            sortable(row.began),
            row.category,
            row.household.as_ref().map(DocId::as_bytes),
            row.place.as_ref().map_or("", super::doors::building),
            tags,
        ])?;
    search::put(connection, row)?;
    waits::put(connection, row)
}

/// Hybrid time as SQLite's signed integer: in order, with the years beyond 6,400 all at the end.
pub(super) fn sortable(time: Hlc) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

fn unreadable(doc: DocId, kind: DocKind, updated: i64) -> Row {
    Row { stage: STAGE_UNREADABLE.into(), updated: Hlc(updated.cast_unsigned()), ..Row::unreadable(doc, kind) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{Desk, doc, row};
    use super::*;

    /// The same row of another document.
    fn other(row: Row) -> Row {
        let mut id = *row.doc.as_bytes();
        id[15] ^= 0x80;
        Row { doc: DocId::from_bytes(id), ..row }
    }

    fn explain(store: &Store, query: &Query<'_>) -> String {
        let (sql, values) = query.sql(store.few_with(query.filter.text).unwrap());
        let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repeat_even_among_equals() {
        let desk = Desk::new();
        let mut store = desk.open();
        for i in 0..23 {
            desk.pull_row(
                &mut store,
                Row { updated: Hlc(u64::from(i / 5)), due: (i % 2 == 0).then(|| Date::from_days(i.into())), ..row(i) },
            );
        }
        for (order, all) in [(Order::Newest, 23), (Order::Due, 12)] {
            let mut seen = Vec::new();
            let mut query = Query { order, ..Query::first(DocKind::Case, 4) };
            loop {
                let page = store.rows(&query).unwrap();
                let Some(last) = page.last() else { break };
                query.after = Position::after(last, order);
                seen.extend(page);
                assert!(seen.len() <= all, "a row came twice");
            }
            assert_eq!(seen.len(), all);
            match order {
                Order::Newest => assert!(seen.is_sorted_by(|a, b| (a.updated, a.doc) > (b.updated, b.doc))),
                Order::Due => assert!(seen.is_sorted_by(|a, b| (a.due, a.doc) < (b.due, b.doc))),
            }
        }
    }

    #[test]
    fn a_page_needs_one_index_and_no_sorting() {
        let desk = Desk::new();
        let store = desk.open();
        let first = Query::first(DocKind::Case, 50);
        let second = Query { after: Position::after(&row(1), Order::Newest), ..first.clone() };
        let text = Query { filter: Filter { text: Some("水"), ..Filter::default() }, ..first.clone() };
        let stage = Query { filter: Filter { stage: Some("done"), look: true, ..Filter::default() }, ..second.clone() };
        let due = Query { order: Order::Due, ..first.clone() };
        let visits = |filter| Query { filter, ..Query::first(DocKind::Visit, 50) };
        let (here, house, none) = ("x".parse().unwrap(), doc(9), Filter::default());
        let (grid, community) = ("g".parse().unwrap(), &here);
        for (query, index) in [
            (&first, "COVERING INDEX list_newest"),
            (&second, "COVERING INDEX list_newest (kind=? AND (updated,doc)<(?,?))"),
            (&text, "COVERING INDEX list_newest"),
            (&Query { filter: Filter { look: false, ..stage.filter.clone() }, ..stage.clone() }, "COVERING INDEX list_newest"),
            (&due, "COVERING INDEX list_due"),
            (&Query { filter: Filter { look: true, ..none.clone() }, ..second }, "COVERING INDEX list_look"),
            (&visits(Filter { stage: Some("met"), text: Some("x"), ..none.clone() }), "COVERING INDEX list_visit_stage"),
            (&visits(Filter { grid: Some(&grid), stage: Some("met"), ..none.clone() }), "COVERING INDEX list_visit_stage"),
            (&visits(Filter { grid: Some(&grid), ..none.clone() }), "COVERING INDEX list_visit_grid"),
            (&visits(Filter { community: Some(community), ..none.clone() }), "COVERING INDEX list_visit_community"),
            (&visits(Filter { household: Some(&house), ..none }), "INDEX list_visit_household"),
        ] {
            let plan = explain(&store, query);
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }

    #[test]
    fn a_list_is_narrowed_by_what_people_ask_for() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, Row { stage: "done".into(), title: "三单元漏水".into(), ..row(1) });
        desk.pull_row(&mut store, Row { holder: Some("office-1".parse().unwrap()), look: true, ..row(2) });
        desk.pull_row(&mut store, Row { assignee: Some("w-1".parse().unwrap()), due: Some(Date::from_days(5)), ..row(3) });
        let (office, worker, grid, community) =
            ("office-1".parse().unwrap(), "w-1".parse().unwrap(), "ncg-1".parse().unwrap(), "elsewhere".parse().unwrap());
        let none = Filter::default();
        for (filter, expected) in [
            (Filter { stage: Some("done"), ..none.clone() }, vec![1]),
            (Filter { holder: Some(&office), ..none.clone() }, vec![2]),
            (Filter { look: true, ..none.clone() }, vec![2]),
            (Filter { assignee: Some(&worker), ..none.clone() }, vec![3]),
            (Filter { due_until: Some(Date::from_days(5)), ..none.clone() }, vec![3]),
            (Filter { due_until: Some(Date::from_days(4)), ..none.clone() }, vec![]),
            (Filter { text: Some("漏水"), ..none.clone() }, vec![1]),
            (Filter { grid: Some(&grid), ..none.clone() }, vec![3, 2, 1]),
            (Filter { community: Some(&community), ..none.clone() }, vec![]),
            (Filter { tag: Some("低保"), ..none.clone() }, vec![]),
            (Filter { household: Some(&doc(3)), ..none.clone() }, vec![]),
        ] {
            let rows = store.rows(&Query { filter, ..Query::first(DocKind::Case, 50) }).unwrap();
            assert_eq!(rows.iter().map(|row| row.doc).collect::<Vec<_>>(), expected.into_iter().map(doc).collect::<Vec<_>>());
        }
        assert!(store.rows(&Query::first(DocKind::Visit, 50)).unwrap().is_empty());
        let all = |order| Query {
            order,
            filter: Filter { assignee: Some(&worker), ..none.clone() },
            ..Query::first(DocKind::Visit, 50)
        };
        assert!(store.rows(&all(Order::Newest)).unwrap().is_empty() && store.rows(&all(Order::Due)).unwrap().is_empty());
    }

    #[test]
    fn rare_text_is_looked_up_and_common_text_read_in_order() {
        let desk = Desk::new();
        let mut store = desk.open();
        for i in 0..=200 {
            desk.pull_row(&mut store, Row { title: format!("{i}号楼漏水"), ..row(i) });
            desk.pull_row(&mut store, Row { kind: DocKind::Visit, title: format!("{i}号楼漏水"), ..other(row(i)) });
        }
        desk.pull_row(&mut store, Row { title: "停电".into(), ..row(201) });
        let text = |text| Query { filter: Filter { text: Some(text), ..Filter::default() }, ..Query::first(DocKind::Case, 50) };
        for (typed, plan) in [("停电", "PRIMARY KEY"), ("没有的", "PRIMARY KEY"), ("漏水", "list_newest"), ("7", "list_newest")]
        {
            assert!(explain(&store, &text(typed)).contains(plan), "{typed}: {}", explain(&store, &text(typed)));
        }
        assert_eq!(store.rows(&text("停电")).unwrap().len(), 1);
        assert_eq!(store.rows(&text("漏水")).unwrap().len(), 50);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_list_narrowed_by_text_has_every_title_with_the_text_in_it(
            titles in proptest::collection::vec("[水漏停电3a， \u{200b}]{0,5}", 1..12),
            text in "[水漏停电3a， \u{200b}]{1,3}",
        ) {
            let desk = Desk::new();
            let mut store = desk.open();
            for (i, title) in (0..).zip(&titles) {
                desk.pull_row(&mut store, Row { title: title.clone(), ..row(i) });
            }
            let filter = Filter { text: Some(&text), ..Filter::default() };
            let found = store.rows(&Query { filter, ..Query::first(DocKind::Case, 50) }).unwrap();
            let mut found: Vec<_> = found.into_iter().map(|row| row.title).collect();
            let mut all: Vec<_> = titles.into_iter().filter(|title| title.contains(&text)).collect();
            found.sort();
            all.sort();
            prop_assert_eq!(found, all);
        }
    }

    #[test]
    fn a_household_has_its_visits_and_is_found_by_a_whole_tag() {
        let desk = Desk::new();
        let mut store = desk.open();
        let household =
            |i, tags: &[&str]| Row { kind: DocKind::Household, tags: tags.iter().map(ToString::to_string).collect(), ..row(i) };
        desk.pull_row(&mut store, household(1, &["低保", "独居老人"]));
        desk.pull_row(&mut store, household(2, &["低保边缘"]));
        for (i, of) in [(3, 1), (4, 2), (5, 1)] {
            desk.pull_row(&mut store, Row { kind: DocKind::Visit, household: Some(doc(of)), ..row(i) });
        }
        let found = |kind, filter: Filter<'_>| {
            let rows = store.rows(&Query { filter, ..Query::first(kind, 50) }).unwrap();
            rows.iter().map(|row| row.doc).collect::<Vec<_>>()
        };
        let tag = |tag| found(DocKind::Household, Filter { tag: Some(tag), ..Filter::default() });
        assert_eq!(tag("低保"), [doc(1)]);
        assert_eq!(tag("独居老人"), [doc(1)]);
        assert_eq!(tag("老人"), []);
        let visits = |of| found(DocKind::Visit, Filter { household: Some(&doc(of)), ..Filter::default() });
        assert_eq!(visits(1), [doc(5), doc(3)]);
        assert_eq!(visits(2), [doc(4)]);
    }

    #[test]
    fn a_record_that_cannot_be_decoded_stays_in_the_list() {
        let desk = Desk::new();
        let mut store = desk.open();
        desk.pull_row(&mut store, row(1));
        desk.pull_row(&mut store, row(2));
        store.connection.execute("UPDATE list_row SET record = x'ff' WHERE doc = ?1", [doc(2).as_bytes()]).unwrap();
        let rows = store.rows(&Query::first(DocKind::Case, 50)).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].doc, rows[0].stage.as_str()), (doc(2), "unreadable"));
        assert_eq!(store.row(&doc(1)).unwrap(), Some(row(1)));
    }
}
