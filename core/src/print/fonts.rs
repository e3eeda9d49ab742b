//! The two fonts, as the host hands them over: bytes, read once. Never the system's own: the same input must give the same
//! pages on every phone and every server.

use std::sync::Arc;

use krilla::Data;
use parley::FontContext;
use parley::fontique::{Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache};

use super::PrintError;

/// Names under which the fonts are looked up, whatever stands in their files.
pub(super) const SERIF: &str = "doorstep-serif";
pub(super) const SANS: &str = "doorstep-sans";

/// Bytes that live as long as somebody holds them: a file read, a file mapped, or part of the program.
pub type FontBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// The fonts of the print, read: cheap to clone, good for any number of prints.
#[derive(Clone)]
pub struct Fonts {
    pub(super) context: FontContext,
    faces: Vec<(u64, krilla::text::Font)>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts").field("faces", &self.faces.len()).finish_non_exhaustive()
    }
}

impl Fonts {
    /// The serif for what is said, the sans for headings and labels; characters that the sans lacks are taken from the serif.
    /// `core/fonts` holds the ones this is made for.
    pub fn new(serif: FontBytes, sans: FontBytes) -> Result<Self, PrintError> {
        let options = CollectionOptions { shared: false, system_fonts: false };
        let mut collection = Collection::new(options);
        let mut faces = Vec::new();
        for (name, bytes) in [(SERIF, serif), (SANS, sans)] {
            let face = krilla::text::Font::new(Data::from(Arc::clone(&bytes)), 0).ok_or(PrintError::Font)?;
            let blob = Blob::new(bytes);
            faces.push((blob.id(), face));
            let called = FontInfoOverride { family_name: Some(name), ..FontInfoOverride::default() };
            if collection.register_fonts(blob, Some(called)).len() != 1 {
                return Err(PrintError::Font);
            }
        }
        Ok(Self { context: FontContext { collection, source_cache: SourceCache::default() }, faces })
    }

    /// The face with this blob, for the PDF.
    pub(super) fn face(&self, blob: u64) -> Option<&krilla::text::Font> {
        self.faces.iter().find(|(id, _)| *id == blob).map(|(_, face)| face)
    }
}
