//! Errors at the desk: the device's code and sentence, and what to type next where that is plain.

use doorstep_core::device::DeviceError;
use doorstep_core::host::{HostError, KeyError};
use doorstep_core::words::Lang;

use crate::words::Said;

/// A device's error for a person at a terminal.
pub(super) fn told(error: &DeviceError) -> Said {
    let said = Said::coded(error.code().to_owned(), error.sentence(Lang::Zh), error.sentence(Lang::En));
    match next(error.code()) {
        Some(command) => said.and(&format!("下一步：doorstep phone {command}"), &format!("Next: doorstep phone {command}")),
        None => said,
    }
}

/// What to type when this is in the way.
fn next(code: &str) -> Option<&'static str> {
    Some(match code {
        "not_enrolled" => "enrol CODE",
        "no_open_consultation" => "consult open ID",
        "not_agreed" => "consult conclude ID --agreed",
        "no_draft" => "draft ID",
        "draft_superseded" | "outdated" => "show ID",
        "commitments_open" => "fulfil ID N --seen …",
        "parties_not_asked" => "feedback ID --party … --grade …",
        "unknown_place" | "wrong_receiver" => "directory",
        "unreachable" | "link_dropped" | "timeout" => "sync",
        _ => return None,
    })
}

/// Why the server can't even be asked.
pub(super) fn host(error: HostError) -> Said {
    let (zh, en) = match error {
        HostError::BadAddress => (
            "这不是服务器地址，应如 https://192.168.1.10:8443。",
            "this is no server's address; write https://192.168.1.10:8443.",
        ),
        HostError::PlainHttp => (
            "只有本机可以用 http://；别的服务器须用 https://，自签名证书用 --roots 指定。",
            "http:// is for this machine only; use https://, with --roots for a self-signed certificate.",
        ),
        HostError::BadCertificate => {
            ("证书文件不是 PEM 格式的证书。", "the file of certificates holds no certificate in PEM form.")
        }
        HostError::NoEntropy => ("系统没有给出随机数。", "the system gives no random bytes."),
    };
    Said::coded(error.code(), zh, en)
}

/// Why there is no key.
pub(super) fn key(error: KeyError) -> Said {
    let (zh, en) = match error {
        KeyError::Exposed => (
            "密钥文件可被他人读取，请用 chmod 600 收回权限。",
            "others may read the key's file; take that back with chmod 600.",
        ),
        KeyError::NotAKey => ("密钥文件已损坏。", "the key's file holds no key."),
        KeyError::Exists | KeyError::Missing | KeyError::File(_) | KeyError::Entropy => {
            ("密钥文件无法读写。", "the key's file can't be read or written.")
        }
    };
    Said::coded(error.code(), zh, en)
}

/// A file that the system won't give or take.
pub(super) fn file(path: &std::path::Path, cause: &std::io::Error) -> Said {
    let path = path.display();
    Said::coded("file", format!("无法使用 {path}：{cause}"), format!("can't use {path}: {cause}"))
}
