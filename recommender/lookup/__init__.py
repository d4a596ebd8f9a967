"""What a build is looked up in: records, the rows of ids, neighbours; nothing here costs time to import.

Each is one file, mapped into memory, and every part of it that is read on its own carries its own checksum,
so that no answer waits for the digest of a whole file. A checksum starts from the build's id and from the
place of the part: what is damaged, changed places, or belongs to another build is refused.
"""
