"""`ops/demo --scenario flash-sale`: which sales can be played."""

import pytest

from ops.demonstration.__main__ import main


@pytest.mark.parametrize("wrong", [("--orders", "5"), ("--minutes", "1")])
def test_a_sales_options_are_refused_for_a_day_in_the_shop(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(wrong)

    assert refused.value.code == 2
    assert "--scenario flash-sale" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [("--orders", "0"), ("--minutes", "nan"), ("--minutes", "-1"), ("--once",)])
def test_a_sale_that_cannot_be_played_is_refused(wrong: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(("--scenario", "flash-sale", *wrong))

    assert refused.value.code == 2
