"""统一社会信用代码 (GB 32100-2015) and the organisation code inside it (GB 11714).

18 characters: registering authority, kind of body, six digits of region, nine of organisation code, check
character. Registers hold historic codes that fail the check: a failed check is a doubt to be confirmed, a malformed
code is refused; the two are different errors.
"""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # 31 characters; I, O, Z, S and V are never used
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_LOOKALIKES = str.maketrans("IOZSV", "1025U")


class MalformedCreditCode(ValueError):
    """Wrong length or a character that no code uses; ``proposal`` is a valid code that looks like it, or None."""

    def __init__(self, text: str, why: str, proposal: str | None = None) -> None:
        self.text, self.proposal = text, proposal
        hint = f"是否应为 {proposal}？" if proposal else ""
        super().__init__(
            f"统一社会信用代码“{text}”不成立：{why}。{hint}请对照营业执照或法人证书重新录入 18 位代码。"
        )


class DoubtfulCreditCode(ValueError):
    """The check character does not fit; the code may still be kept when somebody says why."""

    def __init__(self, text: str, expected: str) -> None:
        self.text, self.expected = text, expected
        super().__init__(
            f"统一社会信用代码“{text}”校验不符：按前 17 位推算末位应为 {expected}，可能录错一位。"
            f"请核对证照；确为证照所载的，注明理由后可以保留。"
        )


class DoubtfulOrganisationCode(ValueError):
    """A nine-character organisation code whose check character does not fit or that is malformed."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"组织机构代码“{text}”校验不符：应为 8 位本体代码加 1 位校验码。请核对证照后重新录入。"
        )


def normalise(text: str) -> str:
    """The code in half-width capitals without spaces or hyphens."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(mark for mark in folded if not mark.isspace() and mark not in "-\u200b\ufeff")


def check_character(first_17: str) -> str:
    """The 18th character of a code by GB 32100-2015, from its first 17 (all in ALPHABET)."""
    total = sum(ALPHABET.index(mark) * weight for mark, weight in zip(first_17, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def verify(text: str) -> str:
    """The normalised code. Raises MalformedCreditCode, or DoubtfulCreditCode when only the check fails."""
    code = normalise(text)
    if len(code) != 18:
        raise MalformedCreditCode(text, f"有 {len(code)} 位，应为 18 位")
    odd = "、".join(dict.fromkeys(mark for mark in code if mark not in ALPHABET))
    if odd:
        meant = code.translate(_LOOKALIKES)
        fits = all(mark in ALPHABET for mark in meant) and check_character(meant[:17]) == meant[17]
        raise MalformedCreditCode(text, f"代码中不会出现 {odd}", meant if fits else None)
    if not code[2:8].isdigit():
        raise MalformedCreditCode(text, "第 3—8 位是行政区划，应为数字")
    expected = check_character(code[:17])
    if code[17] != expected:
        raise DoubtfulCreditCode(code, expected)
    return code


def is_valid(text: str) -> bool:
    """Whether ``text`` is a code whose check character fits."""
    try:
        verify(text)
    except (MalformedCreditCode, DoubtfulCreditCode):
        return False
    return True


def organisation_check_character(first_8: str) -> str:
    """The ninth character of an organisation code by GB 11714, from its first eight (digits and capitals)."""
    values = (_ORGANISATION_ALPHABET.index(mark) for mark in first_8)
    remainder = -sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def verify_organisation_code(text: str) -> str:
    """The nine characters of an organisation code (79965505-8 → 799655058). Raises DoubtfulOrganisationCode."""
    code = normalise(text)
    if len(code) != 9 or any(mark not in _ORGANISATION_ALPHABET for mark in code):
        raise DoubtfulOrganisationCode(text)
    if organisation_check_character(code[:8]) != code[8]:
        raise DoubtfulOrganisationCode(text)
    return code


def organisation_code(credit_code: str) -> str:
    """The nine-character organisation code within a credit code (places 9—17)."""
    return normalise(credit_code)[8:17]


def region_code(credit_code: str) -> str:
    """The six-digit region of the registering authority within a credit code (places 3—8)."""
    return normalise(credit_code)[2:8]
