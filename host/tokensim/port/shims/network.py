"""network, as far as the firmware uses it: a radio that can be switched on and off."""

import gc

from _simulator import call
from _strict import module, not_simulated, positional

_NAMES = (
    "AP_IF AUTH_MAX AUTH_OPEN AUTH_OWE AUTH_WAPI_PSK AUTH_WEP AUTH_WPA2_ENTERPRISE AUTH_WPA2_PSK"
    " AUTH_WPA2_WPA3_PSK AUTH_WPA3_ENT_192 AUTH_WPA3_EXT_PSK AUTH_WPA3_EXT_PSK_MIXED_MODE"
    " AUTH_WPA3_PSK AUTH_WPA_PSK AUTH_WPA_WPA2_PSK ETH_CONNECTED ETH_DISCONNECTED ETH_GOT_IP"
    " ETH_INITIALIZED ETH_STARTED ETH_STOPPED LAN MODE_11B MODE_11G MODE_11N MODE_LR PHY_DM9051"
    " PHY_DP83848 PHY_IP101 PHY_KSZ8041 PHY_KSZ8081 PHY_KSZ8851SNL PHY_LAN8710 PHY_LAN8720"
    " PHY_RTL8201 PHY_W5500 PPP STAT_ASSOC_FAIL STAT_BEACON_TIMEOUT STAT_CONNECTING STAT_GOT_IP"
    " STAT_HANDSHAKE_TIMEOUT STAT_IDLE STAT_NO_AP_FOUND STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD"
    " STAT_NO_AP_FOUND_IN_RSSI_THRESHOLD STAT_NO_AP_FOUND_W_COMPATIBLE_SECURITY"
    " STAT_WRONG_PASSWORD STA_IF WLAN country hostname ipconfig phy_mode"
)
STA_IF, AP_IF = 0, 1
_made = {}
heap = None  # the module _heap, if MicroPython's heap is limited to the board's


class WLAN:
    """The radio; there is one object for each interface.

    The first one takes memory of ESP-IDF, and raises RuntimeError if there is too little.
    """

    def __new__(cls, interface=STA_IF):
        if interface not in (STA_IF, AP_IF):
            raise ValueError("invalid WLAN interface identifier")
        if not _made:
            gc.collect()  # live memory determines how much is left for it
            try:
                less = call(b"N", gc.mem_alloc().to_bytes(4, "little"))
            except OSError:
                raise RuntimeError("Wifi Unknown Error 0x0101") from None
            if heap is not None:
                heap.lessen(int.from_bytes(less, "little"))
        if interface not in _made:
            _made[interface] = object.__new__(cls)
            _made[interface]._on = False
        return _made[interface]

    def __init__(self, interface=STA_IF):
        pass

    @positional(1, 2)
    def active(self, *on):
        """Switch the radio on or off, or return whether it is on."""
        if on:
            self._on = bool(on[0])
            call(b"n", bytes([self._on]))
        return self._on

    IF_STA, IF_AP = STA_IF, AP_IF
    PM_NONE, PM_PERFORMANCE, PM_POWERSAVE = 0, 1, 2
    SEC_OPEN, SEC_WEP, SEC_WPA, SEC_WPA2, SEC_WPA_WPA2, SEC_WPA2_ENT = range(6)
    SEC_WPA3, SEC_WPA2_WPA3, SEC_WAPI, SEC_OWE = range(6, 10)
    config = connect = disconnect = ifconfig = ipconfig = isconnected = not_simulated
    scan = status = not_simulated


MODULE = module(_NAMES, globals())
