"""Names in scripts other than the European ones, in Latin letters and with the surname last."""

import re

from anyascii import anyascii

_EUROPEAN = 0x0530  # Latin, Greek and Cyrillic lie below: ``fold`` reads them
_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,4}")
_MARKS = re.compile(r"[\u2000-\u2bff\ufe0f\U0001f000-\U0001faff]")  # dashes and emoji are no letters
_OF_TWO = frozenset(("欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "慕容", "夏侯", "司徒"))
_AS_WRITTEN = {"gim": "kim", "i": "lee", "bag": "park", "choe": "choi", "jeong": "jung", "gang": "kang", "jo": "cho",
               "im": "lim", "yun": "yoon", "sin": "shin", "o": "oh", "u": "woo"}  # fmt: skip
"""Korean surnames as their bearers mostly write them, by their letters one by one."""


def latin(name: str) -> str:
    """Give a name as its bearer may write it in Latin letters: ``陈佳慧`` gives ``jiahui chen``, ``நதியா`` ``natiya``.

    Where a name mixes scripts, each part is read on its own. Transliteration by anyascii.
    """
    if name.isascii() or all(ord(letter) < _EUROPEAN for letter in _MARKS.sub("", name)):
        return name
    return " ".join(_part(part) for part in name.split())


def _part(part: str) -> str:
    if _HAN.fullmatch(part):
        cut = 2 if part[:2] in _OF_TWO and len(part) > 2 else 1
        return f"{anyascii(part[cut:]).lower()} {anyascii(part[:cut]).lower()}"
    if _HANGUL.fullmatch(part):
        last = anyascii(part[0]).lower()
        return f"{anyascii(part[1:]).lower()} {_AS_WRITTEN.get(last, last)}"
    foreign = any(ord(letter) >= _EUROPEAN for letter in _MARKS.sub("", part))
    return anyascii(part).strip("`'") if foreign else part
