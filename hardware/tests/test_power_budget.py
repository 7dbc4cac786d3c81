"""The power budget is what one computes by hand, of figures that have a source."""

import json

import pytest
from known_builds import BUILDS, ROOT

from guide import power
from guide.build import PARTS


def test_the_budget_is_what_one_computes_by_hand():
    # Pocket, 20 codes a day of 30.6 s: 612 s at 35.494 mA, the rest of the day at 0.1679 mA.
    pocket = BUILDS["pocket"]
    day = power.day_mah(pocket, power.STATED)
    assert day == pytest.approx(612 / 3600 * 35.494 + (24 - 0.17) * 0.16794, rel=1e-3)
    # 400 of 500 mAh are used; the cell loses 150 mAh a year by itself.
    assert power.days(pocket, day) == pytest.approx(400 / (day + 150 / 365), rel=1e-9)
    assert power.lit_ua(pocket) > 100 * power.asleep_ua(pocket)
    assert power.awake_day_mah(pocket, power.STATED) > 50 * day
    drawer = power.day_mah(pocket, power.PATTERNS[0])
    assert drawer == pytest.approx(24 * power.asleep_ua(pocket) / 1000)


def test_every_fact_has_its_source():
    for path in (ROOT / "hardware" / "boards").glob("*.json"):
        whole = json.loads(path.read_text())
        sources = [each["source"] for each in whole.get("currents", [])]
        sources += [whole[name]["source"] for name in ("module", "supply") if name in whole]
        assert all(len(each) > 20 for each in sources), path
        if "build" in whole:
            assert {"title", "module", "supply", "currents", "parts"} <= set(whole)
    for name, part in json.loads(PARTS.read_text()).items():
        low, high = part["price_eur"]
        assert 0 < low <= high and part["type"] and part["title"], name
