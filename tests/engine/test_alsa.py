"""What is read out of ALSA's own list of clients, which looks like this on a real kernel."""

from __future__ import annotations

from panel.engine.alsa import addresses_of, own_client

CLIENTS = """Client info
  cur  clients : 7
  peak clients : 9
  max  clients : 192

Client   0 : "System" [Kernel Legacy]
  Port   0 : "Timer" (Rwe-) [In/Out]
  Port   1 : "Announce" (R-e-) [In/Out]
    Connecting To: 131:0
Client  14 : "Midi Through" [Kernel Legacy]
  Port   0 : "Midi Through Port-0" (RWe-) [In/Out]
Client 128 : "DrumAssist" [User Legacy]
  Port   0 : "DrumAssist" (R-e-) [Out]
    Connecting To: 131:0, 132:1
Client 129 : "DrumAssist out" [User Legacy]
  Port   0 : "DrumAssist" (R-e-) [In/Out]
    Connecting To: 20:0[real:0]
Client 131 : "FLUID Synth (4711)" [User Legacy]
  Port   0 : "Synth input port (4711:0)" (-We-) [In/Out]
    Connected From: 0:1, 128:0
Client 132 : "DAW" [User Legacy]
  Port   0 : "in" (-We-) [In/Out]
  Port   1 : "in" (-We-) [In/Out]
    Connected From: 128:0
"""
FOLLOWERS = ("FLUID Synth (4711):Synth input port (4711:0) 131:0", "DAW:in 132:1")


def test_who_is_connected_to_us() -> None:
    own = own_client(CLIENTS, "DrumAssist")
    assert own is not None
    assert own.number == 128
    assert own.followers == FOLLOWERS


def test_without_us_or_without_alsa_there_is_nothing() -> None:
    assert own_client(CLIENTS, "Somebody") is None
    assert own_client("", "DrumAssist") is None
    assert addresses_of(FOLLOWERS, "") == []


def test_of_two_the_newest_is_ours() -> None:
    later = CLIENTS.replace("Client info", "").replace("Client 128", "Client 140").replace("131:0, 132:1", "132:0")
    own = own_client(CLIENTS + later, "DrumAssist")
    assert own is not None
    assert own.number == 140


def test_they_are_found_where_they_were() -> None:
    assert addresses_of(FOLLOWERS, CLIENTS) == [(131, 0), (132, 1)]


def test_else_by_their_name() -> None:
    moved = CLIENTS.replace("Client 131", "Client 135")
    assert addresses_of(FOLLOWERS, moved) == [(135, 0), (132, 1)]


def test_one_that_has_gone_or_is_another_now_is_left_alone() -> None:
    other = CLIENTS.replace("FLUID Synth (4711)", "Recorder").replace('"DAW"', '"Mixer"')
    assert addresses_of(FOLLOWERS, other) == []
    assert addresses_of(("", "nonsense", "x:y 1"), CLIENTS) == []
