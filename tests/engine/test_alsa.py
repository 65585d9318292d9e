"""What is read out of ALSA's own list of clients, which looks like this on a real kernel."""

from __future__ import annotations

from panel.engine.alsa import addresses_of, own_client, without_pools

CLIENTS = """Client info
  cur  clients : 7
  peak clients : 9
  max  clients : 192

Client   0 : "System" [Kernel Legacy]
  Port   0 : "Timer" (Rwe-) [In/Out]
  Port   1 : "Announce" (R-e-) [In]
    Connecting To: 131:0
Client  14 : "Midi Through" [Kernel Legacy]
  Port   0 : "Midi Through Port-0" (RWe-) [In/Out]
Client 128 : "DrumAssist" [User Legacy]
  Port   0 : "DrumAssist" (R-e-) [In]
    Connecting To: 131:0, 132:1
  Output pool :
    Pool size          : 500
    Cells in use       : 0
    Peak cells in use  : 0
    Alloc success      : 0
    Alloc failures     : 0
Client 129 : "DrumAssist out" [User Legacy]
  Port   0 : "DrumAssist" (R-e-) [In]
    Connecting To: 20:0[r:0]
  Output pool :
    Pool size          : 500
    Cells in use       : 0
    Peak cells in use  : 0
    Alloc success      : 0
    Alloc failures     : 0
Client 131 : "FLUID Synth (4711)" [User Legacy]
  Port   0 : "Synth input port (4711:0)" (-We-) [Out]
    Connected From: 0:1, 128:0
  Output pool :
    Pool size          : 500
    Cells in use       : 0
    Peak cells in use  : 0
    Alloc success      : 0
    Alloc failures     : 0
  Input pool :
    Pool size          : 200
    Cells in use       : 0
    Peak cells in use  : 3
    Alloc success      : 4711
    Alloc failures     : 0
Client 132 : "DAW" [User Legacy]
  Port   0 : "in" (-We-) [Out]
  Port   1 : "in" (-We-) [Out]
    Connected From: 128:0
  Input pool :
    Pool size          : 200
    Cells in use       : 0
    Peak cells in use  : 3
    Alloc success      : 4711
    Alloc failures     : 0
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


def test_what_waits_in_the_queues_of_others_is_no_news() -> None:
    later = CLIENTS.replace(": 4711", ": 4712").replace("Cells in use       : 0", "Cells in use       : 12")
    assert later != CLIENTS
    assert without_pools(later.encode()) == without_pools(CLIENTS.encode())
    gone = CLIENTS.replace("    Connecting To: 20:0[r:0]\n", "")
    assert without_pools(gone.encode()) != without_pools(CLIENTS.encode())
    assert own_client(without_pools(CLIENTS.encode()).decode(), "DrumAssist") == own_client(CLIENTS, "DrumAssist")
