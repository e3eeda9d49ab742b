//! Base45 (RFC 9285): bytes as characters of a QR code's alphanumeric mode, which holds them with 3 % to spare and which any
//! scanner shows as a line of text that can be copied.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The text of these bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let digit = |n: usize| ALPHABET.get(n % 45).copied().map_or('0', char::from);
    let mut text = String::new();
    for pair in bytes.chunks(2) {
        let value = pair.iter().fold(0, |value, byte| value * 256 + usize::from(*byte));
        text.push(digit(value));
        text.push(digit(value / 45));
        if pair.len() == 2 {
            text.push(digit(value / 45 / 45));
        }
    }
    text
}

/// The bytes of this text; none if it is not one of ours.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(3) {
        let mut value = 0;
        for character in group.iter().rev() {
            value = value * 45 + ALPHABET.iter().position(|known| known == character)?;
        }
        match group.len() {
            3 => bytes.extend(u16::try_from(value).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(value).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_the_encoding_of_the_rfc() {
        for (plain, text) in [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0")] {
            assert_eq!((encode(plain.as_bytes()).as_str(), decode(text)), (text, Some(plain.as_bytes().to_vec())));
        }
        for wrong in ["GGW", "::", "A", "ab8", "BB8字"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_reads_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
    }
}
