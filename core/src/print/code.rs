//! QR codes as squares on a page. Error correction as little as paper needs: larger squares are read better than more of them.

use qrcode::{Color, EcLevel, QrCode};

use super::PrintError;
use super::flow::Flow;
use super::sheet::Mark;

/// White around a code, modules: the standard asks for four.
const QUIET: usize = 4;

/// A code, made; it knows its squares, not its size.
#[derive(Debug, Clone)]
pub(super) struct Code {
    side: usize,
    black: Vec<bool>,
}

impl Code {
    /// The code of this text.
    pub(super) fn of(text: &str, level: EcLevel) -> Result<Self, PrintError> {
        let code = QrCode::with_error_correction_level(text, level).map_err(|_| PrintError::Pdf)?;
        let black = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { side: code.width(), black })
    }

    /// The edge of a code whose modules have this size, white around it included.
    #[expect(clippy::cast_precision_loss, reason = "a code has 177 modules at most")]
    pub(super) fn edge(&self, module: f32) -> f32 {
        (self.side + 2 * QUIET) as f32 * module
    }
}

impl Flow<'_, '_> {
    /// Puts a code at a place, so large that it takes this edge, white included.
    #[expect(clippy::cast_precision_loss, reason = "a code has 177 modules at most")]
    pub(super) fn code(&mut self, code: &Code, x: f32, y: f32, edge: f32) {
        let module = edge / (code.side + 2 * QUIET) as f32;
        let white = QUIET as f32 * module;
        self.mark(Mark::Squares { x: x + white, y: y + white, module, side: code.side, black: code.black.clone() });
    }
}
