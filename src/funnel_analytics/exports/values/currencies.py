"""The currency that is written with an amount: signs, codes and words, as ISO codes."""

import re
from functools import lru_cache

from ...arguments import currency_asked

SIGNS = {
    "nt$": "TWD", "hk$": "HKD", "us$": "USD", "s$": "SGD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD",
    "nz$": "NZD", "cn¥": "CNY", "jp¥": "JPY", "mx$": "MXN", "r$": "BRL", "mop$": "MOP", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY",
    "₩": "KRW", "₹": "INR", "₽": "RUB", "฿": "THB", "₫": "VND", "₺": "TRY", "₱": "PHP", "₪": "ILS", "zł": "PLN",
    "rmb": "CNY", "人民币": "CNY", "人民幣": "CNY", "元": "", "圆": "", "圓": "", "块": "", "元整": "", "圆整": "", "圓整": "", "円": "JPY", "円也": "JPY", "金": "", "円整": "JPY", "日元": "JPY",
    "日圆": "JPY", "日圓": "JPY", "美元": "USD", "美金": "USD", "欧元": "EUR", "歐元": "EUR", "港币": "HKD",
    "港幣": "HKD", "港元": "HKD", "新台币": "TWD", "新台幣": "TWD", "新臺幣": "TWD", "台币": "TWD", "台幣": "TWD",
    "臺幣": "TWD", "英镑": "GBP", "英鎊": "GBP", "韩元": "KRW", "韓元": "KRW", "ntd": "TWD", "euro": "EUR",
    "euros": "EUR", "dollars": "USD", "dollar": "USD", "yuan": "CNY", "yen": "JPY", "kr": "", "fr": "CHF", "rs": "INR", "rp": "IDR",
    "kč": "CZK", "ft": "HUF", "tl": "TRY", "đ": "VND", "원": "KRW", "원정": "KRW", "일금": "KRW", "lei": "RON", "руб": "RUB", "грн": "UAH", "₴": "UAH", "₦": "NGN", "₸": "KZT",
    "rm": "MYR", "ksh": "KES", "dhs": "AED", "₵": "GHS", "лв": "BGN",
}  # fmt: skip
"""Sign or word → ISO code; an empty code is a word such as 元 that several currencies share."""

CODES = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BDT",
        "BGN",
        "BHD",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNH",
        "CNY",
        "COP",
        "CZK",
        "DKK",
        "DOP",
        "EGP",
        "EUR",
        "GBP",
        "GEL",
        "GHS",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JOD",
        "JPY",
        "KES",
        "KRW",
        "KWD",
        "KZT",
        "LKR",
        "MAD",
        "MOP",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NZD",
        "OMR",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TND",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "UYU",
        "VND",
        "ZAR",
    ]
)
AMBIGUOUS = {
    "$": "'$' read as USD; it can be another dollar", "¥": "'¥' read as CNY; it can be JPY",
    "mil": "'mil' read as million; in Spanish and Portuguese it is a thousand",
    "¥-": "'¥500-' ends with a dash as in Japan; it was not read as a minus",
}  # fmt: skip
IBERIAN = frozenset({"ARS", "BRL", "CLP", "COP", "MXN", "PEN", "UYU"})
"""Currencies of countries that speak Spanish or Portuguese."""
_WORD = re.compile(r"[\s.:]+")


def currency_named(currency: str | None) -> str | None:
    """ISO code of the currency that the caller wants, by its code, sign or name; None where none is asked for.

    Raises
    ------
    ArgumentError
        If it is no currency.

    Examples
    --------
    >>> currency_named("人民币")
    'CNY'
    """
    return None if currency is None else currency_asked(currency_code(str(currency)) or currency)


@lru_cache(maxsize=4096)
def currency_code(written: str) -> str | None:
    """ISO code of what stands before or after a number; "" for a shared word or nothing; None if unknown.

    Examples
    --------
    >>> currency_code("NT$"), currency_code("人民币"), currency_code("eur"), currency_code("pcs")
    ('TWD', 'CNY', 'EUR', None)
    """
    text = _WORD.sub("", written).lower()
    if text in ("", "-", ".-"):
        return ""
    if text in SIGNS:
        return SIGNS[text]
    if text.upper() in CODES:
        return "CNY" if text == "cnh" else text.upper()
    # "USD$", "CNY¥", "美元$": a code and a sign; the longer word of the two decides.
    known = [code for sign, code in sorted(SIGNS.items(), key=lambda pair: -len(pair[0])) if sign in text]
    codes = [text[i : i + 3].upper() for i in range(len(text) - 2) if text[i : i + 3].upper() in CODES]
    rest = text
    for sign in (*sorted(SIGNS, key=len, reverse=True), *(code.lower() for code in codes)):
        rest = rest.replace(sign, "")
    if rest or len(set(codes)) > 1:
        return None
    return codes[0] if codes else next((code for code in known if code), "")
