"""Subsets Noto CJK for the print: every Han character of the serif, the heading's characters of the sans.

Called by `build`; says on standard error what it leaves out. Subroutines stay, hints and layout tables go: the print
sets horizontal lines, one glyph a character, and PDF viewers need no hints on paper.
"""

import pathlib
import sys

from fontTools import subset

# What may stand in an agreement, by Unicode block: (first, last, what). Han first: all of it that the font has.
BLOCKS = [
    (0x20000, 0x323AF, "Han, extensions B to H"),
    (0x3400, 0x4DBF, "Han, extension A"),
    (0x4E00, 0x9FFF, "Han"),
    (0xF900, 0xFAFF, "Han, compatibility"),
    (0x2E80, 0x2FDF, "radicals"),
    (0x2FF0, 0x303F, "description, CJK punctuation, 〇 and 〓"),
    (0x31C0, 0x31EF, "strokes"),
    (0x3100, 0x312F, "Bopomofo"),
    (0x0020, 0x007E, "Basic Latin"),
    (0x00A0, 0x017F, "Latin with marks"),
    (0x01CD, 0x01DC, "Pinyin"),
    (0x0391, 0x03C9, "Greek"),
    (0x0401, 0x0451, "Cyrillic"),
    (0x2010, 0x2027, "dashes, quotation marks, dots"),
    (0x2030, 0x205E, "per mille and other marks"),
    (0x20A0, 0x20BF, "currencies"),
    (0x2100, 0x21FF, "letter-like, number forms, arrows"),
    (0x2200, 0x22FF, "mathematics"),
    (0x2460, 0x24FF, "enclosed"),
    (0x2500, 0x257F, "rules"),
    (0x25A0, 0x26FF, "shapes"),
    (0x2700, 0x27BF, "dingbats"),
    (0x3200, 0x33FF, "enclosed CJK, units"),
    (0xFE30, 0xFE4F, "compatibility forms"),
    (0xFF00, 0xFFEF, "full width"),
]
# Their absence would be felt: names of people.
NEEDED = "䶮㛃𬱖𫖯〇"


def face(path, full_name):
    """The number of a face in a collection."""
    from fontTools.ttLib import TTCollection

    with TTCollection(path, lazy=True) as faces:
        for number, font in enumerate(faces.fonts):
            if font["name"].getDebugName(4) == full_name:
                return number
    sys.exit(f"{path} holds no {full_name}")


def make(path, full_name, wanted, out):
    """Writes the subset of a face with the wanted characters; answers those it has."""
    options = subset.Options()
    options.font_number = face(path, full_name)
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.recalc_timestamp = False
    options.drop_tables += ["BASE", "GSUB", "GPOS", "GDEF", "VORG", "vhea", "vmtx", "DSIG"]
    font = subset.load_font(str(path), options)
    have = sorted(code for code in font.getBestCmap() if wanted(code))
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=have)
    subsetter.subset(font)
    font.save(out)
    return have


def ranges(codes):
    """Lines `first-last` in hexadecimal."""
    start = last = None
    for code in codes:
        if last is not None and code == last + 1:
            last = code
            continue
        if start is not None:
            yield f"{start:X}-{last:X}"
        start = last = code
    yield f"{start:X}-{last:X}"


def main():
    fonts, words, out = map(pathlib.Path, sys.argv[1:])
    listed = lambda code: any(first <= code <= last for first, last, _ in BLOCKS)
    serif = out / "NotoSerifCJKsc.otf"
    if not serif.exists():
        have = make(fonts / "NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC", listed, serif)
        missing = [character for character in NEEDED if ord(character) not in have]
        if missing:
            sys.exit(f"the font lacks {missing}")
        (out / "coverage.txt").write_text("\n".join(ranges(have)) + "\n")
    texts = "".join(path.read_text(encoding="utf-8") for path in sorted(words.glob("*.rs")))
    heading = {ord(character) for character in texts if ord(character) > 0x7F} | set(range(0x20, 0x7F))
    make(fonts / "NotoSansCJK-Bold.ttc", "Noto Sans CJK SC Bold", heading.__contains__, out / "NotoSansCJKsc-Bold.otf")


main()
