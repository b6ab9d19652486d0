"""What we own: the catalog (SQL), its migrations, the blobs, and the readers of folders and manifests."""
