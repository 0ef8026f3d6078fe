import pytest

from pipeline.core.wanted.languages import iso_639_2
from pipeline.core.wanted.release_codes import (
    catalog_number,
    gtin_check_digit,
    is_gtin,
    normal_isrc,
)


@pytest.mark.parametrize(
    "code", ["036000291452", "4006381333931", "0036000291452", "05901234123457"]
)
def test_a_code_with_its_right_check_digit_holds(code: str):
    assert is_gtin(code)
    assert gtin_check_digit(code[:-1]) == code[-1]


@pytest.mark.parametrize("code", ["036000291453", "4006381333913", "063000291452", "٠٣٦٠٠٠٢٩١٤٥٢"])
def test_a_wrong_or_swapped_digit_does_not(code: str):
    assert not is_gtin(code)


@pytest.mark.parametrize("written", ["QZ-ABC-26-00001", "qzabc2600001", "QZABC2600001"])
def test_an_isrc_is_held_in_one_spelling(written: str):
    assert normal_isrc(written) == "QZABC2600001"


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("036000291452", "0036000291452"),
        ("4006381333931", "4006381333931"),
        ("05901234123457", "5901234123457"),
        ("15901234123454", None),
        (None, None),
    ],
)
def test_a_disc_s_catalogue_number_has_thirteen_digits(code: str | None, number: str | None):
    assert catalog_number(code) == number


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "eng"),
        ("pt-BR", "por"),
        ("no", "nor"),
        ("de", "deu"),
        ("DE-ch", "deu"),
        ("iw", "heb"),
        ("haw", "haw"),
        ("qq", None),
        ("english", None),
        (None, None),
    ],
)
def test_a_language_tag_becomes_the_three_letters_of_iso_639_2(tag: str | None, code: str | None):
    assert iso_639_2(tag) == code
