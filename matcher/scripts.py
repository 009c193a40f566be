"""Names in scripts other than the European ones, in Latin letters and with the surname last."""

import re

from anyascii import anyascii

_EUROPEAN = 0x0530  # Latin, Greek and Cyrillic lie below: ``fold`` reads them
_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,4}")
_MARKS = re.compile(r"[\u2000-\u2bff\ufe0f\U0001f000-\U0001faff]")  # dashes and emoji are no letters
_OF_TWO = frozenset(("欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "慕容", "夏侯", "司徒"))
_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖蕭田董潘袁蔡蒋蔣余于"
    "杜叶葉程魏苏蘇吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范金石廖贾賈夏韦韋付方白邹鄒孟熊秦邱江尹薛闫閻段雷侯龙龍史陶黎贺賀顾顧"
    "毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔汤湯欧歐阳司上诸諸慕容김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심"
)
_AS_WRITTEN = {"gim": "kim", "i": "lee", "bag": "park", "choe": "choi", "jeong": "jung", "gang": "kang", "jo": "cho",
               "im": "lim", "yun": "yoon", "sin": "shin", "o": "oh", "u": "woo"}  # fmt: skip
"""Korean surnames as their bearers mostly write them, by their letters one by one."""


def latin(name: str) -> str:
    """Give a name as its bearer may write it in Latin letters: ``陈佳慧`` gives ``jiahui chen``, ``நதியா`` ``natiya``.

    Where a name mixes scripts, each part is read on its own. Transliteration by anyascii.
    """
    if name.isascii() or all(ord(letter) < _EUROPEAN for letter in _MARKS.sub("", name)):
        return name
    parts = name.split()
    foreign = [part for part in parts if _is_foreign(part)]
    kept = [part for part in parts if part not in foreign or len(part) > 1] if len(foreign) < len(parts) else parts
    return " ".join(read for part in kept if (read := _part(part)))


def _part(part: str) -> str:
    if (_HAN.fullmatch(part) or _HANGUL.fullmatch(part)) and part[0] not in _SURNAMES:
        return ""
    if _HAN.fullmatch(part):
        cut = 2 if part[:2] in _OF_TWO and len(part) > 2 else 1
        return f"{anyascii(part[cut:]).lower()} {anyascii(part[:cut]).lower()}"
    if _HANGUL.fullmatch(part):
        last = anyascii(part[0]).lower()
        return f"{anyascii(part[1:]).lower()} {_AS_WRITTEN.get(last, last)}"
    return anyascii(part).strip("`'") if _is_foreign(part) else part


def _is_foreign(part: str) -> bool:
    return any(ord(letter) >= _EUROPEAN for letter in _MARKS.sub("", part))
