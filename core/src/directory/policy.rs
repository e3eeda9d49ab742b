//! Policy: what each sub-district sets for itself. Every number has a unit and the handbook's default.
//!
//! On the wire it is read leniently: what a newer server's policy has besides is passed over, what an older one's lacks
//! has the handbook's default. The administrator's file is read strictly, where it is read (`doorstep admin`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::attachment::AttachmentRules;

/// Limits and lists of one sub-district. Days are working days where the handbook says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
    #[serde(skip_serializing_if = "is_default_alike_days")]
    pub alike_days: u16,
    /// What concerns are filed under.
    pub categories: Vec<String>,
    /// What makes a household or a resident one to look after.
    #[serde(skip_serializing_if = "is_default_care_tags")]
    pub care_tags: Vec<String>,
    /// Most KiB of an attachment by media type; a type that isn't here is not accepted.
    #[serde(skip_serializing_if = "is_default_attachment_kib")]
    pub attachment_kib: BTreeMap<String, u32>,
    /// Most KiB of an attachment that go over a metered link without a person saying so.
    #[serde(skip_serializing_if = "is_default_attachment_metered_kib")]
    pub attachment_metered_kib: u32,
}

/// Calendar days within which reports are alike, unless a policy says otherwise.
const ALIKE_DAYS: u16 = 14;

/// Care tags, unless a policy says otherwise.
const CARE_TAGS: [&str; 8] = ["独居老人", "残疾", "困境儿童", "重病", "低保", "孕产妇", "退役军人", "其他"];

/// Devices of version 0.1.0 refuse a policy with a field that they don't know. As long as nobody has set the fields that
/// came later, they stay out of it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_default_alike_days(days: &u16) -> bool {
    *days == ALIKE_DAYS
}

fn is_default_care_tags(tags: &[String]) -> bool {
    tags.iter().map(String::as_str).eq(CARE_TAGS)
}

fn is_default_attachment_kib(kib: &BTreeMap<String, u32>) -> bool {
    *kib == AttachmentRules::default().kib
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_default_attachment_metered_kib(kib: &u32) -> bool {
    *kib == AttachmentRules::default().metered_kib
}

impl Default for Policy {
    fn default() -> Self {
        let attachments = AttachmentRules::default();
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
            alike_days: ALIKE_DAYS,
            care_tags: CARE_TAGS.map(String::from).to_vec(),
            attachment_kib: attachments.kib,
            attachment_metered_kib: attachments.metered_kib,
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

impl Policy {
    /// What it says of attachments.
    pub fn attachments(&self) -> AttachmentRules {
        AttachmentRules { kib: self.attachment_kib.clone(), metered_kib: self.attachment_metered_kib }
    }

    /// Every number of it that counts days, rounds or tries, by its field's name: what people set, in the handbook's order.
    pub const fn limits(&self) -> [(&'static str, u16); 12] {
        [
            ("first_contact_days", self.first_contact_days),
            ("consultation_days", self.consultation_days),
            ("effect_check_days", self.effect_check_days),
            ("feedback_days", self.feedback_days),
            ("office_days", self.office_days),
            ("committee_days", self.committee_days),
            ("unit_days", self.unit_days),
            ("rounds", self.rounds),
            ("visible_after_return_days", self.visible_after_return_days),
            ("afterlife_days", self.afterlife_days),
            ("feedback_tries", self.feedback_tries),
            ("alike_days", self.alike_days),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_servers_policy_is_read_and_what_an_older_one_lacks_has_the_handbooks_default() {
        let newer = br#"{"rounds": 5, "sandstorm_days": 2}"#;
        let read: Policy = serde_json::from_slice(newer).unwrap();
        assert_eq!(read, Policy { rounds: 5, ..Policy::default() });
    }

    #[test]
    fn a_device_of_the_first_version_is_sent_no_field_that_nobody_has_set() {
        /// The policy's fields as version 0.1.0 knows them.
        const KNOWN: [&str; 12] = [
            "first_contact_days",
            "consultation_days",
            "effect_check_days",
            "feedback_days",
            "office_days",
            "committee_days",
            "unit_days",
            "rounds",
            "visible_after_return_days",
            "afterlife_days",
            "feedback_tries",
            "categories",
        ];
        let fields = |policy: &Policy| -> Vec<String> {
            serde_json::to_value(policy).unwrap().as_object().unwrap().keys().cloned().collect()
        };
        assert!(fields(&Policy::default()).iter().all(|field| KNOWN.contains(&field.as_str())));
        let set = Policy {
            alike_days: 3,
            care_tags: vec!["独居老人".into()],
            attachment_kib: [("image/jpeg".into(), 9), ("image/newer".into(), 9)].into(),
            attachment_metered_kib: 0,
            ..Policy::default()
        };
        assert_eq!(fields(&set).len(), KNOWN.len() + 4);
        let bytes = minicbor_serde::to_vec(&set).unwrap();
        assert_eq!(minicbor_serde::from_slice::<Policy>(&bytes).unwrap(), set);
        let bytes = minicbor_serde::to_vec(Policy::default()).unwrap();
        assert_eq!(minicbor_serde::from_slice::<Policy>(&bytes).unwrap(), Policy::default());
    }
}
