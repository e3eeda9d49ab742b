#!/usr/bin/env python3
"""Holds verify_independent.py against the table of attacks that the core's test wrote into a directory: same answer on each.

Where every part can be read both name the same findings; where one can't, both say so and that it is broken.
"""
import json
import pathlib
import sys

import verify_independent

# Only said to be there by the independent verifier: counter-signatures need libraries that few have.
NOT_LOOKED_AT = {"bad_counter_signature"}
UNREAD = {"truncated", "unreadable", "newer", "too_large"}


def main(directory):
    anchors = verify_independent.trusted(directory / "anchors.txt")
    table = json.loads((directory / "table.json").read_text(encoding="utf-8"))
    wrong, passed, skipped = [], 0, 0
    for line in table:
        ours = set(line["broken"])
        if ours and not ours - NOT_LOOKED_AT or line["name"].startswith("counter:"):
            skipped += 1
            continue
        ours -= NOT_LOOKED_AT
        theirs = set(verify_independent.check(directory / line["file"], anchors)[0])
        same = bool(ours & theirs & UNREAD) if ours & UNREAD else ours == theirs
        if same and bool(ours) == bool(theirs):
            passed += 1
        else:
            wrong.append(f"{line['file']} {line['name']}: ours {sorted(ours)}, theirs {sorted(theirs)}")
    print("\n".join(wrong))
    print(f"{passed} passed, {len(wrong)} failed, {skipped} skipped")
    return 1 if wrong or not passed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
