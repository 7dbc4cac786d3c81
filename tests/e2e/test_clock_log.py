"""The log of the clock's changes, which `tokenctl status --clock-log` prints."""

from e2e.clocks import S, opened, rtc_error_ms


def test_the_log_has_each_change_and_outlives_all_but_a_wipe(commandline):
    sim = commandline.token
    commandline("sync")
    moved = []  # by how many ms a sync moved the chip, as the physical time has it
    for wrong in (5, -60):
        sim.shift_clock(wrong)
        sim.wait(2)
        before = rtc_error_ms(sim)
        commandline("sync")
        moved.append(rtc_error_ms(sim) - before)
    entries = commandline("status", "--clock-log", "--json").json
    assert [each["how"] for each in entries] == ["confirmed", "silent", "confirmed"]
    assert entries[0]["moved_ms"] is None
    for entry, physically in zip(entries[1:], moved, strict=True):
        assert abs(entry["moved_ms"] - physically) <= min(entry["uncertainty_ms"], 5)
    assert all(abs(each["unix_time"] - sim.time.now() / S) < 40 for each in entries)
    table = commandline("status", "--clock-log").out.splitlines()
    assert len(table) == 4 and "time unknown" in table[1]
    assert f"{entries[2]['moved_ms']:+.1f} ms" in table[3]
    sim.reset()
    sim.wait(1)
    assert commandline("status", "--clock-log", "--json").json == entries
    with opened(sim) as token:
        token.wipe()
        assert token.clock_log() == []


def test_silent_syncs_in_a_row_are_one_entry(commandline):
    sim = commandline.token
    commandline("sync")
    with opened(sim) as token:
        for _ in range(5):
            sim.wait(2)
            token.sync(uncertainty=0.005)
    entries = commandline("status", "--clock-log", "--json").json
    assert [each["sets"] for each in entries] == [1, 1, 4]
    assert entries[1]["unix_time"] < entries[2]["first_unix_time"] < entries[2]["unix_time"]
    assert "4 in a row since" in commandline("status", "--clock-log").out.splitlines()[-1]
