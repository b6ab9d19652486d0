"""What files say of themselves: EXIF, IPTC, XMP. Nothing in here can make a picture unreadable."""
