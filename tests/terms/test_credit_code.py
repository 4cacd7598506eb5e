import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.terms import credit_code

GOOD = ["91330100799655058B", "91440300708461136T", "91110000600037341L"]


@pytest.mark.parametrize("code", GOOD)
def test_published_codes_fit(code):
    assert credit_code.verify(code) == code
    assert credit_code.is_valid(f" {code[:8].lower()} {code[8:].lower()}　")
    assert credit_code.verify_organisation_code(credit_code.organisation_code(code)) == code[8:17]


def test_weights_are_those_of_gb_32100():
    assert credit_code.WEIGHTS == (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@pytest.mark.parametrize("code", ["914201050003279070", "91420105000327907R"])
def test_doubtful_codes_can_be_told_from_malformed_ones(code):
    with pytest.raises(credit_code.DoubtfulCreditCode, match="注明理由") as error:
        credit_code.verify(code)
    assert credit_code.is_valid(code[:17] + error.value.expected)


@pytest.mark.parametrize(
    "code", ["", "9133010079965505", "9133010079965505８B1", "91330100七99655058B", "91AB0100799655058B"]
)
def test_malformed_codes_are_refused(code):
    with pytest.raises(credit_code.MalformedCreditCode, match="18 位"):
        credit_code.verify(code)


def test_letters_that_no_code_uses_are_taken_for_their_digits():
    with pytest.raises(credit_code.MalformedCreditCode) as error:
        credit_code.verify("9133OIOO799655058B")
    assert error.value.proposal == "91330100799655058B"


@given(st.text(alphabet=credit_code.ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_one_wrong_character_never_passes(first, place, data):
    # 31 is prime and no weight is a multiple of it, so a single substitution always changes the check character.
    other = data.draw(st.sampled_from([mark for mark in credit_code.ALPHABET if mark != first[place]]))
    wrong = first[:place] + other + first[place + 1 :]
    assert credit_code.check_character(first) != credit_code.check_character(wrong)


def test_remainder_zero_gives_the_character_zero():
    assert credit_code.check_character("0" * 17) == "0"


def test_organisation_code_check():
    assert credit_code.verify_organisation_code("79965505-8") == "799655058"
    with pytest.raises(credit_code.DoubtfulOrganisationCode):
        credit_code.verify_organisation_code("79965505-9")
    assert credit_code.region_code("91330100799655058B") == "330100"
