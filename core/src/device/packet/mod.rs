//! Packets: work that could not be done and that no machine will do again, as something a person can read, print and hand in.
//!
//! One for each change that was set aside, and one for each piece out of a damaged database. A packet says which record it was
//! for, what was wanted, when, and why it could not be done; whatever the command held stands in it, also where a newer version
//! wrote it. It goes when somebody says that it was dealt with, and by nothing else.

mod page;
mod value;

use std::io::Write;

use super::{Device, DeviceError};
use crate::document::guard;
use crate::id::{ChangeHash, DocId, DocKind, PersonId};
use crate::store::{Piece, SetAside};
use crate::time::Timestamp;
use crate::words::{self, Lang};
pub use value::Value;

/// In what form a packet is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketForm {
    /// Plain text in Chinese and English, for people.
    Text,
    /// JSON, for programs; the raw bytes are in it.
    Json,
}

/// Something that was wanted and could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Its name on this phone: what it is exported and dismissed by.
    pub name: String,
    /// The record it was for, where that is known.
    pub doc: Option<DocId>,
    /// What that is.
    pub kind: Option<DocKind>,
    /// The record's title, as far as this phone knows one.
    pub title: String,
    /// Who wanted it.
    pub person: Option<PersonId>,
    /// When, to the second; none where the change does not say.
    pub at: Option<Timestamp>,
    /// Why it could not be done: a stable code.
    pub code: String,
    /// What is missing or in the way, in codes.
    pub about: Vec<String>,
    /// The command's stable name; empty where it can't be read.
    pub command: String,
    /// What the command held, field by field.
    pub fields: Vec<(String, Value)>,
    /// The command as it was kept, CBOR.
    pub command_bytes: Vec<u8>,
    /// The change that it had made.
    pub change: Vec<u8>,
}

impl Packet {
    /// Why it could not be done, in a sentence.
    pub fn why(&self, lang: Lang) -> String {
        words::set_aside_sentence(&self.code, &self.about, lang)
    }

    /// What was wanted, in words.
    pub fn wanted(&self, lang: Lang) -> String {
        words::packet_command(self.kind, &self.command, lang).to_owned()
    }

    /// The whole of it as plain text, in both languages.
    pub fn text(&self) -> String {
        page::text(self)
    }

    /// The whole of it as JSON.
    pub fn json(&self) -> String {
        page::json(self)
    }
}

impl Device {
    /// Everything that was wanted here and could not be done, in the order it was found.
    pub fn packets(&self) -> Result<Vec<Packet>, DeviceError> {
        let desk = self.desk();
        let person = desk.enrolled.as_ref().map(|enrolled| enrolled.person.clone());
        let mut packets = Vec::new();
        for aside in desk.store.set_aside()? {
            let SetAside { doc, kind, hash, code, about, command, bytes, .. } = aside;
            let title = desk.store.row(&doc)?.map(|row| row.title).unwrap_or_default();
            let name = change_name(&hash);
            packets.push(packet(name, Some(doc), Some(kind), title, person.clone(), code, about, command, bytes));
        }
        for Piece { n, doc, kind, code, command, bytes } in desk.store.pieces()? {
            let row = doc.map(|doc| desk.store.row(&doc)).transpose()?.flatten();
            let title = row.map(|row| row.title).unwrap_or_default();
            let (command, bytes) = (command.unwrap_or_default(), bytes.unwrap_or_default());
            packets.push(packet(format!("p{n}"), doc, kind, title, person.clone(), code, Vec::new(), command, bytes));
        }
        Ok(packets)
    }

    /// The packet of this name.
    pub fn packet(&self, name: &str) -> Result<Packet, DeviceError> {
        self.packets()?.into_iter().find(|packet| packet.name == name).ok_or(DeviceError::NotFound)
    }

    /// Writes it out, to be read by people or programs.
    pub fn export_packet(&self, name: &str, form: PacketForm, to: &mut dyn Write) -> Result<(), DeviceError> {
        let packet = self.packet(name)?;
        let whole = match form {
            PacketForm::Text => packet.text(),
            PacketForm::Json => packet.json(),
        };
        to.write_all(whole.as_bytes()).and_then(|()| to.flush()).map_err(|error| DeviceError::Export(error.kind()))
    }

    /// Somebody dealt with it: it need not be kept here any longer. False, and nothing done, where its document is still to be
    /// rebuilt without it; the next sync does that.
    pub fn dismiss_packet(&self, name: &str) -> Result<bool, DeviceError> {
        let mut desk = self.desk();
        if let Some(n) = name.strip_prefix('p').and_then(|number| number.parse().ok()) {
            return Ok(desk.store.drop_piece(n)?);
        }
        let found = desk.store.set_aside()?.into_iter().find(|aside| change_name(&aside.hash) == name);
        let Some(aside) = found else { return Err(DeviceError::NotFound) };
        Ok(desk.store.dismiss(&aside.doc, &aside.hash)?)
    }
}

/// A change's packet is named by the change: twelve characters are enough on one phone.
fn change_name(hash: &ChangeHash) -> String {
    let whole = hash.to_string();
    format!("c{}", whole.get(..12).unwrap_or(&whole))
}

#[expect(clippy::too_many_arguments, reason = "the parts of one record, each named")]
fn packet(
    name: String,
    doc: Option<DocId>,
    kind: Option<DocKind>,
    title: String,
    person: Option<PersonId>,
    code: String,
    about: Vec<String>,
    command_bytes: Vec<u8>,
    change: Vec<u8>,
) -> Packet {
    // Advisory in Automerge, and taken from the stamp where we write: what was only typed has none.
    let at = guard::inspect(&change).ok().map(|header| header.time).filter(|seconds| *seconds > 0);
    let at = at.map(|seconds| Timestamp(seconds.saturating_mul(1_000)));
    let (command, fields) = value::command(&command_bytes).unwrap_or_default();
    let named = |fields: &[(String, Value)]| value::find(fields, "title");
    let title = if title.is_empty() { named(&fields).unwrap_or_default() } else { title };
    Packet { name, doc, kind, title, person, at, code, about, command, fields, command_bytes, change }
}
