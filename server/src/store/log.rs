//! The log of sealed agreements: entered in the transaction that stores them, proved by receipts, said for by checkpoints.
//!
//! The tree's arithmetic is the core's (`agreement::merkle`), the rows are here. The two keys (the sub-district's root, which
//! certifies devices and stamps; the log's, which signs checkpoints) lie in `meta` beside the cursor key: who has the
//! database has them, and a backup of it must be kept like a seal.

use doorstep_core::agreement::merkle::{self, Subtrees};
use doorstep_core::agreement::{
    Anchors, Bundle, Checkpoint, CommitteeStamp, DeviceCertificate, LogLeaf, Receipt, key_fingerprint,
};
use doorstep_core::environment::{Entropy, Signer as _};
use doorstep_core::host::SoftwareSigner;
use doorstep_core::id::{DeviceId, Digest, DocId, PersonId};
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError, Tx, View, signed, unsigned};

const ROOT_KEY: &str = "root_key";
const LOG_KEY: &str = "log_key";

/// Something that a seal uses up, and by what code a second use is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    kind: &'static str,
    value: Vec<u8>,
    /// What the phone is told.
    pub(crate) code: &'static str,
}

impl Mark {
    /// Whether it may stand on another agreement as well: a dossier number may, within its case.
    pub(crate) fn may_stand_again(&self, same_case: bool) -> bool {
        same_case && self.kind == "number"
    }
}

/// The code of a device's count of seals used twice.
pub(crate) const COUNTER_REUSED: &str = "seal_counter_reused";
/// The code of a dossier number that another case's agreement bears.
pub(crate) const NUMBER_REUSED: &str = "agreement_number_reused";
/// The code of ink that stands in another agreement.
pub(crate) const INK_REUSED: &str = "ink_used_before";

/// What this agreement uses up.
pub(crate) fn marks(bundle: &Bundle) -> Vec<Mark> {
    let context = &bundle.seal.context;
    // By the key, not by the name that the seal gives its device: the key is what was checked.
    let mut counter = key_fingerprint(&bundle.seal.public_key).as_bytes().to_vec();
    counter.extend_from_slice(&context.counter.to_be_bytes());
    let number = bundle.body.context.number.iter().map(|number| Mark {
        kind: "number",
        value: number.as_bytes().to_vec(),
        code: NUMBER_REUSED,
    });
    let inks = bundle.acts.iter().map(|signed| Mark {
        kind: "ink",
        value: signed.drawing().ink().as_bytes().to_vec(),
        code: INK_REUSED,
    });
    let counter = Mark { kind: "counter", value: counter, code: COUNTER_REUSED };
    [counter].into_iter().chain(number).chain(inks).collect()
}

/// A signed checkpoint, and the proof that it goes on from an earlier size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The checkpoint, signed.
    pub checkpoint: Vec<u8>,
    /// The proof, as RFC 6962 orders it.
    pub proof: Vec<Digest>,
}

/// The server's two keys.
struct Keys {
    root: SoftwareSigner,
    log: SoftwareSigner,
}

impl Subtrees for View<'_> {
    type Error = StoreError;

    fn subtree(&self, level: u32, at: u64) -> Result<Digest, StoreError> {
        let sql = "SELECT hash FROM log_node WHERE level = ?1 AND at = ?2";
        let row =
            self.conn.prepare_cached(sql)?.query_row(params![level, signed(at)], |row| row.get(0).map(Digest::from_bytes));
        row.optional()?.ok_or(StoreError::Damaged)
    }
}

impl Store {
    /// Makes the keys, if there are none yet, and enters what was sealed before there was a log. Called before the server serves.
    pub fn found_log(&self, entropy: &dyn Entropy, now: Timestamp) -> Result<(), StoreError> {
        if self.read(|view| Ok(view.keys()?.is_some() && view.unregistered()?.is_empty()))? {
            return Ok(());
        }
        let new = || SoftwareSigner::generate(entropy).map(|key| key.secret()).map_err(|_| StoreError::Refused("no_key"));
        let (root, log) = (new()?, new()?);
        self.write(move |tx| {
            tx.put_keys(&root, &log)?;
            for (doc, digest, bytes) in tx.unregistered()? {
                tx.register(doc, &digest, &bytes, now)?;
            }
            Ok(())
        })
    }

    /// The public halves of the keys: what verifiers trust beforehand. None before [`Store::found_log`].
    pub fn anchors(&self) -> Result<Option<Anchors>, StoreError> {
        self.read(|view| {
            Ok(view.keys()?.map(|keys| Anchors {
                roots: vec![keys.root.public_key()],
                logs: vec![keys.log.public_key()],
                ..Anchors::default()
            }))
        })
    }

    /// What the log says of itself now, signed, and the proof that it goes on from its first `from` entries (empty where there is
    /// nothing to prove, or fewer entries than that). None before [`Store::found_log`].
    pub fn checkpoint(&self, from: u64, now: Timestamp) -> Result<Option<Proved>, StoreError> {
        self.read(|view| {
            let Some(keys) = view.keys()? else { return Ok(None) };
            let size = view.log_size()?;
            let proof = merkle::consistency(view, from, size)?;
            Ok(Some(Proved { checkpoint: view.checkpoint(&keys, size, now)?, proof }))
        })
    }

    /// The certificate of this device, made now if it has none. None before [`Store::found_log`], and for a device that is
    /// unknown, another's or revoked.
    pub fn certificate(&self, device: DeviceId, person: &PersonId, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(bytes) = self.read(|view| view.certificate(&device))? {
            return Ok(Some(bytes));
        }
        let tenant = self.directory()?.name.clone();
        let person = person.clone();
        self.write(move |tx| tx.certify(&tenant, device, &person, now))
    }

    /// What stands beside a bundle here: the receipt, then the stamp.
    pub(crate) fn beside(&self, bundle: &Digest) -> Result<[Option<Vec<u8>>; 2], StoreError> {
        self.read(|view| {
            let one = |sql: &str| {
                let mut statement = view.conn.prepare_cached(sql)?;
                statement.query_row([bundle.as_bytes()], |row| row.get(0)).optional()
            };
            Ok([one("SELECT receipt FROM log_entry WHERE bundle = ?1")?, one("SELECT bytes FROM stamp WHERE bundle = ?1")?])
        })
    }

    /// Whether something that this agreement uses up was used by another: the code to refuse it with.
    pub(crate) fn reused(&self, doc: &DocId, digest: &Digest, marks: &[Mark]) -> Result<Option<&'static str>, StoreError> {
        self.read(|view| view.reused(doc, digest, marks))
    }

    /// Whether an agreement with this body was sealed in this case.
    pub(crate) fn has_body(&self, doc: &DocId, body: &Digest) -> Result<bool, StoreError> {
        self.read(|view| {
            let sql = "SELECT bundle.bytes FROM bundle JOIN doc ON doc.n = bundle.doc WHERE doc.id = ?1";
            let mut statement = view.conn.prepare_cached(sql)?;
            let mut rows = statement.query([doc.as_bytes()])?;
            while let Some(row) = rows.next()? {
                let bytes: Vec<u8> = row.get(0)?;
                if Bundle::read(&bytes).is_ok_and(|bundle| bundle.seal.body == *body) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }
}

impl View<'_> {
    fn keys(&self) -> Result<Option<Keys>, StoreError> {
        let key = |name: &str| -> Result<Option<SoftwareSigner>, StoreError> {
            let mut statement = self.conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
            let secret: Option<[u8; 32]> = statement.query_row([name], |row| row.get(0)).optional()?;
            secret.map(|secret| SoftwareSigner::from_secret(&secret).map_err(|_| StoreError::Damaged)).transpose()
        };
        Ok(match (key(ROOT_KEY)?, key(LOG_KEY)?) {
            (Some(root), Some(log)) => Some(Keys { root, log }),
            _ => None,
        })
    }

    fn log_size(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(max(n) + 1, 0) FROM log_entry";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).map(unsigned)?)
    }

    fn checkpoint(&self, keys: &Keys, size: u64, now: Timestamp) -> Result<Vec<u8>, StoreError> {
        let name: String = self.tenant()?;
        let checkpoint = Checkpoint { log: name, size, root: merkle::root(self, size)?, at: now };
        checkpoint.sign(&keys.log).map_err(|_| StoreError::Refused("no_key"))
    }

    /// The sub-district's name by the newest directory.
    fn tenant(&self) -> Result<String, StoreError> {
        Ok(self.directory_newer_than(0)?.ok_or(StoreError::Damaged)?.name)
    }

    /// Agreements that the log does not have, in the order they came.
    fn unregistered(&self) -> Result<Vec<(DocId, Digest, Vec<u8>)>, StoreError> {
        let sql = "SELECT doc.id, bundle.digest, bundle.bytes FROM bundle JOIN doc ON doc.n = bundle.doc
                   WHERE NOT EXISTS (SELECT 1 FROM log_entry WHERE log_entry.bundle = bundle.digest)
                   ORDER BY bundle.rowid";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement
            .query_map([], |row| Ok((DocId::from_bytes(row.get(0)?), Digest::from_bytes(row.get(1)?), row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn certificate(&self, device: &DeviceId) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT bytes FROM certificate WHERE device = ?1")?;
        Ok(statement.query_row([device.as_bytes()], |row| row.get(0)).optional()?)
    }

    fn reused(&self, doc: &DocId, digest: &Digest, marks: &[Mark]) -> Result<Option<&'static str>, StoreError> {
        let sql = "SELECT doc, bundle FROM seal_mark WHERE kind = ?1 AND value = ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        for mark in marks {
            let used = statement.query_row(params![mark.kind, mark.value], |row| {
                Ok((DocId::from_bytes(row.get(0)?), Digest::from_bytes(row.get(1)?)))
            });
            let Some((by_doc, by)) = used.optional()? else { continue };
            let allowed = by == *digest || mark.may_stand_again(by_doc == *doc);
            if !allowed {
                return Ok(Some(mark.code));
            }
        }
        Ok(None)
    }
}

impl Tx<'_> {
    /// Keys that are there stay.
    fn put_keys(&self, root: &[u8; 32], log: &[u8; 32]) -> Result<(), StoreError> {
        for (name, key) in [(ROOT_KEY, root), (LOG_KEY, log)] {
            let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING";
            self.conn.prepare_cached(sql)?.execute(params![name, key])?;
        }
        Ok(())
    }

    /// Enters an agreement that has just been stored, with its receipt, and uses up what it uses up. A server without keys
    /// (its database is older than the log, and it has not been started since) does so when it next starts.
    pub(super) fn register(&self, doc: DocId, digest: &Digest, bytes: &[u8], now: Timestamp) -> Result<(), StoreError> {
        let Some(keys) = self.keys()? else { return Ok(()) };
        // What is stored was verified. What an earlier version stored and this one can't read is entered all the same.
        let marks = Bundle::read(bytes).map(|bundle| marks(&bundle)).unwrap_or_default();
        for mark in marks {
            let sql = "INSERT INTO seal_mark (kind, value, doc, bundle) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
            let values = params![mark.kind, mark.value, doc.as_bytes(), digest.as_bytes()];
            self.conn.prepare_cached(sql)?.execute(values)?;
        }
        let known = "SELECT 1 FROM log_entry WHERE bundle = ?1";
        if self.conn.prepare_cached(known)?.exists([digest.as_bytes()])? {
            return Ok(());
        }
        let index = self.log_size()?;
        let leaf = LogLeaf { bundle: *digest, received_at: now };
        let view: &View<'_> = self;
        for (level, at, hash) in merkle::appended(view, index, leaf.hash())? {
            let sql = "INSERT INTO log_node (level, at, hash) VALUES (?1, ?2, ?3)";
            self.conn.prepare_cached(sql)?.execute(params![level, signed(at), hash.as_bytes()])?;
        }
        let proof = merkle::inclusion(view, index, index + 1)?;
        let receipt = Receipt { leaf, index, proof, checkpoint: self.checkpoint(&keys, index + 1, now)? };
        let sql = "INSERT INTO log_entry (n, bundle, received_at, receipt) VALUES (?1, ?2, ?3, ?4)";
        let values = params![signed(index), digest.as_bytes(), now.0, receipt.to_bytes()];
        self.conn.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Whether this agreement may still use up what it uses up: asked again inside the transaction.
    pub(super) fn check_marks(&self, doc: &DocId, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
        let marks = Bundle::read(bytes).map(|bundle| marks(&bundle)).unwrap_or_default();
        if self.reused(doc, digest, &marks)?.is_some() { Err(StoreError::Refused("mark_reused")) } else { Ok(()) }
    }

    fn certify(
        &self,
        tenant: &str,
        device: DeviceId,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(bytes) = self.certificate(&device)? {
            return Ok(Some(bytes));
        }
        let found = self.device(&device)?.filter(|found| found.person == *person && found.revoked_at.is_none());
        let (Some(keys), Some(found)) = (self.keys()?, found) else { return Ok(None) };
        let certificate = DeviceCertificate {
            tenant: tenant.to_owned(),
            device,
            person: person.clone(),
            public_key: found.public_key,
            issued_at: now,
        };
        let bytes = certificate.sign(&keys.root).map_err(|_| StoreError::Refused("no_key"))?;
        let sql = "INSERT INTO certificate (device, bytes) VALUES (?1, ?2)";
        self.conn.prepare_cached(sql)?.execute(params![device.as_bytes(), bytes])?;
        Ok(Some(bytes))
    }

    /// Signs that the committee stamped this agreement. The first stamp counts; a bundle that is not here is none to stamp.
    pub(crate) fn stamp(&self, doc: DocId, bundle: &Digest, by: &PersonId, at: Timestamp) -> Result<(), StoreError> {
        let known = "SELECT 1 FROM stamp WHERE bundle = ?1";
        let stamped = self.conn.prepare_cached(known)?.exists([bundle.as_bytes()])?;
        let of_case = self.bundle(bundle)?.into_iter().find(|(line, _)| line.id == doc);
        let (Some(keys), Some((_, bytes)), false) = (self.keys()?, of_case, stamped) else { return Ok(()) };
        let Ok(read) = Bundle::read(&bytes) else { return Ok(()) };
        let committee = read.body.context.committee;
        let stamp = CommitteeStamp { bundle: *bundle, case: doc, committee, by: by.clone(), at };
        let signed = stamp.sign(&keys.root).map_err(|_| StoreError::Refused("no_key"))?;
        let sql = "INSERT INTO stamp (bundle, bytes) VALUES (?1, ?2)";
        self.conn.prepare_cached(sql)?.execute(params![bundle.as_bytes(), signed])?;
        Ok(())
    }
}
