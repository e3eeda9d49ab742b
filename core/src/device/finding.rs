//! Finding a document by the beginning of its id, and reading a case whole: for hosts that print instead of showing.

use super::{Device, DeviceError};
use crate::case::{CaseState, Wait, waits};
use crate::document::Log;
use crate::id::{DocId, DocKind};
use crate::row::Row;
use crate::view::CaseView;

/// A case with everything that a print of its whole history needs.
#[derive(Debug, Clone)]
pub struct WholeCase {
    /// The case as screens show it.
    pub view: CaseView,
    /// Its log, in order.
    pub log: Log,
    /// The state folded from it.
    pub state: CaseState,
    /// What it waits for.
    pub waits: Vec<Wait>,
}

impl Device {
    /// Documents whose id begins like this, `limit` at most. None: no id can begin like this.
    pub fn beginning_with(&self, beginning: &str, limit: usize) -> Result<Option<Vec<(DocId, DocKind)>>, DeviceError> {
        let Some((low, high)) = DocId::beginning_with(beginning) else { return Ok(None) };
        Ok(Some(self.open_desk()?.store.between(&low, &high, limit)?))
    }

    /// The list row of one document, from the store alone.
    pub fn row(&self, id: DocId) -> Result<Option<Row>, DeviceError> {
        Ok(self.open_desk()?.store.row(&id)?)
    }

    /// A case, whole.
    pub fn whole_case(&self, id: DocId) -> Result<WholeCase, DeviceError> {
        let mut desk = self.open_desk()?;
        let view = desk.case_view(&self.host, id)?;
        let open = desk.open_case(id)?;
        let whole = WholeCase { view, waits: waits(&open.state), log: open.log.clone(), state: open.state.clone() };
        desk.loaded.put(id, open);
        Ok(whole)
    }
}
