//! Likely duplicates: whether a report may be another one of a concern that is known. A person decides; nothing is merged.
//!
//! The handbook: same place and category within days, or the same phone number. "Same place" is the same building, or the
//! same address in the grid however it is written; "days" are the policy's calendar days between the two reports.

use super::event::Reported;
use super::state::Stage;
use crate::id::DocKind;
use crate::people::Place;
use crate::row::Row;
use crate::search::{phone_numbers, plain_address};
use crate::time::Timestamp;

/// Why two concerns may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlikeReason {
    /// The same telephone number.
    SamePhone,
    /// The same building, or the same address.
    SamePlace,
    /// Filed under the same.
    SameCategory,
}

impl AlikeReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::SamePhone, Self::SamePlace, Self::SameCategory];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SamePhone => "same_phone",
            Self::SamePlace => "same_place",
            Self::SameCategory => "same_category",
        }
    }
}

/// A case that may be the same concern. It may have ended: its row's stage says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// The case.
    pub row: Row,
    /// Why, the strongest first; never empty.
    pub why: Vec<AlikeReason>,
}

impl Alike {
    /// What sorts them: more reasons first, then open before ended, then newer before older.
    pub fn order(&self) -> (std::cmp::Reverse<usize>, bool, std::cmp::Reverse<crate::time::Hlc>) {
        (std::cmp::Reverse(self.why.len()), ended(&self.row), std::cmp::Reverse(self.row.began))
    }
}

/// From when until before when a case must have begun to be within so many days of a report.
pub fn alike_span(report: Timestamp, days: u16) -> (Timestamp, Timestamp) {
    let (day, days) = (report.date(), i32::from(days));
    (day.plus_days(-days).start(), day.plus_days(days).plus_days(1).start())
}

/// Why this case may be the report's concern; empty: it is not likely.
///
/// Place and category count together, within `days` of `at` (when the report was or is being made). A telephone number counts
/// by itself, for a case that is open or within the days.
pub fn alike(report: &Reported, row: &Row, days: u16, at: Timestamp) -> Vec<AlikeReason> {
    if row.kind != DocKind::Case {
        return Vec::new();
    }
    let (from, until) = alike_span(at, days);
    let recent = (from..until).contains(&row.began.wall());
    let place = row.place.as_ref().is_some_and(|place| same_place(&report.place, place));
    let category = !report.category.is_empty() && report.category == row.category;
    let phone = same_phone(report, row);
    if !(recent && place && category || phone && (recent || !ended(row))) {
        return Vec::new();
    }
    let reasons = [(AlikeReason::SamePhone, phone), (AlikeReason::SamePlace, place), (AlikeReason::SameCategory, category)];
    reasons.into_iter().filter(|(_, holds)| *holds).map(|(reason, _)| reason).collect()
}

fn ended(row: &Row) -> bool {
    Stage::ALL.iter().any(|stage| stage.is_end() && stage.name() == row.stage)
}

fn same_place(one: &Place, other: &Place) -> bool {
    if one.community != other.community || one.grid != other.grid {
        return false;
    }
    if let (Some(one), Some(other)) = (&one.building, &other.building) {
        return one == other;
    }
    // One of them was written down without its building: the rest of the address may say it.
    let address = plain_address(&one.detail);
    !address.is_empty() && address == plain_address(&other.detail)
}

fn same_phone(report: &Reported, row: &Row) -> bool {
    let numbers: Vec<String> = report.reporter.iter().flat_map(|reporter| phone_numbers(&reporter.phone)).collect();
    row.people.iter().flat_map(|named| phone_numbers(&named.phone)).any(|number| numbers.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::super::event::{Channel, Reporter};
    use super::*;
    use crate::id::DocId;
    use crate::row::Named;
    use crate::time::{DAY_MS, Hlc};

    const NOW: Timestamp = Timestamp(1_790_000_000_000);
    const DAYS: u16 = 14;

    fn place(building: Option<&str>, detail: &str) -> Place {
        Place {
            community: "ncg".parse().unwrap(),
            grid: "ncg-1".parse().unwrap(),
            building: building.map(|slug| slug.parse().unwrap()),
            detail: detail.into(),
        }
    }

    fn report(place: Place, phone: &str) -> Reported {
        Reported {
            channel: Channel::Phone,
            reporter: Some(Reporter { name: "李秀英".into(), phone: phone.into() }),
            title: "楼上漏水".into(),
            place,
            category: "房屋漏水".into(),
            account: String::new(),
            visit: None,
        }
    }

    fn known(place: Place, phone: &str, days_ago: i64) -> Row {
        Row {
            place: Some(place),
            category: "房屋漏水".into(),
            stage: "received".into(),
            began: Hlc(0).next(NOW.plus_ms(-days_ago * DAY_MS)),
            people: vec![Named { name: "张三".into(), phone: phone.into() }],
            ..Row::unreadable(DocId::from_bytes([1; 16]), DocKind::Case)
        }
    }

    fn why(report: &Reported, row: &Row) -> Vec<&'static str> {
        alike(report, row, DAYS, NOW).into_iter().map(AlikeReason::name).collect()
    }

    #[test]
    fn one_address_and_category_within_the_days_is_likely_the_same_and_a_day_later_is_not() {
        let report = report(place(None, "3号楼2单元401"), "");
        let at = |days| known(place(None, "3-2-401"), "", days);
        assert_eq!(why(&report, &at(0)), ["same_place", "same_category"]);
        assert_eq!(why(&report, &at(14)), ["same_place", "same_category"]);
        assert!(why(&report, &at(15)).is_empty());
        assert_eq!(why(&report, &at(-14)), ["same_place", "same_category"], "reported later, seen from the earlier one");
        assert!(why(&report, &at(-15)).is_empty());
        assert!(why(&report, &Row { category: "噪声".into(), ..at(1) }).is_empty());
        assert!(why(&report, &known(place(None, "3-2-402"), "", 1)).is_empty());
        assert!(why(&report, &known(place(None, ""), "", 1)).is_empty());
    }

    #[test]
    fn one_building_is_one_place_and_two_buildings_are_two() {
        let report = report(place(Some("a"), "401"), "");
        assert!(!why(&report, &known(place(Some("a"), "502"), "", 1)).is_empty());
        assert!(why(&report, &known(place(Some("b"), "401"), "", 1)).is_empty());
        assert!(!why(&report, &known(place(None, "401"), "", 1)).is_empty());
        let elsewhere = Place { grid: "ncg-2".parse().unwrap(), ..place(Some("a"), "401") };
        assert!(why(&report, &known(elsewhere, "", 1)).is_empty());
    }

    #[test]
    fn one_telephone_number_is_likely_the_same_however_it_is_written() {
        let elsewhere = || place(Some("b"), "别处");
        let report = report(place(Some("a"), "401"), "138 1234 5678");
        let row = |phone: &str, days| Row { category: "噪声".into(), ..known(elsewhere(), phone, days) };
        for phone in ["13812345678", "+86 138-1234-5678", "0931-8461234、13812345678"] {
            assert_eq!(why(&report, &row(phone, 1)), ["same_phone"], "{phone}");
        }
        assert!(why(&report, &row("13812345679", 1)).is_empty());
        assert!(why(&report, &row("", 1)).is_empty());
        // An open one, however old; an ended one only for some days.
        assert_eq!(why(&report, &row("13812345678", 300)), ["same_phone"]);
        let closed = |days| Row { stage: "closed".into(), ..row("13812345678", days) };
        assert_eq!(why(&report, &closed(14)), ["same_phone"]);
        assert!(why(&report, &closed(15)).is_empty());
    }

    #[test]
    fn only_cases_are_duplicates() {
        let report = report(place(None, "401"), "13812345678");
        let visit = Row { kind: DocKind::Visit, ..known(place(None, "401"), "13812345678", 1) };
        assert!(why(&report, &visit).is_empty());
    }
}
