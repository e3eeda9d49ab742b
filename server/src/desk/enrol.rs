//! `phone enrol`, `phone status`: how a phone gets in, and who it is.

use std::path::PathBuf;

use clap::Args;
use doorstep_core::device::{DeviceError, Invitation};
use doorstep_core::environment::TransportError;
use serde::Serialize;

use super::phone::{Common, Phone};
use super::print::{json, rfc3339};
use super::{fail, sync};
use crate::words::{Lang, Said, say};

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone enrol 'doorstep://enrol?server=…&code=…'
  doorstep phone enrol ABCDE-12345 --server http://127.0.0.1:8443
  doorstep phone enrol ABCDE-12345 --server https://192.168.1.10:8443 --roots ./data/tls/cert.pem
  doorstep phone enrol ABCDE-12345 --server http://127.0.0.1:8443 --again

登记码由管理员给出，只能用一次 · The administrator makes the code (doorstep admin enrol); it works once.")]
pub(super) struct Options {
    /// 登记码：十个字符，或二维码里的链接 · The code: ten characters, or the link in the QR code.
    code: String,
    /// 服务器地址；链接里有的可省略 · The server's address; a link has it already.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// 只信任这些证书（PEM），用于自签名的服务器 · The only certificates to trust, PEM: for a self-signed server.
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// 设备名称 · What people call this device.
    #[arg(long, value_name = "NAME", default_value = "desk")]
    label: String,
    /// 重新登记这部手机（仍为同一人），内容保留 · Enrol it once more, for the same person; what is on it stays.
    #[arg(long)]
    again: bool,
    /// 登记后不同步 · Do not sync yet.
    #[arg(long)]
    no_sync: bool,
}

pub(super) fn run(common: &Common, options: &Options, lang: Lang) -> Result<(), Said> {
    // What can be known to be wrong is said before a folder is made.
    let invitation = Invitation::read(&options.code).map_err(|error| fail::told(&DeviceError::Enrol(error)))?;
    let server = invitation.server.or_else(|| options.server.clone()).ok_or_else(|| {
        Said::usage(
            "server_missing",
            "这个登记码不含服务器地址，请用 --server 写明。",
            "this code does not name its server: give it with --server.",
        )
    })?;
    doorstep_core::host::HttpTransport::new(&server, &doorstep_core::host::HttpOptions::default()).map_err(fail::host)?;
    let roots = options.roots.as_ref().map(|path| std::fs::read(path).map_err(|cause| fail::file(path, &cause))).transpose()?;
    let phone = Phone::make(common, lang)?;
    if phone.device.enrolled().is_some() && !options.again {
        return Err(fail::told(&DeviceError::AlreadyEnrolled));
    }
    phone.folder.set_roots(roots.as_deref()).map_err(|cause| fail::file(phone.folder.path(), &cause))?;
    let transport = phone.way_to(&server)?;
    let enrolled = if phone.device.enrolled().is_some() {
        phone.device.enrol_again(&transport, &options.code, &server, &options.label)
    } else {
        phone.device.enrol(&transport, &options.code, &server, &options.label)
    };
    let enrolled = enrolled.map_err(|error| match &error {
        // Nothing is on this phone yet that could wait for a network.
        DeviceError::Transport(TransportError::Unreachable | TransportError::Timeout) => Said::coded(
            error.code().to_owned(),
            format!("连不上 {server}，没有登记；登记码还能用。请检查地址和网络。"),
            format!("{server} can't be reached; nothing was enrolled, and the code still works. Check address and network."),
        ),
        _ => fail::told(&error),
    })?;
    if !phone.json {
        let at = phone.folder.path().display();
        match lang {
            Lang::Zh => say!("✓ 已登记：{}，{}（{at}）", enrolled.tenant, enrolled.person),
            Lang::En => say!("✓ enrolled: {} of {} ({at})", enrolled.person, enrolled.tenant),
        }
    }
    if !options.no_sync {
        return sync::run(&phone, &sync::Options::default());
    }
    if phone.json { status(&phone) } else { Ok(()) }
}

#[derive(Serialize)]
struct Record {
    home: String,
    person: Option<String>,
    name: Option<String>,
    device: Option<String>,
    tenant: Option<String>,
    server: Option<String>,
    directory_version: u64,
    now: String,
    documents: u64,
    waiting: u64,
    set_aside: u64,
    unreadable: u64,
}

/// Who and where the phone is, and what it holds.
pub(super) fn status(phone: &Phone) -> Result<(), Said> {
    let enrolled = phone.device.enrolled();
    let directory = phone.device.directory();
    let counts = phone.device.pending().map_err(|error| fail::told(&error))?.counts;
    let record = Record {
        home: phone.folder.path().display().to_string(),
        name: enrolled.as_ref().map(|one| directory.person_name(&one.person).to_owned()),
        person: enrolled.as_ref().map(|one| one.person.to_string()),
        device: enrolled.as_ref().map(|one| one.device.to_string()),
        tenant: enrolled.as_ref().map(|one| one.tenant.clone()),
        server: enrolled.map(|one| one.server),
        directory_version: directory.version,
        now: rfc3339(phone.now()),
        documents: counts.documents,
        waiting: counts.waiting + counts.wanted,
        set_aside: counts.set_aside,
        unreadable: counts.unreadable,
    };
    if phone.json {
        json(&record);
        return Ok(());
    }
    let name = record.name.unwrap_or_default();
    let (home, person, tenant) = (record.home, record.person.unwrap_or_default(), record.tenant.unwrap_or_default());
    let (server, version) = (record.server.unwrap_or_default(), record.directory_version);
    let (documents, waiting, aside) = (record.documents, record.waiting, record.set_aside);
    match phone.lang {
        Lang::Zh => {
            say!("{name}（{person}）· {tenant}");
            say!("服务器 {server}，名录第 {version} 版，目录 {home}");
            say!("{documents} 份记录，待传 {waiting}，搁置 {aside}");
        }
        Lang::En => {
            say!("{name} ({person}) · {tenant}");
            say!("server {server}, directory version {version}, folder {home}");
            say!("{documents} records, {waiting} changes waiting, {aside} set aside");
        }
    }
    Ok(())
}
