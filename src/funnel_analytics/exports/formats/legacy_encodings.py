"""Which encoding of before Unicode some bytes are in: those of our users by their own rules, the others by chardet."""

import re
from collections import Counter
from dataclasses import dataclass

_HOUSE = ("gb18030", "cp950", "big5hkscs", "cp1252")
_ASKED = (
    *_HOUSE, "cp932", "euc-jp", "cp949", "cp1250", "iso8859-2", "cp1251", "koi8-r", "cp866", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp874", "mac-roman", "cp850",
)  # fmt: skip
_WESTERN_SIGNS = set("‘’“”–—…€£©®°·•«»¿¡§±²³½¼™\xa0´º")
_CJK_SIGNS = set("，。、；：？！（）《》“”‘’【】「」—…·￥％＋－／～　")
_ALPHABETS = ("äöüß", "éèêëàâçîïôûùœÿ", "áéíóúñüºª", "áàâãçéêíóôõúºª", "àèéìòù", "åäöøæéü", "ëïéèóü")
"""Letters beyond ASCII of German, French, Spanish, Portuguese, Italian, the Nordic languages and Dutch."""
_NOT_WESTERN = re.compile(
    r"(?<=[^\W\d_])[À-ÞŸ](?=[a-zß-ÿ])|ñ(?![aeiouáéíóú])|œ(?![ui])|õ(?!e)|(?<=[aeou])ò|ã(?![eios]|\b)"
    r"|(?<=[^\W\d_])[‘“”„‚–—…†‡ˆ•¢¤¡£¥¿±¼½§®°²´«»€](?=[^\W\d_])|(?<=[^\W\d_]{3})’(?![sS]\b)"
    r"|[a-ln-z][²³]|[A-Za-z][¼½£¿]"
)
"""Letters and signs where no Western name has them, as in "Pawe³" (Paweł) and "Gdañsk" (Gdańsk)."""
_BETWEEN_FIELDS = re.compile(rb"[,;\t\r\"]")
_MOST_SCORED = 200_000
_MOST_ASKED = 60_000
_CLEARLY = 0.5
_SURELY = 0.9
_A_NAME = 4
"""Characters of which a Chinese name alone consists: too few for statistics."""
_NEARLY = 0.8
_SYLLABLES = 0.95
_MOST_DAMAGED = 20
"""Characters that stand for each damaged byte."""
_ENOUGH = 20
_MORE_USUAL = 0.2
_KANA = re.compile("[\u3041-\u30fe]")
_USUAL_CHINESE = frozenset(
    "的一是不了人在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长"
    "商机编号客户名称销售阶段金额币种创建日期预计成交负责赢率输单初步接触需求确认方案报价谈判签约合同产品行业部门区域备注电话邮箱状态类型来源"
    "有限公司股份集团科技技术信息网络软件数据电子工业贸易投资控股实业发展建设工程机械汽车医药生物能源材料服务咨询管理文化传媒教育物流银行保险证券"
    "北京上海广州深圳杭州南京成都重庆武汉西安天津苏州青岛宁波厦门福建浙江江苏山东河南湖南湖北四川陕西安徽华东南西北"
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志宏海峰鹏飞宇浩晨雪梅婷欣佳俊凯"
)
_USUAL_JAPANESE = frozenset(
    "日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨会同事自社発者地業方新場員立開手力問代明動京目通言理体田主題意不作用度強公持野以思家世多正安院心界教文元重近考画海売知道集別物使品計死特私始朝運終台広住真有口少町料工建空急止送切転研足究楽起着店病質待試族銀早映親験英医仕去味写字答夜音注帰古歌買悪図週室歩風紙黒花春赤青館屋色走秋夏習駅洋旅服夕借曜飲肉貸堂鳥飯勉冬昼茶弟牛魚兄犬妹姉漢"
    "案件番号取引先顧客担当営業商談確度段階状況受注失注見込金額通貨作成予定完了更新所有備考製品部署地域業種株式会社有限合同法人工業製作所鉄鋼電力瓦斯化学薬品自動車重機械建設銀行保険証券通信情報技術研究開発物流運輸食品百貨店不動産興業産"
    "佐藤鈴木高橋田中伊渡辺山本村小林加吉松井上斎清水崎森池石橋阿部前岡長谷川後近坂遠青福三西太原和竹内金子中野原田柴今宮工久保丸河武横大塚平松"
    "郎太一二三男子美恵健誠実隆弘浩茂洋正和明雄夫幸之介香織由真也翔優樹"
)
"""Characters that are usual in headings, companies' and people's names: bytes that are both are in the language of more."""


@dataclass(frozen=True)
class Guess:
    """An encoding, and whether another would be as good.

    Attributes
    ----------
    encoding
        Its name in Python.
    sure
        False where names should be checked by a person.
    example
        A text in which it matters.
    """

    encoding: str
    sure: bool
    example: str


def guess(content: bytes) -> Guess | None:
    """The encoding of before Unicode that bytes are most likely in; None where none fits.

    Examples
    --------
    >>> guess("客户名称,金额".encode("gbk"))
    Guess(encoding='gb18030', sure=True, example='客户名称')
    >>> guess("Иванов,Петрова".encode("cp1251"))
    Guess(encoding='cp1251', sure=False, example='Иванов')
    """
    fields = _fields(content)
    house, score = _best_of_ours(content)
    asked = _asked(fields, content)
    best, sure = house or asked, house is not None and score >= _CLEARLY
    text, other = (fields.decode(encoding or "ascii", "replace") for encoding in (house, asked))
    beyond = sum(ord(mark) > 127 for mark in text)
    if house == "cp1252" and 2 * text.count("\xa0") > beyond:
        # Blanks that do not break say nothing about a language.
        asked = None
    if house == "gb18030" and len(_KANA.findall(text)) * 20 > beyond and fits(content, "euc-jp"):
        # The two alphabets of Japanese stand at the same places in both.
        best, sure = "euc-jp", False
    elif house == "gb18030" and fits(content, "euc-jp") and _lead_of_japanese(fields) > 0:
        best, sure = "euc-jp", False
    elif house and asked and text != other and not (house == "cp1252" and _rather_western(text, other)):
        chinese_name = house != "cp1252" and score >= _SURELY and beyond <= _A_NAME
        best, sure = (house, False) if chinese_name else (asked, asked in _HOUSE and beyond > _ENOUGH)
    elif house == "cp1252":
        sure = _is_western(text) or (sure and beyond > _ENOUGH)
    if best is None:
        return None
    return Guess(best, sure, fields.split(b"\n")[0].decode(best, "replace").strip())


def _fields(content: bytes) -> bytes:
    """Fields with characters beyond ASCII, one a line, as many as are needed to tell their encoding."""
    found: list[bytes] = []
    size = 0
    for line in content.split(b"\n"):
        if not line.isascii():
            held = [field for field in _BETWEEN_FIELDS.split(line) if not field.isascii()]
            found += held
            size += sum(map(len, held))
            if size > _MOST_ASKED:
                break
    return b"\n".join(found)


def _asked(fields: bytes, content: bytes) -> str | None:
    """What chardet's statistics of letters in their languages say; None where that does not fit all bytes."""
    import chardet

    said = chardet.detect(fields, compat_names=False, include_encodings=_ASKED)["encoding"]
    return said if said is not None and fits(content, said) else None


def korean(content: bytes, encoding: str) -> bool:
    """Whether bytes are Korean and nothing else: undamaged, nearly all of them syllables.

    Examples
    --------
    >>> korean("고객사,금액".encode("cp949"), "cp949"), korean("上海远景科技".encode("gbk"), "cp949")
    (True, False)
    """
    text = content.decode(encoding) if encoding == "cp949" and fits(content, encoding) else ""
    beyond = [mark for mark in text if ord(mark) > 127]
    return sum("가" <= mark <= "힣" for mark in beyond) >= _SYLLABLES * max(len(beyond), 1)


def nearly_chinese(content: bytes) -> str | None:
    r"""GBK or Big5 where all but a few damaged bytes are usual Chinese; else None.

    Examples
    --------
    >>> nearly_chinese("上海远景科技有限公司,北京蓝海数据股份公司".encode("gbk") + b"\xff")
    'gb18030'
    """
    for encoding in ("gb18030", "cp950"):
        text = content.decode(encoding, "replace")
        sound = text.replace("\ufffd", "")
        beyond = sum(ord(mark) > 127 for mark in sound)
        few = 0 < (len(text) - len(sound)) * _MOST_DAMAGED <= beyond
        if few and beyond > _A_NAME and _chinese_score(sound, encoding) >= _NEARLY:
            return encoding
    return None


def fits(content: bytes, encoding: str, errors: str = "strict") -> bool:
    r"""Whether bytes can be in an encoding.

    Examples
    --------
    >>> fits(b"Pawe\xb3", "cp1250"), fits(b"Pawe\xb3", "utf-8")
    (True, False)
    """
    try:
        content.decode(encoding, errors)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(text: str) -> bool:
    """Whether all characters beyond ASCII are of one Western language, and stand where it has them."""
    beyond = {mark for mark in text if ord(mark) > 127}
    letters = {mark.lower() for mark in beyond if mark not in _WESTERN_SIGNS}
    return not _NOT_WESTERN.search(text) and any(letters <= set(alphabet) for alphabet in _ALPHABETS)


def _rather_western(text: str, other: str) -> bool:
    """Whether a text is of one Western language, or its words that another encoding reads otherwise are each of one."""
    if _is_western(text):
        return True
    words, others = re.findall(r"[^\s;|]+", text), re.findall(r"[^\s;|]+", other)
    if len(words) != len(others):
        return False
    return all(_is_western(word) for word, read in zip(words, others, strict=True) if word != read)


def _lead_of_japanese(fields: bytes) -> float:
    """How much more usual the characters of bytes without kana are as Japanese than as Chinese, beyond chance."""
    chinese, japanese = fields.decode("gb18030", "replace"), fields.decode("euc-jp", "replace")
    # Of few characters some are usual by chance, and our users' files are Chinese.
    chance = _MORE_USUAL + 2 / max(sum(ord(mark) > 127 for mark in chinese), 1)
    return _usual(japanese, _USUAL_JAPANESE) - _usual(chinese, _USUAL_CHINESE) - chance


def _usual(text: str, characters: frozenset[str]) -> float:
    marks = [mark for mark in text if ord(mark) > 127]
    return sum(mark in characters for mark in marks) / max(len(marks), 1)


def _best_of_ours(content: bytes) -> tuple[str | None, float]:
    """The one of our users' encodings that gives the most usual characters, and the share of them (0 to 1)."""
    scores = {}
    for encoding in _HOUSE:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        scores[encoding] = _western_score(text) if encoding == "cp1252" else _chinese_score(text, encoding)
    if not scores:
        return None, 0.0
    best = max(scores, key=lambda encoding: scores[encoding])
    return (best, scores[best]) if scores[best] > 0 else (None, 0.0)


def _chinese_score(text: str, encoding: str) -> float:
    """The share of characters beyond ASCII that stand in the encoding's first, most used plane."""
    counts = Counter(character for character in text if ord(character) > 127)
    total = sum(counts.values())
    first, last = (0xB0, 0xD7) if encoding == "gb18030" else (0xA4, 0xC6)
    score = 0.0
    for character, count in counts.items():
        code = character.encode(encoding)
        level_one = len(code) == 2 and first <= code[0] <= last and (encoding == "cp950" or code[1] >= 0xA1)
        if (level_one and "\u4e00" <= character <= "\u9fff") or character in _CJK_SIGNS or "！" <= character <= "～":
            score += count
        elif "\u4e00" <= character <= "\u9fff":
            score += 0.3 * count
    return score / total if total else 0.0


def _western_score(text: str) -> float:
    """The share of characters beyond ASCII that stand alone between plain letters, or are usual signs."""
    total, score = 0, 0.0
    padded = f" {text} "
    for position, character in enumerate(padded):
        if ord(character) < 128:
            continue
        total += 1
        before, after = padded[position - 1], padded[position + 1]
        alone = ord(before) < 128 and ord(after) < 128
        if character in _WESTERN_SIGNS:
            score += 1.0 if alone else 0.6
        elif character.isalpha():
            score += 1.0 if alone and (before.isalpha() or after.isalpha()) else 0.4 if alone else 0.2
        if total >= _MOST_SCORED:
            break
    return score / total if total else 0.0
