//! Words of a household's record.

use super::line::newer_line;
use super::{Lang, date};
use crate::entry::Body;
use crate::household::{Entry, Event, HouseholdState, Leaving, Striking};
use crate::id::ResidentId;

/// Why somebody no longer lives there.
pub const fn leaving(why: Leaving, lang: Lang) -> &'static str {
    match why {
        Leaving::Moved => lang.pick("迁出", "moved out"),
        Leaving::Died => lang.pick("去世", "died"),
        Leaving::Mistaken => lang.pick("登记有误", "recorded by mistake"),
    }
}

/// Why a record no longer counts.
pub const fn striking(why: Striking, lang: Lang) -> &'static str {
    match why {
        Striking::Duplicate => lang.pick("重复建档", "another record has the address"),
        Striking::Gone => lang.pick("房屋已不存在", "the door is no more"),
        Striking::Mistaken => lang.pick("登记有误", "recorded by mistake"),
    }
}

/// What a list shows of a household, by its stable name; none for names of a newer version.
pub fn household_stage(stage: &str, lang: Lang) -> Option<&'static str> {
    Some(match stage {
        "lived_in" => lang.pick("有人居住", "lived in"),
        "vacant" => lang.pick("无人居住", "nobody lives there"),
        "struck" => lang.pick("已注销", "struck off"),
        _ => return None,
    })
}

/// A household's entry as a line; the names of residents come from its state.
pub fn household_line(entry: &Entry, state: &HouseholdState, lang: Lang) -> String {
    let two = |zh: String, en: String| if lang == Lang::Zh { zh } else { en };
    let event = match &entry.body {
        Body::Event(event) => event,
        Body::Newer { kind, .. } => return newer_line(kind, lang),
    };
    match event {
        Event::Registered(e) => two(format!("建档：{}", e.place.detail), format!("registered: {}", e.place.detail)),
        Event::Readdressed(e) => {
            two(format!("地址更正为{}", e.place.detail), format!("address corrected to {}", e.place.detail))
        }
        Event::ResidentRecorded(e) => {
            let mut parts = vec![e.name.clone()];
            parts.extend([e.relation.clone(), e.phone.clone()].into_iter().filter(|part| !part.is_empty()));
            parts.extend(e.born.map(|year| two(format!("{year}年生"), format!("born {year}"))));
            parts.extend((!e.tags.is_empty()).then(|| e.tags.join(lang.pick("、", ", "))));
            let what = match (e.back, e.from) {
                (Some(_), _) => lang.pick("又住回来", "is back"),
                (None, Some(_)) => lang.pick("迁入", "moved in"),
                (None, None) => lang.pick("登记", "recorded"),
            };
            format!("{what}{}{}", lang.pick("：", ": "), parts.join(" · "))
        }
        Event::ResidentLeft(e) => {
            let (name, why, day) = (name(state, &e.resident), leaving(e.why, lang), date(e.on, lang));
            let line = two(format!("{name}{why}（{day}）"), format!("{name} {why} ({day})"));
            if e.to.is_empty() { line } else { format!("{line}{}{}", lang.pick("，去向：", ", to: "), e.to) }
        }
        Event::TagSet(e) => {
            let whom = whom(state, e.resident.as_ref(), lang);
            two(format!("{whom}：加标签“{}”", e.tag), format!("{whom}: tag “{}” set", e.tag))
        }
        Event::TagCleared(e) => {
            let whom = whom(state, e.resident.as_ref(), lang);
            two(format!("{whom}：去标签“{}”", e.tag), format!("{whom}: tag “{}” cleared", e.tag))
        }
        Event::Noted(e) => e.text.clone(),
        Event::Struck(e) => {
            let why = striking(e.why, lang);
            two(format!("注销户档：{why}"), format!("struck off: {why}"))
        }
        Event::Restored(e) => {
            let line = lang.pick("恢复户档", "restored");
            if e.why.is_empty() { line.to_owned() } else { format!("{line}{}{}", lang.pick("：", ": "), e.why) }
        }
    }
}

/// A resident's name as it is known now, or the beginning of their id.
fn name(state: &HouseholdState, resident: &ResidentId) -> String {
    let known = state.residents.get(resident);
    known.map_or_else(|| resident.to_string().chars().take(6).collect(), |lived| lived.known.1.name.clone())
}

fn whom(state: &HouseholdState, resident: Option<&ResidentId>, lang: Lang) -> String {
    resident.map_or_else(|| lang.pick("全户", "the household").to_owned(), |resident| name(state, resident))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::{
        Noted, Readdressed, Registered, ResidentLeft, ResidentRecorded, Restored, Struck, TagCleared, TagSet, fold,
    };
    use crate::people::Place;
    use crate::time::{Date, Hlc, Stamp};

    fn every_event() -> Vec<Event> {
        let resident = ResidentId::from_bytes([1; 16]);
        let place = Place { community: "c".parse().unwrap(), grid: "g".parse().unwrap(), building: None, detail: "401".into() };
        let known = ResidentRecorded {
            resident,
            name: "李秀英".into(),
            phone: "13500000000".into(),
            born: Some(1941),
            relation: String::new(),
            tags: vec!["独居老人".into()],
            from: None,
            back: None,
        };
        let tag = "低保".to_owned();
        let left = |why| ResidentLeft { resident, why, on: Date::from_days(20_581), to: "儿子家".into(), household: None };
        let mut all: Vec<Event> = vec![
            Registered { place: place.clone() }.into(),
            Readdressed { place }.into(),
            known.into(),
            TagSet { tag: tag.clone(), resident: Some(resident) }.into(),
            TagCleared { tag, resident: None }.into(),
            Noted { text: "钥匙在对门 (key next door)".into() }.into(),
            Restored { why: String::new() }.into(),
        ];
        all.extend(Leaving::ALL.into_iter().map(|why| left(why).into()));
        all.extend(Striking::ALL.into_iter().map(|why| Struck { why, into: None }.into()));
        all
    }

    #[test]
    fn every_event_of_a_household_is_a_line_in_both_languages() {
        let entry = |(time, event)| Entry {
            stamp: Stamp { time: Hlc(time), node: 1 },
            author: "w-1".parse().unwrap(),
            body: Body::Event(event),
        };
        let log: Vec<Entry> = (1..).zip(every_event()).map(entry).collect();
        let kinds: std::collections::BTreeSet<&str> = log.iter().map(|entry| entry.body.kind()).collect();
        assert_eq!(kinds.len(), Event::KINDS.len(), "each kind is among them");
        let state = fold(&log);
        for entry in &log {
            let [zh, en] = [Lang::Zh, Lang::En].map(|lang| household_line(entry, &state, lang));
            assert!(!zh.is_empty() && !en.is_empty(), "{entry:?}");
            assert!(zh != en || entry.body.kind() == "noted", "{zh}");
        }
        let left = log.iter().find(|entry| entry.body.kind() == "resident_left").unwrap();
        assert_eq!(household_line(left, &state, Lang::Zh), "李秀英迁出（2026年5月8日），去向：儿子家");
        assert_eq!(household_line(left, &state, Lang::En), "李秀英 moved out (8 May 2026), to: 儿子家");
    }

    #[test]
    fn every_stage_of_a_household_has_its_words() {
        for stage in ["lived_in", "vacant", "struck"] {
            assert_ne!(household_stage(stage, Lang::Zh), household_stage(stage, Lang::En), "{stage}");
        }
        assert_eq!(household_stage("of a newer version", Lang::Zh), None);
    }
}
