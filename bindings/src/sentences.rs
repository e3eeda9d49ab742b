//! Words of what can only go wrong at the border: in the host's own code, in what was passed in, in the device's folder.
//!
//! Everything else has its words in the core. Codes are permanent; sentences carry no personal data.

use doorstep_core::words::{self, Lang};

/// What the host brought along threw something.
pub(crate) const HOST_FAILED: &str = "host_failed";
/// What the host brought along did not come back in time.
pub(crate) const HOST_TIMEOUT: &str = "host_timeout";
/// The host called the work off.
pub(crate) const CANCELLED: &str = "cancelled";
/// The library failed where it must not.
pub(crate) const INTERNAL: &str = "internal";
/// Something that is no id or day.
pub(crate) const NOT_AN_ID: &str = "not_an_id";
/// A file in the device's folder can't be read or written.
pub(crate) const DEVICE_FOLDER: &str = "device_folder";
/// A secret that the key store gave is none that was put there.
pub(crate) const SECRET_UNREADABLE: &str = "secret_unreadable";

/// Code, Chinese, English.
const SENTENCES: [(&str, &str, &str); 11] = [
    (HOST_FAILED, "应用自带的组件出错；数据没有丢失。", "A part that the app brought along failed; nothing is lost."),
    (
        HOST_TIMEOUT,
        "应用自带的组件没有按时响应；数据没有丢失，可稍后再试。",
        "A part that the app brought along did not answer in time; nothing is lost, try again later.",
    ),
    (CANCELLED, "已停止；已完成的部分保留，可随时继续。", "Stopped; what was done stays, and it can go on at any time."),
    (INTERNAL, "程序内部出错；已保存的内容没有丢失。", "Something went wrong inside; what was stored is not lost."),
    (NOT_AN_ID, "传入的编号或日期格式不对。", "An id or a day is not in its form."),
    (DEVICE_FOLDER, "设备文件夹无法读写。", "The device's folder can't be read or written."),
    (
        SECRET_UNREADABLE,
        "密钥库给出的内容无法使用；原有文件没有改动。",
        "What the key store gave can't be used; no file was changed.",
    ),
    ("bad_address", "服务器地址不对。", "This is not a server's address."),
    ("plain_http", "未加密的地址只能用于本机。", "An unencrypted address is only allowed for this machine."),
    ("bad_certificate", "这不是 PEM 格式的证书。", "This is not a certificate in PEM form."),
    ("no_entropy", "系统没有给出随机数。", "The system gives no random bytes."),
];

/// One sentence for a code of the border or of the device; empty for a code that has none.
pub(crate) fn sentence(code: &str, lang: Lang) -> String {
    let ours = SENTENCES.iter().find(|(known, ..)| *known == code).map(|(_, zh, en)| lang.pick(zh, en));
    ours.or_else(|| words::device_sentence(code, lang)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_border_has_both_sentences_and_is_none_of_the_cores() {
        for (code, zh, en) in SENTENCES {
            assert!(!zh.is_ascii() && en.is_ascii() && !en.is_empty(), "{code}");
            assert_eq!(words::device_sentence(code, Lang::En), None, "{code} is said twice");
            assert_eq!(sentence(code, Lang::En), en);
        }
        assert_eq!(sentence("unheard_of", Lang::Zh), "");
    }
}
