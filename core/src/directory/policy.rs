//! Policy: what each sub-district sets for itself. Every number has a unit and the handbook's default.

use serde::{Deserialize, Serialize};

/// Limits and lists of one sub-district. Days are working days where the handbook says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Working days from report to first contact.
    pub first_contact_days: u16,
    /// Working days from report to an opened consultation.
    pub consultation_days: u16,
    /// Working days from done to the effect check.
    pub effect_check_days: u16,
    /// Working days from done to feedback.
    pub feedback_days: u16,
    /// Working days an office or centre has to answer.
    pub office_days: u16,
    /// Working days the committee's platform has.
    pub committee_days: u16,
    /// Working days a unit or responsible body has to answer.
    pub unit_days: u16,
    /// Rounds after which raising the case is proposed.
    pub rounds: u16,
    /// Calendar days a receiving org keeps seeing a case after it came back.
    pub visible_after_return_days: u16,
    /// Calendar days after closing in which notes may still be added.
    pub afterlife_days: u16,
    /// Tries, on as many different days, after which an unreachable party no longer holds a case open.
    pub feedback_tries: u16,
    /// Days (calendar) within which two reports from one place in one category are shown as likely duplicates.
    pub alike_days: u16,
    /// What concerns are filed under.
    pub categories: Vec<String>,
    /// What makes a household or a resident one to look after.
    pub care_tags: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            first_contact_days: 1,
            consultation_days: 3,
            effect_check_days: 3,
            feedback_days: 7,
            office_days: 5,
            committee_days: 10,
            unit_days: 10,
            rounds: 3,
            visible_after_return_days: 30,
            afterlife_days: 30,
            feedback_tries: 3,
            alike_days: 14,
            care_tags: ["独居老人", "残疾", "困境儿童", "重病", "低保", "孕产妇", "退役军人", "其他"]
                .map(String::from)
                .to_vec(),
            categories: [
                "邻里纠纷",
                "房屋漏水",
                "公共设施",
                "环境卫生",
                "停车秩序",
                "物业服务",
                "困难救助",
                "安全隐患",
                "其他",
            ]
            .map(String::from)
            .to_vec(),
        }
    }
}
