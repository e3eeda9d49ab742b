//! Codes, devices, tokens: who may speak to the server. Secrets are stored as digests only.

use doorstep_core::id::{DeviceId, Digest, PersonId};
use doorstep_core::planted::{self, Planted};
use doorstep_core::time::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Store, StoreError, Tx, View, unsigned};
use crate::audit::{Fact, Who};

/// Wrong codes after which the typed form of a live code is worth nothing any more: ten characters withstand five
/// guesses, not five million. The QR code's 128 bits need no such limit.
pub const SHORT_CODE_TRIES: u64 = 5;

/// A single-use enrolment code, by its digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    /// SHA-256 of the QR code's secret.
    pub hash_long: Digest,
    /// SHA-256 of the typed fallback.
    pub hash_short: Digest,
    /// Whom it enrols.
    pub person: PersonId,
    /// When it ends, by the server's clock.
    pub expires: Timestamp,
}

/// A device about to be enrolled; its key has been shown to be its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDevice {
    /// Its id from now on.
    pub id: DeviceId,
    /// SEC1 compressed P-256 key.
    pub public_key: [u8; 33],
    /// What people call it; may be empty.
    pub label: String,
}

/// An enrolled device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub person: PersonId,
    /// SEC1 compressed P-256 key.
    pub public_key: [u8; 33],
    /// What people call it; may be empty.
    pub label: String,
    /// Since when.
    pub enrolled_at: Timestamp,
    /// Until when, if it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Why a code enrols nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    /// There is no such code, or its person is gone from the directory.
    #[error("no such code")]
    Unknown,
    /// It enrolled a device already.
    #[error("the code was used already")]
    Used,
    /// Its time is over.
    #[error("the code has expired")]
    Expired,
    /// It was typed, and too many wrong ones were before it.
    #[error("too many wrong codes were tried")]
    TooManyTries,
}

impl CodeRefusal {
    /// Its permanent code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "code_unknown",
            Self::Used => "code_used",
            Self::Expired => "code_expired",
            Self::TooManyTries => "code_too_many_tries",
        }
    }
}

/// A token's row. The caller holds `expires` against its clock and the device against [`Store::device`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// The device it was given to.
    pub device: DeviceId,
    /// Whom that acts for.
    pub person: PersonId,
    /// When it ends, by the server's clock.
    pub expires: Timestamp,
}

impl Store {
    /// Stores an enrolment code for a person of the directory.
    pub fn put_code(&self, code: NewCode, now: Timestamp) -> Result<(), StoreError> {
        if self.directory()?.person(&code.person).is_none() {
            return Err(StoreError::UnknownPerson);
        }
        self.write(move |tx| {
            let sql = "INSERT INTO code (hash_long, hash_short, person, expires) VALUES (?1, ?2, ?3, ?4)";
            tx.conn.prepare_cached(sql)?.execute(params![
                code.hash_long.as_bytes(),
                code.hash_short.as_bytes(),
                code.person.as_str(),
                code.expires.0
            ])?;
            tx.record(now, &Who::Operator, &Fact::CodeMade(code.person))
        })
    }

    /// Spends the code with this digest (of either form) on `device`: whom it enrols, or why nobody. Atomic: of two
    /// phones with one code, one gets it. A digest of no code counts a try against every live typed code.
    pub fn redeem_code(
        &self,
        presented: Digest,
        now: Timestamp,
        device: NewDevice,
    ) -> Result<Result<PersonId, CodeRefusal>, StoreError> {
        let directory = self.directory()?;
        self.write(move |tx| {
            let code = match tx.find_code(&presented)? {
                Some(code) if directory.person(&code.person).is_some() => code,
                _ => {
                    let sql = "UPDATE code SET tries = tries + 1 WHERE used_at IS NULL AND expires > ?1";
                    tx.conn.prepare_cached(sql)?.execute([now.0])?;
                    return Ok(Err(CodeRefusal::Unknown));
                }
            };
            if code.used {
                return Ok(Err(CodeRefusal::Used));
            }
            if code.expires <= now {
                return Ok(Err(CodeRefusal::Expired));
            }
            if code.typed && code.tries >= SHORT_CODE_TRIES {
                return Ok(Err(CodeRefusal::TooManyTries));
            }
            tx.conn.prepare_cached("UPDATE code SET used_at = ?1 WHERE n = ?2")?.execute([now.0, code.n])?;
            tx.enrol(&device, &code.person, now)?;
            Ok(Ok(code.person))
        })
    }

    /// The device with this id, revoked or not.
    pub fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError> {
        self.read(|view| view.device(id))
    }

    /// All devices, the oldest first.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        self.read(|view| {
            let sql = "SELECT id, person, public_key, label, enrolled_at, revoked_at FROM device ORDER BY enrolled_at, id";
            let mut statement = view.conn.prepare_cached(sql)?;
            let rows = statement.query_map([], read_device)?;
            rows.map(|row| row?).collect()
        })
    }

    /// Revokes a device and its tokens at once. False if there is no such device, or it was revoked before.
    pub fn revoke_device(&self, id: DeviceId, now: Timestamp) -> Result<bool, StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE device SET revoked_at = ?1 WHERE id = ?2 AND revoked_at IS NULL";
            if tx.conn.prepare_cached(sql)?.execute(params![now.0, id.as_bytes()])? == 0 {
                return Ok(false);
            }
            if !planted::is(Planted::RevokedTokenReads) {
                tx.conn.prepare_cached("DELETE FROM token WHERE device = ?1")?.execute([id.as_bytes()])?;
            }
            tx.record(now, &Who::Operator, &Fact::DeviceRevoked(id))?;
            Ok(true)
        })
    }

    /// Stores a token's digest, and sweeps those that ended before `now`.
    pub fn put_token(
        &self,
        hash: Digest,
        device: DeviceId,
        person: PersonId,
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.conn.prepare_cached("DELETE FROM token WHERE expires <= ?1")?.execute([now.0])?;
            let sql = "INSERT INTO token (hash, device, person, expires) VALUES (?1, ?2, ?3, ?4)";
            let values = params![hash.as_bytes(), device.as_bytes(), person.as_str(), expires.0];
            tx.conn.prepare_cached(sql)?.execute(values)?;
            Ok(())
        })
    }

    /// The token with this digest; it may have ended.
    pub fn token(&self, hash: &Digest) -> Result<Option<TokenRow>, StoreError> {
        self.read(|view| {
            let sql = "SELECT device, person, expires FROM token WHERE hash = ?1";
            let mut statement = view.conn.prepare_cached(sql)?;
            let row = statement.query_row([hash.as_bytes()], |row| {
                Ok((DeviceId::from_bytes(row.get(0)?), row.get::<_, String>(1)?, Timestamp(row.get(2)?)))
            });
            row.optional()?.map(|(device, who, expires)| Ok(TokenRow { device, person: person(&who)?, expires })).transpose()
        })
    }
}

struct FoundCode {
    n: i64,
    person: PersonId,
    expires: Timestamp,
    tries: u64,
    used: bool,
    typed: bool,
}

impl View<'_> {
    /// See [`Store::device`].
    pub(crate) fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError> {
        let sql = "SELECT id, person, public_key, label, enrolled_at, revoked_at FROM device WHERE id = ?1";
        self.conn.prepare_cached(sql)?.query_row([id.as_bytes()], read_device).optional()?.transpose()
    }

    /// Every key this person ever enrolled, those of revoked devices included.
    pub(crate) fn keys_of(&self, person: &PersonId) -> Result<Vec<[u8; 33]>, StoreError> {
        let sql = "SELECT public_key FROM device WHERE person = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([person.as_str()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The newest code of this digest: short codes may, in theory, come twice.
    fn find_code(&self, presented: &Digest) -> Result<Option<FoundCode>, StoreError> {
        let sql = "SELECT n, person, expires, tries, used_at IS NOT NULL, hash_short = ?1 FROM code
                   WHERE hash_long = ?1 OR hash_short = ?1 ORDER BY n DESC LIMIT 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let row = statement.query_row([presented.as_bytes()], |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        });
        row.optional()?
            .map(|(n, who, expires, tries, used, typed)| {
                let person = person(&who)?;
                Ok(FoundCode { n, person, expires: Timestamp(expires), tries: unsigned(tries), used, typed })
            })
            .transpose()
    }
}

impl Tx<'_> {
    fn enrol(&self, device: &NewDevice, person: &PersonId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO device (id, person, public_key, label, enrolled_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![device.id.as_bytes(), person.as_str(), device.public_key, device.label, now.0];
        self.conn.prepare_cached(sql)?.execute(values)?;
        let who = Who::Device(device.id, person.clone());
        self.record(now, &who, &Fact::DeviceEnrolled(device.id, person.clone()))
    }
}

fn read_device(row: &Row<'_>) -> rusqlite::Result<Result<Device, StoreError>> {
    let who: String = row.get(1)?;
    let (id, public_key) = (DeviceId::from_bytes(row.get(0)?), row.get(2)?);
    let (label, enrolled_at) = (row.get(3)?, Timestamp(row.get(4)?));
    let revoked_at = row.get::<_, Option<i64>>(5)?.map(Timestamp);
    Ok(person(&who).map(|person| Device { id, person, public_key, label, enrolled_at, revoked_at }))
}

fn person(slug: &str) -> Result<PersonId, StoreError> {
    slug.parse().map_err(|_| StoreError::Damaged)
}
