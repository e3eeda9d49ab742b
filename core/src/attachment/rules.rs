//! What a sub-district accepts as attachments, and what of it waits for a link that costs nothing. Part of its policy.

use std::collections::BTreeMap;

use super::media::Media;
use super::refusal::AttachmentRefusal;

/// Largest limit that can be set for a kind, KiB: 200 MiB. Beyond it a file belongs on a disk, not in a case.
pub const KIB_MAX: u32 = 200 << 10;

/// What is accepted, and what waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRules {
    /// Most KiB by media type; a type that isn't here is not accepted. On the wire a type that this version does not know
    /// stands here too and is never met.
    pub kib: BTreeMap<String, u32>,
    /// Most KiB that are sent over a metered link without a person saying so.
    pub metered_kib: u32,
}

/// What is wrong with rules that an administrator wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// No kind of bytes has this name, or none that could be told.
    #[error("{0} is no media type that can be told from the bytes")]
    Unknown(String),
    /// More than anybody should carry.
    #[error("{0} KiB is more than an attachment may have")]
    TooLarge(u32),
}

impl Default for AttachmentRules {
    fn default() -> Self {
        let kib = [
            // A phone's photo has 3-8 MiB.
            (Media::Jpeg, 15 << 10),
            (Media::Png, 15 << 10),
            (Media::Webp, 15 << 10),
            // Twenty scanned pages.
            (Media::Pdf, 20 << 10),
            // Half an hour of speech.
            (Media::M4a, 20 << 10),
            (Media::Ogg, 20 << 10),
            (Media::Mp3, 20 << 10),
            (Media::Amr, 20 << 10),
            (Media::Wav, 20 << 10),
            // Half a minute, as phones film by default.
            (Media::Mp4, 50 << 10),
            // A signature has 30 KiB.
            (Media::Strokes, 1 << 10),
        ];
        Self {
            kib: kib.into_iter().map(|(media, kib)| (media.name().to_owned(), kib)).collect(),
            // A preview goes, a photo waits.
            metered_kib: 64,
        }
    }
}

impl AttachmentRules {
    /// Most bytes of this kind; none: not accepted.
    pub fn bytes_max(&self, media: Media) -> Option<u64> {
        self.kib.get(media.name()).map(|kib| u64::from((*kib).min(KIB_MAX)) << 10)
    }

    /// The kind of these bytes (at least their beginning), if it is accepted.
    pub fn kind(&self, beginning: &[u8]) -> Result<Media, AttachmentRefusal> {
        if beginning.is_empty() {
            return Err(AttachmentRefusal::Empty);
        }
        Media::sniff(beginning).filter(|media| self.kib.contains_key(media.name())).ok_or(AttachmentRefusal::Type)
    }

    /// Whether so many bytes of this kind are accepted.
    pub fn accept(&self, media: Media, length: u64) -> Result<(), AttachmentRefusal> {
        match self.bytes_max(media) {
            None => Err(AttachmentRefusal::Type),
            Some(_) if length == 0 => Err(AttachmentRefusal::Empty),
            Some(most) if length > most => Err(AttachmentRefusal::TooLarge),
            Some(_) => Ok(()),
        }
    }

    /// Whether so many bytes go over a metered link by themselves.
    pub const fn goes_metered(&self, length: u64) -> bool {
        length <= (self.metered_kib as u64) << 10
    }

    /// Whether every type can be told and every limit be meant. For what an administrator writes; on the wire a newer
    /// server's types are passed over.
    pub fn check(&self) -> Result<(), RulesError> {
        for (name, kib) in &self.kib {
            if Media::from_name(name).is_none() {
                return Err(RulesError::Unknown(name.clone()));
            }
            if *kib > KIB_MAX || *kib == 0 {
                return Err(RulesError::TooLarge(*kib));
            }
        }
        if self.metered_kib > KIB_MAX { Err(RulesError::TooLarge(self.metered_kib)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_ends_where_the_rules_say() {
        let rules = AttachmentRules::default();
        assert_eq!(rules.accept(Media::Strokes, 1 << 20), Ok(()));
        assert_eq!(rules.accept(Media::Strokes, (1 << 20) + 1), Err(AttachmentRefusal::TooLarge));
        assert_eq!(rules.accept(Media::Jpeg, 0), Err(AttachmentRefusal::Empty));
        assert_eq!(rules.kind(b"<html>"), Err(AttachmentRefusal::Type));
        assert_eq!(rules.kind(b""), Err(AttachmentRefusal::Empty));
        let none = AttachmentRules { kib: BTreeMap::new(), metered_kib: 0 };
        assert_eq!(none.kind(b"\xff\xd8\xff\xe0"), Err(AttachmentRefusal::Type));
        assert_eq!(none.accept(Media::Jpeg, 1), Err(AttachmentRefusal::Type));
        assert!(rules.goes_metered(64 << 10) && !rules.goes_metered((64 << 10) + 1));
    }

    #[test]
    fn an_administrators_slip_is_named() {
        let with = |name: &str, kib| AttachmentRules { kib: [(name.to_owned(), kib)].into(), metered_kib: 1 };
        assert_eq!(AttachmentRules::default().check(), Ok(()));
        assert_eq!(with("image/jpg", 9).check(), Err(RulesError::Unknown("image/jpg".into())));
        assert_eq!(with("image/jpeg", u32::MAX).check(), Err(RulesError::TooLarge(u32::MAX)));
        assert_eq!(with("image/jpeg", u32::MAX).bytes_max(Media::Jpeg), Some(200 << 20), "held to the end all the same");
    }
}
