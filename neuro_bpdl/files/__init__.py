"""One reader and one writer for every file format: nothing half-written, nothing believed unread.

`writing` puts bytes in their place, whole or not at all; `locking` says who
owns a folder; `folders` makes new ones; `reading`, `json_file`, `toml_file`,
`arrays` and `npz_file` turn every failure into one of our errors, with the file,
the field, the value and the way out.
"""
