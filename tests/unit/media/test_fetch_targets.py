"""What may be fetched: the form of addresses, and the networks that are never reached."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from rag.errors import UnsupportedMedia
from rag.media.fetch_targets import check_address, checked_url

PORTS = {80, 443}

ODD_URLS = (
    "ftp://pictures.example/a.jpg",
    "file:///etc/passwd",
    "gopher://pictures.example/",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "//pictures.example/a.jpg",
    "/a.jpg",
    "a.jpg",
    "",
    "http://",
    "http:///a.jpg",
    "http:127.0.0.1",
    "http://:80/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://0x/",
    "http://2130706433/",
    "http://134744072/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://8.8.2056/",
    "http://127.0.0.1./",
    "http://pictures.example./a.jpg",
    "http://pictures..example/",
    "http://.pictures.example/",
    "http://1.2.3.4.5/",
    "http://999.1.1.1/",
    "http://08.8.8.8/",
    "http://127。0。0。1。/",
    "http://①②⑦.0.0.1/",
    "http://１２７.0.0.1/",
    "http://ⓛocalhost/",
    "http://xn--a/",
    "http://good@127.0.0.1/",
    "http://good:secret@pictures.example/",
    "http://@pictures.example/",
    "http://127.0.0.1:80@pictures.example/",
    "http://pictures.example:80@127.0.0.1/",
    "http://good%2f@127.0.0.1/",
    "http://127.0.0.1%2f.pictures.example/",
    "http://127.0.0.1%00.pictures.example/",
    "http://good\\@127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://pictures.example\\@127.0.0.1/",
    "http://pictures.example /a.jpg",
    " http://pictures.example/a.jpg",
    "http://pictures.example/a.jpg\r\nX-Injected: 1",
    "http://pictures.example\t/",
    "http://pictures.example/\x00",
    "http://pictures.example:22/",
    "http://pictures.example:6379/",
    "http://pictures.example:0/",
    "http://pictures.example:99999/",
    "http://pictures.example:-80/",
    "http://pictures.example:８０/",
    "http://[::1/",
    "http://[::g]/",
    "http://[fe80::1%25eth0]/",
    "http://" + "a" * 64 + ".example/",
    "http://pictures.example/" + "a" * 9_000,
)


@pytest.mark.parametrize("url", ODD_URLS)
def test_odd_addresses_are_refused_in_one_line(url: str) -> None:
    with pytest.raises(UnsupportedMedia) as caught:
        checked_url(url, PORTS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://pictures.example/a.jpg", "http://pictures.example/a.jpg"),
        ("HTTPS://Pictures.Example:443/a%2fb.jpg?size=2#part", "https://pictures.example/a%2fb.jpg?size=2"),
        ("http://bücher.example/ä.jpg", "http://xn--bcher-kva.example/%C3%A4.jpg"),
        ("http://my_bucket.pictures.example/@user/a@2x.jpg", "http://my_bucket.pictures.example/@user/a@2x.jpg"),
        ("http://8.8.8.8/a.jpg", "http://8.8.8.8/a.jpg"),
        ("http://[2606:4700::1111]/a.jpg", "http://[2606:4700::1111]/a.jpg"),
    ],
)
def test_addresses_that_people_have_are_taken(url: str, asked: str) -> None:
    assert str(checked_url(url, PORTS)).replace("bücher", "xn--bcher-kva") == asked


FORBIDDEN = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:8.8.8.8",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::5efe:10.0.0.1",
    "fec0::1",
    "ff02::1",
)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_that_are_not_of_the_public_internet_are_refused(address: str) -> None:
    with pytest.raises(UnsupportedMedia) as caught:
        check_address(ip_address(address), ())
    assert address not in str(caught.value), "the reason must not map the network"


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "169.253.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_addresses_of_the_public_internet_are_reached(address: str) -> None:
    check_address(ip_address(address), ())


def test_an_operator_may_open_a_network_of_their_own_and_no_other() -> None:
    own = (ip_network("10.1.0.0/16"), ip_network("fd12:3456::/32"))
    check_address(ip_address("10.1.2.3"), own)
    check_address(ip_address("fd12:3456::1"), own)
    for other in ("10.2.0.1", "::ffff:10.1.2.3", "169.254.169.254"):
        with pytest.raises(UnsupportedMedia):
            check_address(ip_address(other), own)
