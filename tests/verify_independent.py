#!/usr/bin/env python3
"""Verifies a signed agreement (a bundle, or an agreement's file) without any of Doorstep's code: public libraries only.

  pip install cbor2 cryptography      verify_independent.py FILE [ANCHORS]      exit 0: nothing is broken, 1: something is

Prints the codes of what is broken, one a line. Written from the design (core/src/agreement, the modules' own descriptions), to
agree with `doorstep verify` on every file that the tests make. SM2 and RFC 3161 counter-signatures are only said to be there.
"""
import datetime
import hashlib
import struct
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256: s must lie in its lower half
WIDTHS = {"doorstep-agreement-file": 6, "doorstep-agreement": 6, "doorstep-agreement-body": 6, "doorstep-agreement-act": 20,
          "doorstep-agreement-seal": 12, "doorstep-device-certificate": 7, "doorstep-log-checkpoint": 6, "doorstep-receipt": 7,
          "doorstep-committee-stamp": 7}
LABELS = "甲乙丙丁戊己庚辛壬癸"
APART_MS = 600_000


def sha(data):
    return hashlib.sha256(data).digest()


def framed(tag, data):
    return tag.encode() + b"\0" + struct.pack(">Q", len(data)) + data


def sm3(data):
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize()


def read(data, found, name=None):
    """The one canonical CBOR item in these bytes, a record of this name where one is given."""
    try:
        value = cbor2.loads(data)
    except Exception as error:  # whatever the library says of bytes that are no CBOR
        early = isinstance(error, (cbor2.CBORDecodeEOF, IndexError))
        return found("truncated" if early else "unreadable")
    if name is not None:
        if not isinstance(value, list) or len(value) < 2 or value[0] != name:
            return found("unreadable")
        if value[1] != 1 or len(value) != WIDTHS[name]:
            return found("newer" if isinstance(value[1], int) and value[1] > 1 else "unreadable")
    if cbor2.dumps(value, canonical=True) != data:
        found("not_canonical")
    return value


def begins(data, name):
    try:
        return cbor2.loads(data)[0] == name
    except Exception:  # then it is read as a bundle, and that says what is wrong
        return False


def signed_by(key, message, signature):
    try:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if len(signature) != 64 or s > ORDER // 2:
            return False
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
        public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        return True
    except (InvalidSignature, ValueError, TypeError):
        return False


def number(digest):
    digits = f"{int.from_bytes(digest[:16], 'big') % 10**20:020}"
    return digits, " ".join(digits[at:at + 4] for at in range(0, 20, 4))


def squeezed(name):
    return "".join(name.split())


def day(days):
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=days)
    return f"{date.year}年{date.month}月{date.day}日"


def yuan(fen):
    return f"{fen // 100}元" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02}元"


def render(drafted, context):
    _, _, parties, facts, terms, commitments = drafted
    _, _, _, tenant, community, committee, dossier, reporter, mediator, frozen_at, _, supersedes = context
    lines = ["人民调解协议书"] + ([f"编号：{dossier}"] if dossier else []) + [f"地点：{tenant}，{community}"]
    lines += [f"当事人{LABELS[at] if at < 10 else at + 1}：{party[0]}" for at, party in enumerate(parties)]
    lines += [f"反映人：{reporter}"] if reporter is not None else []
    lines += ["纠纷主要事实、争议事项：", facts, "经调解，自愿达成如下协议：", terms] + (["履行事项："] if commitments else [])
    for at, (party, deed, due, fen) in enumerate(commitments):
        money = "" if fen is None else f"金额：{yuan(fen)}；"
        lines.append(f"{at + 1}．{party}：{deed}；{money}期限：{day(due)}。")
    lines.append("各方约定：本协议以在手机屏幕上手写签名的方式签署，各方认可该方式为可靠的电子签名。")
    lines += [f"本协议取代核验码为{number(supersedes)[1]}的协议。"] if supersedes is not None else []
    lines.append(f"本协议一式{len(parties) + 1}份，当事人各执一份，{committee}留存一份。")
    lines += [f"人民调解员：{mediator}"] if mediator is not None else []
    local = frozen_at + 8 * 3_600_000  # China has one time zone
    minutes = local // 60_000 % 1440
    lines.append(f"定稿时间：{day(local // 86_400_000)} {minutes // 60:02}:{minutes % 60:02}")
    return "\n".join(lines) + "\n"


def statement(act, grouped):
    who = act[7] if act[9] is None else f"{act[9]}（代{act[7]}）"
    ends = ["内容属实，自愿签名。", "当面见证各方当事人自愿签名。", "该协议经本人调解、各方自愿达成。"]
    stated = f"本人{who}，{'已听读并看过' if act[13] else '已看过'}核验码为{grouped}的协议全文，{ends[act[6]]}"
    return stated + ("本人另行同意留存本次书写的时间和压力数据，知悉可随时要求删除。" if act[16] is not None else "")


def included(leaf, index, size, proof, root):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        return False
    place, last, node = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = sha(b"\1" + other + node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = sha(b"\1" + node + other)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def backwards(now, before):
    return now[0] < before[0] or (now[1] == before[1] and now[2] < before[2])


def ink(strokes):
    left, top = min(x for s in strokes for x in s[::2]), min(y for s in strokes for y in s[1::2])
    return tuple(tuple(v - (top if at % 2 else left) for at, v in enumerate(s)) for s in strokes)


def verify(data, anchors):
    broken = []

    def found(code):
        if code not in broken:
            broken.append(code)

    def expect(holds, code):
        if not holds:
            found(code)

    def opened(part, name, tag):
        """A signed record: what it says, and whether one of these keys signed it."""
        pair = read(part, found)
        if not isinstance(pair, list) or len(pair) != 2:
            return found("unreadable"), None
        return read(pair[0], found, name), lambda keys: any(signed_by(key, framed(tag, pair[0]), pair[1]) for key in keys)

    bundle, receipt, stamp = data, None, None
    if begins(data, "doorstep-agreement-file"):
        file = read(data, found, "doorstep-agreement-file")
        if not file or broken:
            return broken
        _, _, bundle, receipt, stamp, others = file
        if [[kind, blob] for kind, blob in sorted(map(tuple, others))] != others or len(set(map(tuple, others))) < len(others):
            return ["not_canonical"]
    outer = read(bundle, found, "doorstep-agreement")
    if not outer:
        return broken
    name = sha(bundle)
    body_bytes, act_parts, seal_bytes, seal_signature = outer[2:]
    body = read(body_bytes, found, "doorstep-agreement-body")
    seal = read(seal_bytes, found, "doorstep-agreement-seal")
    acts = [read(act, found, "doorstep-agreement-act") for act, _, _ in act_parts]
    drawings = [read(drawing, found) for _, _, drawing in act_parts]
    if not body or not seal or None in acts or None in drawings:
        return broken
    digest = sha(framed("doorstep-agreement-body-1", body_bytes))
    act_digests = [sha(framed("doorstep-agreement-act-1", act)) for act, _, _ in act_parts]
    signed = [signed_by(act[18], framed("doorstep-agreement-act-1", raw), sig) for act, (raw, sig, _) in zip(acts, act_parts)]

    # The seal, and the body under it; where the seal is broken, the acts still say whether the body was touched.
    sealed = signed_by(seal[11], framed("doorstep-agreement-seal-1", seal_bytes), seal_signature)
    expect(sealed, "bad_seal")
    same = [act[3] == digest for act, good in zip(acts, signed) if good]
    intact = seal[2] == digest and seal[3] == sm3(framed("doorstep-agreement-body-1", body_bytes)) if sealed else any(same)
    expect(intact, "body_altered")
    expect(not intact or all(same), "act_of_other_body")

    # The text is what the fields say, and may be signed on a screen.
    _, _, template, context, drafted, text = body
    expect(template == "zh-people-mediation-1", "newer")
    expect(text == render(drafted, context), "text_differs_from_terms")
    names = [party[0] for party in drafted[2]]
    fit = drafted[1] == 0 and names and len(set(map(squeezed, names))) == len(names)
    fit = fit and all(commitment[0] in names for commitment in drafted[5]) and all(party in names for party, _ in context[10])
    expect(fit and (context[8] is None or squeezed(context[8]) not in map(squeezed, names)), "not_freezable")

    # The acts: chain, signatures, statements, drawings, clocks.
    expect(seal[4] == act_digests, "act_list_altered")
    before, keys, inks, clocks = None, [seal[11]], [], []
    for at, (act, (_, _, raw_drawing), drawing) in enumerate(zip(acts, act_parts, drawings)):
        expect(act[2] == at and act[5] == before, "act_list_altered")
        expect(signed[at], "bad_act_signature")
        expect((act[6] != 0) if act[19] is not None else act[18] not in keys, "wrong_key")
        digits, grouped = number(act[3])
        expect(act[4] == digits and act[10] == statement(act, grouped), "statement_altered")
        expect(act[15] == sha(framed("doorstep-drawing-1", raw_drawing)), "drawing_altered")
        expect(ink(drawing[2]) not in inks, "ink_reused")
        inks.append(ink(drawing[2]))
        keys.append(act[18])
        clocks.append(act[14])
        before = act_digests[at]
    clocks.append(seal[10])

    # Who must sign: every party, a witness who is none, the mediator if there is one; in this order, each once.
    pens = [squeezed(act[9]) for act in acts if act[6] == 0 and act[9] is not None]
    partial = lambda act: squeezed(act[7]) in [*map(squeezed, names), *pens]
    expect(all(any(act[6] == 0 and act[7] == name for act in acts) for name in names), "missing_signer")
    expect(any(act[6] == 1 and not partial(act) for act in acts), "missing_signer")
    expect(context[8] is None or any(act[6] == 2 and act[7] == context[8] for act in acts), "missing_signer")
    for at, act in enumerate(acts):
        ordered = all(b[6] <= act[6] and b[6] != 2 and squeezed(b[7]) != squeezed(act[7]) for b in acts[:at])
        known = act[7] in names if act[6] == 0 else act[6] == 1 or context[8] in (None, act[7])
        expect(ordered and known, "unexpected_signer")
        expect(act[6] == 0 or not partial(act), "witness_is_party" if act[6] == 1 else "mediator_is_party")

    # What stands around it: certificate and checkpoint in the seal, receipt and stamp beside it.
    if seal[9] is not None:
        said, by = opened(seal[9], "doorstep-device-certificate", "doorstep-device-certificate-1")
        if said:
            expect(said[3] == seal[5] and said[5] == seal[11], "certificate_of_other")
            expect(all(act[19] in (None, said[4]) or act[18] != seal[11] for act in acts), "wrong_key")
            expect(not anchors["root"] or by(anchors["root"]), "bad_certificate")
    begun = None
    if seal[8] is not None:
        begun, by = opened(seal[8], "doorstep-log-checkpoint", "doorstep-log-checkpoint-1")
        expect(not begun or not anchors["log"] or by(anchors["log"]), "bad_checkpoint")
    if receipt is not None:
        said = read(receipt, found, "doorstep-receipt")
        if said:
            _, _, of, received, index, proof, checkpoint = said
            expect(of == name, "receipt_of_other")
            ended, by = opened(checkpoint, "doorstep-log-checkpoint", "doorstep-log-checkpoint-1")
            if ended:
                expect(not anchors["log"] or by(anchors["log"]), "bad_checkpoint")
                leaf = sha(b"\0" + cbor2.dumps(["doorstep-log-leaf", 1, of, received], canonical=True))
                expect(included(leaf, index, ended[3], proof, ended[4]), "not_in_log")
                expect(received <= ended[5] + APART_MS, "log_backwards")
                if begun:
                    expect(begun[2] == ended[2] and begun[3] <= index and begun[5] <= received + APART_MS, "log_backwards")
    if stamp is not None:
        said, by = opened(stamp, "doorstep-committee-stamp", "doorstep-committee-stamp-1")
        if said:
            expect(said[2] == name and said[3] == context[0] and said[4] == context[5], "stamp_of_other")
            expect(not anchors["root"] or by(anchors["root"]), "bad_stamp")
    # Doubts, which break nothing: a clock of the phone that ran backwards.
    doubts = ["clock_backwards"] if any(backwards(b, a) for a, b in zip(clocks, clocks[1:])) else []
    return broken, doubts


def trusted(path):
    anchors = {"root": [], "log": []}
    for line in open(path, encoding="utf-8") if path else []:
        kind, _, key = line.strip().partition(" ")
        if kind in anchors:
            anchors[kind].append(bytes.fromhex(key))
    return anchors


def check(path, anchors):
    with open(path, "rb") as file:
        answer = verify(file.read(), anchors)
    return answer if isinstance(answer, tuple) else (answer, [])


if __name__ == "__main__":
    findings, doubts = check(sys.argv[1], trusted(sys.argv[2] if len(sys.argv) > 2 else None))
    print("\n".join([*findings, *(f"({doubt})" for doubt in doubts)] or ["nothing is broken"]))
    sys.exit(1 if findings else 0)
