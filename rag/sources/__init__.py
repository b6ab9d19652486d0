"""Where files come from: folders, manifests, archives, object stores and addresses, read as a stream of entries.

`opening.open_source` decides what a source is; each reader yields one `entry.Entry` a file. A file or row that is
no use becomes an entry that is skipped with the reason, so one broken line never ends a batch. Nothing is read
before it is asked for, and nothing is kept, so memory does not grow with the library.
"""
