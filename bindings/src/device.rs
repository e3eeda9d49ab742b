//! The device: open, enrol, sync, lists. One line over the core each; the rest of it is in `commands` and `signing`.

use std::sync::{Arc, Mutex, PoisonError};

use doorstep_core::case::RefusalCode;
use doorstep_core::device::{self, DeviceError, Host};
use doorstep_core::device::{EnrolError, Filter, Invitation, Options, Order, PAGE_MAX, Position, Query};
use doorstep_core::environment;
use doorstep_core::host::{Folder, HttpOptions, HttpTransport, SoftwareSigner, SystemClock, SystemEntropy};
use doorstep_core::id::DocId;
use doorstep_core::row::Row as CoreRow;
use doorstep_core::time::{Date, Hlc};
use doorstep_core::words::{self, Lang as CoreLang};

use crate::errors::{DoorstepError, read, read_some};
use crate::host::{ForeignSigner, ForeignTransport, Signer, Transport};
use crate::lists::{Pending, Row, SyncReport};
use crate::names::{DocKind, Lang, Stage, TextName};
use crate::place::{Directory, Enrolled};
use crate::views::{CaseView, VisitView};

/// A person's phone: their documents, what is waiting to be sent, their key. Every call is durable when it returns.
#[derive(uniffi::Object)]
pub struct Device {
    pub(crate) inner: device::Device,
    pub(crate) lang: CoreLang,
    folder: Folder,
    /// The ready client, kept for its connection; a device is enrolled once, so it has one server.
    client: Mutex<Option<Arc<HttpTransport>>>,
}

/// Which rows of which list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RowQuery {
    /// Cases or visits.
    pub kind: DocKind,
    /// In this stage, or with this result.
    #[uniffi(default = None)]
    pub stage: Option<String>,
    /// In this community.
    #[uniffi(default = None)]
    pub community: Option<String>,
    /// In this grid.
    #[uniffi(default = None)]
    pub grid: Option<String>,
    /// With this org now.
    #[uniffi(default = None)]
    pub holder: Option<String>,
    /// Assigned to this person.
    #[uniffi(default = None)]
    pub assignee: Option<String>,
    /// Only what wants a look.
    #[uniffi(default = false)]
    pub look: bool,
    /// Due on this day or before.
    #[uniffi(default = None)]
    pub due_until: Option<String>,
    /// With this text in the title.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// Visits to this household.
    #[uniffi(default = None)]
    pub household: Option<String>,
    /// Households with this care tag.
    #[uniffi(default = None)]
    pub tag: Option<String>,
    /// What is due first comes first, and what has no date is left out; else what changed last comes first.
    #[uniffi(default = false)]
    pub by_due: bool,
    /// Where the page before ended ([`RowPage::next`]); none for the first.
    #[uniffi(default = None)]
    pub after: Option<String>,
    /// Most rows, 500 at most.
    #[uniffi(default = 50)]
    pub limit: u32,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RowPage {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the page ended, for the next one; none: this was the last.
    pub next: Option<String>,
}

#[uniffi::export]
impl Device {
    /// Opens the device in this folder, or makes one: its database, its key, its installation's nonce. `lang` is the
    /// language of everything shown; Chinese by default. One process at a time: another one gets `store_busy`.
    #[uniffi::constructor(default(lang = None))]
    pub fn open(dir: String, lang: Option<Lang>) -> Result<Arc<Self>, DoorstepError> {
        let lang = lang.map_or_else(CoreLang::default, Into::into);
        let folder = Folder::open(&dir).map_err(|_| DoorstepError::file(lang))?;
        let entropy = SystemEntropy::new().map_err(|error| DoorstepError::host(error, lang))?;
        let signer =
            SoftwareSigner::load_or_create(&folder.key(), &entropy).map_err(|error| DoorstepError::key(error, lang))?;
        Self::begin(folder, entropy, Arc::new(signer), lang)
    }

    /// The same with a key of the platform's (Android Keystore, Secure Enclave) instead of one in a file.
    #[uniffi::constructor(default(lang = None))]
    pub fn open_with_signer(dir: String, signer: Arc<dyn Signer>, lang: Option<Lang>) -> Result<Arc<Self>, DoorstepError> {
        let lang = lang.map_or_else(CoreLang::default, Into::into);
        let folder = Folder::open(&dir).map_err(|_| DoorstepError::file(lang))?;
        let entropy = SystemEntropy::new().map_err(|error| DoorstepError::host(error, lang))?;
        let signer = ForeignSigner::new(signer).ok_or_else(|| DoorstepError::of(&DeviceError::Key, lang))?;
        Self::begin(folder, entropy, Arc::new(signer), lang)
    }

    /// Who the device is, once it is enrolled.
    pub fn enrolled(&self) -> Option<Enrolled> {
        self.inner.enrolled().map(Into::into)
    }

    /// Enrols with a code: the text of the QR, or the ten characters typed, for which `server` is needed. `label` is what
    /// people call the device. `roots_pem`: certificates to trust instead of the web's from now on, for a trial with a
    /// self-signed one.
    #[uniffi::method(default(server = None, roots_pem = None))]
    pub fn enrol(
        &self,
        code: String,
        label: String,
        server: Option<String>,
        roots_pem: Option<String>,
    ) -> Result<Enrolled, DoorstepError> {
        let server = self.server_for(&code, server)?;
        // Tried first, so that a certificate that is none is never remembered.
        let client = self.connect(&server, roots_pem.clone().map(String::into_bytes))?;
        self.folder.set_roots(roots_pem.as_deref().map(str::as_bytes)).map_err(|_| DoorstepError::file(self.lang))?;
        let enrolled = self.inner.enrol(&*client, &code, &server, &label).map_err(|error| self.error(&error))?;
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = Some(client);
        Ok(enrolled.into())
    }

    /// The same through the host's own client.
    #[uniffi::method(default(server = None))]
    pub fn enrol_through(
        &self,
        transport: Arc<dyn Transport>,
        code: String,
        label: String,
        server: Option<String>,
    ) -> Result<Enrolled, DoorstepError> {
        let server = self.server_for(&code, server)?;
        let enrolled = self.inner.enrol(&ForeignTransport(transport), &code, &server, &label);
        enrolled.map(Into::into).map_err(|error| self.error(&error))
    }

    /// Pushes everything unsent, then pulls everything new. Safe to call at any time and to lose at any time; taps go on
    /// meanwhile. A server that can't be reached is no error: see [`SyncReport::code`].
    pub fn sync(&self) -> Result<SyncReport, DoorstepError> {
        self.sync_by(&*self.client()?)
    }

    /// The same through the host's own client.
    pub fn sync_through(&self, transport: Arc<dyn Transport>) -> Result<SyncReport, DoorstepError> {
        self.sync_by(&ForeignTransport(transport))
    }

    /// What is not on the server, and why.
    pub fn pending(&self) -> Result<Pending, DoorstepError> {
        self.inner.pending().map(Into::into).map_err(|error| self.error(&error))
    }

    /// The directory as last pulled; empty before the first sync.
    pub fn directory(&self) -> Directory {
        Directory::of(&self.inner.directory(), self.lang)
    }

    /// A case.
    pub fn case_view(&self, case_id: String) -> Result<CaseView, DoorstepError> {
        self.inner.case(self.doc(&case_id)?).map(Into::into).map_err(|error| self.error(&error))
    }

    /// A visit.
    pub fn visit_view(&self, visit_id: String) -> Result<VisitView, DoorstepError> {
        self.inner.visit(self.doc(&visit_id)?).map(Into::into).map_err(|error| self.error(&error))
    }

    /// One page of a list; no document is loaded for it.
    pub fn rows(&self, query: RowQuery) -> Result<RowPage, DoorstepError> {
        let lang = self.lang;
        let community = read_some(query.community.as_deref(), lang)?;
        let grid = read_some(query.grid.as_deref(), lang)?;
        let holder = read_some(query.holder.as_deref(), lang)?;
        let assignee = read_some(query.assignee.as_deref(), lang)?;
        let household = read_some(query.household.as_deref(), lang)?;
        let order = if query.by_due { Order::Due } else { Order::Newest };
        let filter = Filter {
            stage: query.stage.as_deref(),
            community: community.as_ref(),
            grid: grid.as_ref(),
            holder: holder.as_ref(),
            assignee: assignee.as_ref(),
            look: query.look,
            due_until: read_some(query.due_until.as_deref(), lang)?,
            text: query.text.as_deref(),
            household: household.as_ref(),
            tag: query.tag.as_deref(),
        };
        let after = match &query.after {
            Some(place) => Some(position(place, order).ok_or_else(|| DoorstepError::not("place in a list", lang))?),
            None => None,
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX).min(PAGE_MAX);
        let query = Query { kind: query.kind.into(), order, filter, after, limit };
        let rows = self.inner.rows(&query).map_err(|error| self.error(&error))?;
        let next = rows.last().filter(|_| rows.len() == limit).map(place);
        Ok(RowPage { rows: rows.into_iter().map(Into::into).collect(), next })
    }

    /// SHA-256 of what a document says: equal on devices that have the same changes.
    pub fn digest(&self, id: String) -> Result<String, DoorstepError> {
        self.inner.digest(self.doc(&id)?).map(|digest| digest.to_string()).map_err(|error| self.error(&error))
    }

    /// One of a case's shared texts.
    pub fn text(&self, case_id: String, name: TextName) -> Result<String, DoorstepError> {
        self.inner.text(self.doc(&case_id)?, name.into()).map_err(|error| self.error(&error))
    }

    /// The time, corrected by the server's clock where it is known, milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.inner.now().0
    }

    /// Whether every page of the database is sound; slow, for when somebody asks.
    pub fn check(&self) -> Result<(), DoorstepError> {
        self.inner.check().map_err(|error| self.error(&error))
    }

    /// Lets the store put its log in order; for a moment when nobody taps.
    pub fn tidy(&self) -> Result<(), DoorstepError> {
        self.inner.tidy().map_err(|error| self.error(&error))
    }
}

impl Device {
    fn begin(
        folder: Folder,
        entropy: SystemEntropy,
        signer: Arc<dyn environment::Signer>,
        lang: CoreLang,
    ) -> Result<Arc<Self>, DoorstepError> {
        let installation = folder.installation(&entropy).map_err(|_| DoorstepError::file(lang))?;
        let host = Host { clock: Arc::new(SystemClock), entropy: Arc::new(entropy), signer, installation, lang };
        let attachment_key = folder.attachment_key(&*host.entropy).map_err(|_| DoorstepError::file(lang))?;
        let options = Options { attachment_key: Some(attachment_key), ..Options::default() };
        let inner = device::Device::open(&folder.store(), options, host).map_err(|error| DoorstepError::of(&error, lang))?;
        Ok(Arc::new(Self { inner, lang, folder, client: Mutex::new(None) }))
    }

    /// The core's error in the device's language.
    pub(crate) fn error(&self, error: &DeviceError) -> DoorstepError {
        DoorstepError::of(error, self.lang)
    }

    /// A document's id.
    pub(crate) fn doc(&self, id: &str) -> Result<DocId, DoorstepError> {
        read(id, self.lang)
    }

    /// The server that a code is for.
    fn server_for(&self, code: &str, server: Option<String>) -> Result<String, DoorstepError> {
        let invitation = Invitation::read(code).map_err(|error| self.error(&error.into()))?;
        let none = || self.error(&EnrolError::NoServer.into());
        invitation.server.or(server).ok_or_else(none)
    }

    fn connect(&self, server: &str, roots_pem: Option<Vec<u8>>) -> Result<Arc<HttpTransport>, DoorstepError> {
        let options = HttpOptions { roots_pem, ..HttpOptions::default() };
        let client = HttpTransport::new(server, &options).map_err(|error| DoorstepError::host(error, self.lang))?;
        Ok(Arc::new(client))
    }

    /// The ready client for the server that the device is enrolled with, with its connection if there is one.
    pub(crate) fn client(&self) -> Result<Arc<HttpTransport>, DoorstepError> {
        let server = self.inner.enrolled().ok_or_else(|| self.error(&DeviceError::NotEnrolled))?.server;
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*kept {
            return Ok(Arc::clone(client));
        }
        let roots = self.folder.roots().map_err(|_| DoorstepError::file(self.lang))?;
        let client = self.connect(&server, roots)?;
        *kept = Some(Arc::clone(&client));
        Ok(client)
    }

    fn sync_by(&self, transport: &dyn environment::Transport) -> Result<SyncReport, DoorstepError> {
        let report = self.inner.sync(transport).map_err(|error| self.error(&error))?;
        Ok(SyncReport::of(&report, self.lang))
    }
}

/// Where a row stands in its list, as text that only [`position`] reads.
fn place(row: &CoreRow) -> String {
    let due = row.due.map(|day| day.to_string()).unwrap_or_default();
    format!("{:x}/{due}/{}", row.updated.0, row.doc)
}

/// The place behind the row that a text stands for.
fn position(text: &str, order: Order) -> Option<Position> {
    let mut parts = text.splitn(3, '/');
    let updated = Hlc(u64::from_str_radix(parts.next()?, 16).ok()?);
    let due: Option<Date> = Some(parts.next()?).filter(|day| !day.is_empty()).map(str::parse).transpose().ok()?;
    let doc: DocId = parts.next()?.parse().ok()?;
    // A position asks a row for nothing but these.
    let row = CoreRow { updated, due, ..CoreRow::unreadable(doc, doorstep_core::id::DocKind::Case) };
    Position::after(&row, order)
}

/// A stage in words.
#[uniffi::export]
pub fn stage_name(stage: Stage, lang: Lang) -> String {
    words::stage(stage.into(), lang.into()).into()
}

/// One sentence for a code, whether a refusal's or a device's; empty for a code this version doesn't know.
#[uniffi::export]
pub fn sentence_for(code: String, lang: Lang) -> String {
    match RefusalCode::from_code(&code) {
        Some(code) => words::code_sentence(code, lang.into()).into(),
        None => crate::errors::code_sentence(&code, lang.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_list_reads_back_as_the_same_position() {
        let doc = DocId::from_bytes([5; 16]);
        let day = "2026-05-08".parse().unwrap();
        let row =
            CoreRow { updated: Hlc(0xabc_def0), due: Some(day), ..CoreRow::unreadable(doc, doorstep_core::id::DocKind::Visit) };
        for order in [Order::Newest, Order::Due] {
            assert_eq!(position(&place(&row), order), Position::after(&row, order));
        }
        assert_eq!(position("7//nonsense", Order::Newest), None);
        assert_eq!(position(&place(&CoreRow { due: None, ..row }), Order::Due), None, "the order leaves it out");
    }

    fn phone() -> (tempfile::TempDir, Arc<Device>) {
        let folder = tempfile::tempdir().unwrap();
        let device = Device::open(folder.path().to_str().unwrap().into(), Some(Lang::En)).unwrap();
        (folder, device)
    }

    #[test]
    fn a_new_device_is_nobodys_and_says_so() {
        let (_folder, device) = phone();
        assert_eq!(device.enrolled(), None);
        assert_eq!(device.sync().unwrap_err().code(), "not_enrolled");
        assert_eq!(device.directory().people, []);
        assert_eq!(device.pending().unwrap().waiting, 0);
    }

    #[test]
    fn a_typed_code_needs_a_server_and_nonsense_is_no_code() {
        let (_folder, device) = phone();
        let enrol = |code: &str, server: Option<&str>| {
            device.enrol(code.into(), "phone".into(), server.map(Into::into), None).unwrap_err().code().to_owned()
        };
        assert_eq!(enrol("hello", None), "enrol_not_a_code");
        assert_eq!(enrol("0123456789", None), "enrol_no_server");
        assert_eq!(enrol("0123456789", Some("http://somewhere.example")), "plain_http");
    }

    #[test]
    fn a_device_keeps_its_key_and_nonce_when_it_is_opened_again() {
        let (folder, device) = phone();
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let before = (read("key"), read("installation"));
        drop(device);
        let _again = Device::open(folder.path().to_str().unwrap().into(), None).unwrap();
        assert_eq!((read("key"), read("installation")), before);
    }

    struct Locked;

    impl Signer for Locked {
        fn public_key(&self) -> Result<Vec<u8>, crate::SignerFailure> {
            Err(crate::SignerFailure::NotSigned)
        }

        fn sign(&self, _: Vec<u8>) -> Result<Vec<u8>, crate::SignerFailure> {
            Err(crate::SignerFailure::NotSigned)
        }
    }

    #[test]
    fn a_platform_key_that_is_locked_opens_nothing_and_makes_no_key_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let opened = Device::open_with_signer(folder.path().to_str().unwrap().into(), Arc::new(Locked), None);
        assert_eq!(opened.err().unwrap().code(), "key");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_code_of_either_kind_has_its_sentence() {
        assert!(!sentence_for("elements_missing".into(), Lang::Zh).is_empty());
        assert!(!sentence_for("unreachable".into(), Lang::En).is_empty());
        assert_eq!(sentence_for("from_a_later_version".into(), Lang::En), "");
    }
}
