"""Which addresses nobody is asked at, whatever name led there. Pure."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

METADATA: Final = frozenset(
    ip_address(text) for text in ("100.100.100.200", "168.63.129.16", "fd00:ec2::254")
)
"""Where clouds tell a machine its secrets, besides the link-local address that most of them use."""


def literal_address(host: str) -> Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return unmapped(ip_address(host))
    except ValueError:
        return None


def unmapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, or the address itself."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_off_limits(address: Address) -> bool:
    """Whether the address is link-local, a cloud's metadata, multicast, or no host's at all."""
    address = unmapped(address)
    special = address.is_link_local or address.is_multicast or address.is_unspecified
    return special or address in METADATA
