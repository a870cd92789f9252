//! HTTP/1.1 as far as Engine.IO over polling and the WebSocket handshake need it.

use std::borrow::Cow;

const PATH: &str = "/socket.io/?EIO=4";
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// One answer of the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response<'a> {
    pub(super) status: u16,
    pub(super) body: Cow<'a, [u8]>,
    /// Bytes of the answer with its head.
    pub(super) length: usize,
}

/// Asks for a WebSocket, of the session `sid` or of a new one.
pub(super) fn upgrade(host: &str, sid: Option<&str>) -> String {
    let sid = session(sid);
    format!(
        "GET {PATH}&transport=websocket{sid} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// Polls the session `sid`, or opens one.
pub(super) fn get(host: &str, sid: Option<&str>) -> String {
    let sid = session(sid);
    format!("GET {PATH}&transport=polling{sid} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n")
}

/// The head of a request that carries `length` bytes of packets.
pub(super) fn post(host: &str, sid: &str, length: usize) -> String {
    format!(
        "POST {PATH}&transport=polling&sid={sid} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {length}\r\n\r\n"
    )
}

fn session(sid: Option<&str>) -> String {
    sid.map(|sid| format!("&sid={sid}")).unwrap_or_default()
}

/// The first answer in `bytes`; `None` while it is not all there. What is not HTTP has the status 0.
pub(super) fn decode(bytes: &[u8]) -> Option<Response<'_>> {
    let end = find(bytes, END_OF_HEAD)?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let begin = end + END_OF_HEAD.len();
    if header(head, "transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        let (body, used) = chunks(&bytes[begin..])?;
        return Some(Response { status, body: Cow::Owned(body), length: begin + used });
    }
    let size = header(head, "content-length").and_then(|size| size.parse().ok()).unwrap_or(0);
    let body = bytes.get(begin..begin + size)?;
    Some(Response { status, body: Cow::Borrowed(body), length: begin + size })
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

/// A chunked body (RFC 9112, section 7.1) and how many bytes it took.
fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (vec![], 0);
    loop {
        let line = find(&bytes[at..], b"\r\n")?;
        let size = std::str::from_utf8(&bytes[at..at + line]).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let begin = at + line + 2;
        body.extend_from_slice(bytes.get(begin..begin + size)?);
        at = begin + size + 2;
        if at > bytes.len() {
            return None;
        }
        if size == 0 {
            return Some((body, at));
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1";
        let response = decode(bytes).expect("a whole answer");
        assert_eq!((response.status, response.body.as_ref(), response.length), (200, &b"ok"[..], 40));
    }

    #[test]
    fn a_chunked_answer_is_put_together() {
        let bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let response = decode(bytes).expect("a whole answer");
        assert_eq!((response.body.as_ref(), response.length), (&b"abcde"[..], bytes.len()));
    }

    #[test]
    fn an_answer_is_waited_for_until_its_last_byte() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"[..],
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        ] {
            for end in 0..bytes.len() {
                assert_eq!(decode(&bytes[..end]), None, "{end} bytes");
            }
        }
    }
}
